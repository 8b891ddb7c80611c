#!/usr/bin/env node
// `npm run sanitize`: builds the addon with AddressSanitizer and UndefinedBehaviorSanitizer in a folder of its own, and
// runs tests and the fuzz on it. Each part ends with the code of its program; the first fault ends a process at once.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runSetUp } from './check/set-up.mjs';
import { SetupFailure } from './setup/failure.mjs';
import { paths, root } from './setup/paths.mjs';
import { capture, endOnSignal, openLog } from './setup/process.mjs';
import { startLine } from './setup/progress.mjs';
import { compileAddon } from './setup/steps/addon.mjs';

const usage = `Usage: npm run sanitize -- [options] [tests]

  --minutes N   minutes of the fuzz, 10 unless given; 0 for none
  --no-tests    only the fuzz
  --help

Tests are files and folders for vitest: native-backend and mlx unless given.`;

const folder = join(paths.build, 'sanitize');
const addon = join(folder, 'mlx_router.node');

async function build() {
  const manifest = JSON.parse(readFileSync(paths.manifest, 'utf8'));
  const options = {
    MLX_WHEEL: join(root, manifest.mlxLibDir, '..'),
    MLX_C_ROOT: paths.mlxC,
    MLX_ROUTER_BLAS: manifest.blasShim === null ? '' : join(root, manifest.blasShim),
    MLX_ROUTER_OUTPUT: addon,
    MLX_ROUTER_SANITIZE: 'ON',
  };
  const log = openLog('sanitize-addon');
  const jobs = Number(process.env.MLX_SETUP_JOBS ?? 2);
  await compileAddon({ options, work: join(folder, 'work'), log, jobs });
  await log.close();
}

/** The run-time library must be there before Node itself, which is not built with it. */
async function preloaded() {
  const compiler = process.env.CXX ?? 'g++';
  const names = ['libasan.so', 'libubsan.so', 'libstdc++.so'];
  const found = await Promise.all(names.map((name) => capture(compiler, [`-print-file-name=${name}`])));
  return found.map(({ stdout }) => stdout.trim()).join(' ');
}

async function environment() {
  const suppressions = join(root, 'scripts', 'sanitize');
  return {
    ...process.env,
    NO_COLOR: '1',
    MLX_ROUTER_ADDON: addon,
    LD_PRELOAD: await preloaded(),
    // Node and Python free nothing at their end. Memory that is refused is an error of MLX's, not a fault of the caller.
    ASAN_OPTIONS: [
      'detect_leaks=0',
      'allocator_may_return_null=1',
      `suppressions=${join(suppressions, 'address.txt')}`,
    ].join(':'),
    UBSAN_OPTIONS: ['print_stacktrace=1', `suppressions=${join(suppressions, 'undefined.txt')}`].join(':'),
  };
}

async function part(name, args, env) {
  const line = startLine(name);
  const log = openLog(`sanitize-${name.replaceAll(' ', '-')}`);
  try {
    await log.run(process.execPath, args, { env });
    line.end('clean');
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    line.end('FAILED');
    console.log(`${log.tail(120)}\n\nThe whole log: ${log.path}`);
    process.exitCode = 1;
  } finally {
    await log.close();
  }
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    allowNegative: true,
    options: {
      minutes: { type: 'string', default: '10' },
      tests: { type: 'boolean', default: true },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }
  endOnSignal('\nInterrupted.');
  if (!runSetUp()) {
    process.exitCode = 1;
    return;
  }
  const line = startLine('addon with sanitizers');
  await build();
  line.end('built');
  const env = await environment();
  const tests = positionals.length > 0 ? positionals : ['native-backend', 'io', 'mlx'];
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  // Slower by a factor of 3 to 10, and so is what the limits of the tests are for.
  if (values.tests) await part('tests', [vitest, 'run', '--testTimeout=300000', '--hookTimeout=300000', ...tests], env);
  const fuzz = ['--import', 'tsx', 'fuzz/main.ts', '--minutes', values.minutes, '--hang-seconds', '120'];
  if (Number(values.minutes) > 0) await part('fuzz', fuzz, env);
}

await main();
