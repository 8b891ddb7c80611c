// `npm run upgrade-mlx -- VERSION`: what another version of MLX brings, and whether the pins can be moved to it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { execaSync } from 'execa';
import { MLX_VERSION } from '../foundation/system/pins.ts';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { qualifiedName } from '../registry/operation.ts';
import { paths, root, shown } from './setup/paths.mjs';
import { compileAddonSources } from './upgrade/addon.ts';
import { describeWheel, faultsGone, installWheel, upgradeFolder } from './upgrade/installed.ts';
import { buildMlxC, missingSymbols, newestMlxC } from './upgrade/native.ts';
import { movePins } from './upgrade/pins.ts';
import { type Findings, obstacles, reportPage } from './upgrade/report.ts';
import { difference } from './upgrade/surfaces.ts';

const usage = `Usage: npm run upgrade-mlx -- VERSION [options]

Installs that MLX apart, compares names and signatures with the pinned one's, builds the newest mlx-c and the addon's
sources against its headers, and writes a report. The pins stay unless --apply is given.

  --apply        move the pins, set up, generate and run every check, unless something stands in the way
  --force        with --apply: move them all the same
  --report FILE  where the report goes (build/upgrade/VERSION/report.md)

Exit codes: 0 nothing stands in the way, 1 something does, 2 the command line is wrong.`;

const options = {
  apply: { type: 'boolean', default: false },
  force: { type: 'boolean', default: false },
  report: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

function readOptions() {
  try {
    return parseArgs({ options, allowPositionals: true });
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    process.exit(2);
  }
}

/** Sets up with the moved pins and runs everything; gives how it ended, in words. */
function runChecks(): string {
  const steps = [
    ['--import', 'tsx', 'scripts/lock-python.ts'],
    ['scripts/setup.mjs'],
    ['--import', 'tsx', 'scripts/generate.ts'],
    ['scripts/check.mjs'],
  ] as const;
  for (const step of steps) {
    const { exitCode } = execaSync(process.execPath, step, { cwd: root, stdio: 'inherit', reject: false });
    if (exitCode !== 0) return `\`node ${step.join(' ')}\` ended with ${exitCode}: its logs are in \`build/logs\`.`;
  }
  return 'The set-up, the generated files and every check are in order.';
}

const { values, positionals } = readOptions();
const [version, ...surplus] = positionals;
if (values.help) {
  console.log(usage);
  process.exit(0);
}
if (version === undefined || surplus.length > 0 || !/^\d+\.\d+\.\d+$/.test(version)) {
  console.error(`expected one version, such as 0.32.4, received "${positionals.join(' ')}"\n\n${usage}`);
  process.exit(2);
}

const { device, mlxLibDir } = JSON.parse(readFileSync(paths.manifest, 'utf8')) as { device: string; mlxLibDir: string };
const folder = upgradeFolder(version);
console.log(`Installing MLX ${version} into ${shown(folder)} …`);
const site = installWheel(version, device);
const wheel = join(site, 'mlx');
console.log(`Comparing it with ${MLX_VERSION} …`);
const before = describeWheel(resolve(root, mlxLibDir, '..', '..'));
const after = describeWheel(site);
const mlxC = newestMlxC(folder);
console.log(`Building mlx-c ${mlxC.version} against its headers …`);
const mlxCErrors = buildMlxC(mlxC, wheel, join(folder, 'mlx-c'));
console.log('Reading the addon with its headers, and trying the known faults …');
const findings: Findings = {
  before,
  after,
  surface: difference(before, after),
  inCatalogue: new Set(CATALOGUE.map(qualifiedName)),
  mlxC,
  mlxCErrors,
  addonErrors: await compileAddonSources(wheel),
  missingSymbols: missingSymbols(wheel),
  faultsGone: faultsGone(site),
};
const inTheWay = obstacles(findings);
let checks: string | undefined;
if (values.apply && (inTheWay.length === 0 || values.force)) {
  console.log(`Moved the pins in ${movePins(version, mlxC).join(', ')}`);
  // The lock names the crate by its checksum.
  execaSync('cargo', ['update', '--manifest-path', join(paths.vendor, 'Cargo.toml')], { stdio: 'inherit' });
  checks = runChecks();
}
const report = resolve(values.report ?? join(folder, 'report.md'));
mkdirSync(dirname(report), { recursive: true });
writeFileSync(report, reportPage(checks === undefined ? findings : { ...findings, checks }));
const { added, removed, changed } = findings.surface;
console.log(`${added.length} names are new, ${removed.length} are gone, ${changed.length} signatures changed.`);
console.log(inTheWay.length === 0 ? 'Nothing stands in the way.' : `In the way: ${inTheWay.join('; ')}.`);
console.log(`The report: ${shown(report)}`);
process.exitCode = inTheWay.length === 0 && (checks === undefined || checks.startsWith('The set-up')) ? 0 : 1;
