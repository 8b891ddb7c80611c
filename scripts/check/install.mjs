// The installation of the packed packages from a registry, as `npm run check` tries it: on this machine, without compiler,
// Python or another registry. `npm run install-check` tries more. Needs dist.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { checkInstallation } from '../install/check.mjs';
import { serveRegistry } from '../install/registry.mjs';
import { targets } from '../platform/targets.mjs';
import { paths, root } from '../setup/paths.mjs';

const out = join(paths.build, 'install');
if (targets[`${process.platform}-${process.arch}`] === undefined) {
  console.log(`no package is made for ${process.platform}-${process.arch}`);
} else {
  rmSync(out, { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'scripts', 'platform-package.mjs'), '--out', out], { stdio: 'inherit' });
  const registry = await serveRegistry(out);
  try {
    console.log(await checkInstallation({ registry: registry.address }));
  } finally {
    registry.close();
    rmSync(out, { recursive: true, force: true });
  }
}
