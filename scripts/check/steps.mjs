import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesBelow } from '../../native-backend/sources.mjs';
import { paths, root } from '../setup/paths.mjs';
import { junitCounts, parityCounts, vitestCounts } from './counts.mjs';
import { limitsReport } from './limits-reporter.mjs';

const reports = join(paths.build, 'reports');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const venv = (name) => join(root, '.venv', 'bin', name);
const node = (...args) => [process.execPath, ...args];
const typescript = (...args) => node('--import', 'tsx', ...args);

const generatedFolders = new Set(['node_modules', 'build', 'dist', 'coverage', 'docs', 'site']);
const rooms = readdirSync(root, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !generatedFolders.has(entry.name))
  .map((entry) => entry.name);

const cppFiles = () =>
  [join(paths.native, 'src'), join(paths.native, 'blas'), join(paths.vendor, 'compat'), join(root, 'bench', 'floor')]
    .flatMap(filesBelow)
    .filter((file) => /\.(cc|h)$/.test(file));

const vitestReport = join(reports, 'vitest.json');
const pytestReport = join(reports, 'pytest.xml');
const parityReport = join(reports, 'parity.json');

/**
 * What `npm run check` and `npm test` run after the set-up, in this order. A step has commands that must all end with
 * code 0; neighbours with `beside` run two at a time, for they only read what git tracks; where it runs tests, `counts` reads how many from the report that it wrote, and `remark` a line
 * for a person, shown where the step is in order.
 */
export const checkSteps = [
  { name: 'format and lint', beside: true, commands: [[bin('biome'), 'check', '--error-on-warnings', '.']] },
  { name: 'file lengths', beside: true, commands: [node('scripts/check/lengths.mjs')] },
  { name: 'architecture', beside: true, commands: [[bin('depcruise'), ...rooms, 'vitest.config.ts']] },
  { name: 'unused files', beside: true, commands: [[bin('knip'), '--no-progress', '--no-config-hints']] },
  { name: 'types', beside: true, commands: [[bin('tsc'), '--noEmit']] },
  { name: 'generated files', beside: true, commands: [typescript('scripts/generate.ts', '--check')] },
  { name: 'C++ format', beside: true, commands: [[venv('clang-format'), '--dry-run', '-Werror', ...cppFiles()]] },
  {
    name: 'Python lint',
    beside: true,
    commands: [
      [venv('ruff'), 'check', '.'],
      [venv('ruff'), 'format', '--check', '.'],
    ],
  },
  { name: 'Python types', beside: true, commands: [[venv('mypy')]] },
  {
    name: 'package',
    beside: true,
    commands: [
      node('scripts/build.mjs', '--noCheck'),
      [bin('publint'), '--strict'],
      node('scripts/check/packed.mjs'),
      node('scripts/check/install.mjs'),
    ],
  },
  {
    name: 'Python tests',
    commands: [[venv('pytest'), `--junitxml=${pytestReport}`]],
    report: pytestReport,
    counts: junitCounts,
  },
  { name: 'way of a call', commands: [typescript('scripts/trace-call.ts')] },
  {
    name: 'tests',
    commands: [
      [
        bin('vitest'),
        'run',
        // On what the step "package" built.
        '--mode',
        'built',
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${vitestReport}`,
        '--reporter=./scripts/check/limits-reporter.mjs',
      ],
    ],
    report: vitestReport,
    counts: vitestCounts,
    remark: () => JSON.parse(readFileSync(limitsReport, 'utf8')).remark,
  },
  {
    name: 'parity',
    commands: [typescript('cli/main.ts', 'parity', '--runs', '20', '--seed', '1', '--json')],
    stdout: parityReport,
    report: parityReport,
    counts: parityCounts,
  },
  {
    // A loaded machine is slow: only what takes minutes counts as a hang here.
    name: 'fuzz',
    commands: [typescript('fuzz/main.ts', '--minutes', '0.5', '--seed', '1', '--hang-seconds', '120', '--no-remember')],
  },
];
