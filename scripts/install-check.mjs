#!/usr/bin/env node
// `npm run install-check`: the installation of the packed packages in more surroundings than `npm run check` tries. Packs
// them, serves them from a registry on this machine, and installs them on this system; in the root of each other system
// that `--system` names, or that `--suite` has debootstrap make (as root); and with the tools of `--with`.
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checkInstallation } from './install/check.mjs';
import { serveRegistry } from './install/registry.mjs';
import { surroundings } from './install/surroundings.mjs';
import { paths, root } from './setup/paths.mjs';

const { values } = parseArgs({
  options: {
    system: { type: 'string', multiple: true, default: [] },
    suite: { type: 'string', multiple: true, default: [] },
    with: { type: 'string', multiple: true, default: Object.keys(surroundings) },
    packed: { type: 'string' },
    registry: { type: 'string' },
    // The machine is quiet, so that the time on this system counts.
    timed: { type: 'boolean', default: false },
  },
});

const out = resolve(values.packed ?? join(paths.build, 'install'));
if (values.packed === undefined && values.registry === undefined) {
  rmSync(out, { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'scripts', 'platform-package.mjs'), '--out', out], { stdio: 'inherit' });
}

/** The root of a Debian of that name, with the C++ library that Node.js needs. */
function debian(suite) {
  const folder = join(paths.build, 'systems', suite);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  execFileSync('debootstrap', ['--variant=minbase', '--include=libstdc++6', suite, folder], { stdio: 'ignore' });
  return folder;
}

const registry = values.registry ? { address: values.registry, close() {} } : await serveRegistry(out);
let failed = false;
async function attempt(name, work) {
  try {
    console.log(`${name}: ${await work()}`);
  } catch (error) {
    failed = true;
    console.error(`${name}: ${error.message}`);
  }
}
try {
  await attempt('here', () => checkInstallation({ registry: registry.address, timed: values.timed }));
  const systems = [...values.system.map((folder) => resolve(folder)), ...values.suite.map(debian)];
  for (const system of systems) {
    await attempt(system, () => checkInstallation({ registry: registry.address, system }));
  }
  for (const name of values.with.filter((one) => one !== 'none')) {
    const then = surroundings[name];
    if (then === undefined) throw new Error(`--with knows ${Object.keys(surroundings).join(', ')}, not ${name}`);
    await attempt(name, () => checkInstallation({ registry: registry.address, then }));
  }
} finally {
  registry.close();
}
process.exitCode = failed ? 1 : 0;
