#!/usr/bin/env node
// Makes a checkout ready to run: npm packages, Python environment, mlx-c, BLAS shim, native addon. Plain Node without
// packages, because it runs before there are any. Steps whose inputs did not change are skipped.
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { SetupFailure } from './setup/failure.mjs';
import { takeLock } from './setup/lock.mjs';
import { writeManifest } from './setup/manifest.mjs';
import { setUpCommand } from './setup/paths.mjs';
import { endOnSignal, openLog } from './setup/process.mjs';
import { seconds, startLine } from './setup/progress.mjs';
import { clearStamp, hashInputs, readStamp, writeStamp } from './setup/stamps.mjs';
import { addon } from './setup/steps/addon.mjs';
import { blas } from './setup/steps/blas.mjs';
import { mlxCBuild } from './setup/steps/mlx-c-build.mjs';
import { mlxCSource } from './setup/steps/mlx-c-source.mjs';
import { packages } from './setup/steps/packages.mjs';
import { python } from './setup/steps/python.mjs';
import { worker } from './setup/steps/worker.mjs';
import { finders } from './setup/tools.mjs';

// In this order: a step may use the result of every step before it, under the key given here.
const steps = { packages, python, worker, mlxCSource, mlxC: mlxCBuild, blas, addon };
const names = Object.values(steps).map((step) => step.name);
const total = names.length + 1;

const usage = `Usage: ${setUpCommand('[options]')}

  --force        do every step again
  --only STEP    do this step again (${names.join(', ')})
  --quiet        print only the steps that have something to do
  --help

Environment: PYTHON (interpreter), CXX (compiler), MLX_C_SOURCE (a checkout of mlx-c), MLX_SETUP_DEVICE (cpu, cuda,
metal), MLX_SETUP_JOBS (parallel compilers, 2 unless set).`;

const knownOptions = {
  force: { type: 'boolean' },
  only: { type: 'string' },
  quiet: { type: 'boolean' },
  help: { type: 'boolean' },
};

function readOptions() {
  let values;
  try {
    values = parseArgs({ options: knownOptions }).values;
  } catch (error) {
    throw new SetupFailure(error.message, setUpCommand('--help'));
  }
  if (values.only !== undefined && !names.includes(values.only)) {
    throw new SetupFailure(`there is no step "${values.only}"`, `one of: ${names.join(', ')}`);
  }
  const jobs = Number(process.env.MLX_SETUP_JOBS ?? 2);
  if (!Number.isInteger(jobs) || jobs < 1) {
    throw new SetupFailure(`MLX_SETUP_JOBS is "${process.env.MLX_SETUP_JOBS}"`, 'set it to a positive integer');
  }
  return { force: false, quiet: false, help: false, ...values, jobs };
}

const width = Math.max(...Object.values(steps).map((step) => step.title.length), 'tools'.length);
const head = (index, title) => `[${index}/${total}] ${title.padEnd(width)}`;

/** What an earlier run left, if the step's inputs are the same and its results are still there. */
function earlierResult(step, hash) {
  const result = readStamp(step.name, hash);
  if (result !== undefined && step.done(result)) return result;
  return step.adopt?.();
}

/** Finds the tools of every step from the first one that has work to do; the others need none. */
async function findTools(context, options) {
  const needed = new Set(['node']);
  let stale = options.force;
  for (const [key, step] of Object.entries(steps)) {
    if (!stale) {
      const result = earlierResult(step, hashInputs(await step.inputs(context)));
      stale = result === undefined;
      context[key] = result;
    }
    if (stale || options.only === step.name) for (const tool of step.tools) needed.add(tool);
  }
  const found = await Promise.allSettled([...needed].map((tool) => finders[tool]()));
  const failures = found.filter((one) => one.status === 'rejected').map((one) => one.reason);
  if (failures.length > 0) {
    const lines = failures.map((failure) => `${failure.message}\n    ${failure.repair ?? failure.stack}`);
    throw new SetupFailure(lines.join('\n  '), 'then run this again: it goes on where it stopped');
  }
  context.tools = Object.fromEntries([...needed].map((tool, index) => [tool, found[index].value]));
  return [...needed].map((tool) => `${tool} ${context.tools[tool].version}`).join(', ');
}

async function runStep(key, index, context, options) {
  const step = steps[key];
  const forced = options.force || options.only === step.name;
  const hash = hashInputs(await step.inputs(context));
  const earlier = forced ? undefined : earlierResult(step, hash);
  if (earlier !== undefined) {
    context[key] = earlier;
    const what = [step.describe(earlier), 'ready'].filter(Boolean).join(', ');
    if (!options.quiet) startLine(head(index, step.title)).end(what, { timed: false });
    return;
  }
  const line = startLine(head(index, step.title));
  const log = openLog(step.name);
  line.doing(step.doing);
  // Removed before the work starts, so that an interrupted step is never taken for a finished one.
  clearStamp(step.name);
  try {
    context[key] = await step.run({ context, log, jobs: options.jobs, force: forced });
    await log.close();
  } catch (error) {
    await log.close();
    line.end('failed');
    if (error instanceof SetupFailure) error.log = log;
    throw error;
  }
  // The hash of before: an input that changed meanwhile makes the step run again next time.
  writeStamp(step.name, hash, context[key]);
  line.end(step.describe(context[key]));
}

let releaseLock = () => {};

async function main() {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
    return;
  }
  const started = performance.now();
  releaseLock = await takeLock((pid) => console.log(`Waiting for another set-up of this checkout (process ${pid}) …`));
  const context = {};
  const line = options.quiet ? undefined : startLine(head(1, 'tools'));
  let tools;
  try {
    tools = await findTools(context, options);
  } catch (error) {
    line?.end('failed', { timed: false });
    throw error;
  }
  line?.end(tools, { timed: false });
  for (const [index, key] of Object.keys(steps).entries()) await runStep(key, index + 2, context, options);
  writeManifest(context);
  if (!options.quiet) console.log(`Ready in ${seconds(started)}.`);
}

// The lock stays: it names to the next set-up the programs to wait for.
endOnSignal('\nInterrupted. Run it again to go on.');

function explain(error) {
  if (!(error instanceof SetupFailure)) throw error;
  const tail = error.log?.tail(25);
  if (tail) console.error(`\n${tail}\n\nThe whole log: ${error.log.path}`);
  console.error(`\nSet-up failed: ${error.message}`);
  if (error.repair) console.error(`  ${error.repair}`);
  process.exitCode = 1;
}

main()
  .catch(explain)
  .finally(() => releaseLock());
