#!/usr/bin/env node
// `npm run stress:threads`: whether threads ever touch one array at the same time while an evaluation is under way, as
// helgrind sees it. The same program done wrong must be found, or the check would prove nothing.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths, root } from './setup/paths.mjs';

const ROUNDS = '60';
const sources = [
  'evaluation/in_flight',
  'files/reader',
  'workarounds/stream_errors',
  'workarounds/failed_evaluations',
  'workarounds/failed_reads',
].map((name) => join(paths.native, 'src', `${name}.cc`));
const manifest = JSON.parse(readFileSync(paths.manifest, 'utf8'));
const libraries = join(root, manifest.mlxLibDir);
const folder = join(paths.build, 'stress');
const program = join(folder, 'evaluation');

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error?.code === 'ENOENT') throw new Error(`${command} is missing: install it with your system's packages`);
  if (status !== 0) throw new Error(`${command} ended with ${status}`);
}

/** How many places helgrind found where threads get at an array that another one waits for. */
function races(mode) {
  const log = join(folder, `helgrind-${mode}.log`);
  const tool = ['--tool=helgrind', '--history-level=approx', '--error-limit=no', `--log-file=${log}`];
  run('valgrind', [...tool, program, ROUNDS, mode]);
  const reports = readFileSync(log, 'utf8').split(/==\d+== -{20,}/);
  return reports.filter((report) => /data race/.test(report) && /array::wait|InFlight::run|Event/.test(report)).length;
}

mkdirSync(folder, { recursive: true });
const headers = [
  join(manifest.mlxCInclude),
  join(libraries, '..', 'include'),
  join('node_modules', 'node-api-headers', 'include'),
];
const archive = readdirSync(join(paths.mlxC, 'lib')).find((name) => name.endsWith('.a'));
run(
  process.env.CXX ?? 'c++',
  [
    ...['-std=c++20', '-O1', '-g', '-Wall', '-Wextra', `-I${join(paths.native, 'src')}`],
    ...headers.flatMap((path) => ['-isystem', path]),
    join(paths.native, 'stress', 'evaluation.cc'),
    ...sources,
    ...[join(paths.mlxC, 'lib', archive), `-L${libraries}`, '-lmlx', `-Wl,-rpath,${libraries}`, '-o', program],
  ],
  { cwd: root },
);

const wrong = races('arrays');
const right = races('events');
console.log(`waiting for the arrays themselves: ${wrong} races (there have to be some)`);
console.log(`as the addon waits: ${right} races (there must be none)`);
process.exitCode = wrong > 0 && right === 0 ? 0 : 1;
