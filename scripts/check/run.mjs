import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { SetupFailure } from '../setup/failure.mjs';
import { endOnSignal, openLog } from '../setup/process.mjs';
import { startLine } from '../setup/progress.mjs';
import { add, asOne, atLeastOneFailure, soFar } from './counts.mjs';

const shownLines = 120;
/** So many steps that may run beside others do: more want more memory than small machines have. */
const LANES = 2;
// The output goes to a log, where colours are noise.
const plain = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined };

async function runStep(step, log) {
  if (step.report) {
    mkdirSync(dirname(step.report), { recursive: true });
    rmSync(step.report, { force: true });
  }
  let code = 0;
  for (const [command, ...args] of step.commands) {
    try {
      await log.run(command, args, { env: plain, stdout: step.stdout });
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      log.note(error.message);
      code = 1;
    }
  }
  await log.close();
  if (!step.counts) return { code, counts: asOne(code) };
  try {
    const counts = atLeastOneFailure(step.counts(step.report), code);
    return { code, counts, remark: code === 0 ? step.remark?.() : undefined };
  } catch {
    // The runner crashed before it wrote its report.
    return { code: 1, counts: asOne(1) };
  }
}

function describe({ passed, failed, skipped }) {
  const parts = [`${passed} passed`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (skipped > 0) parts.push(`${skipped} skipped`);
  return parts.join(', ');
}

/** The steps in their order, in groups: neighbours that may run beside each other, or one that runs alone. */
function groupsOf(steps) {
  const groups = [];
  for (const [index, step] of steps.entries()) {
    const isBeside = step.beside === true && steps[index - 1]?.beside === true;
    if (isBeside) groups.at(-1).push({ step, index });
    else groups.push([{ step, index }]);
  }
  return groups;
}

/**
 * Runs all steps, whatever fails, one line each; the output of the first in their order that failed follows at the end.
 * Neighbours with `beside` run two at a time, each with a log of its own; their lines come as they end.
 * @returns {Promise<{ counts: import('./counts.mjs').Counts, ok: boolean }>}
 */
export async function runSteps(steps) {
  endOnSignal('\nInterrupted.');
  const width = Math.max(...steps.map((step) => step.name.length));
  let counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];

  async function take({ step, index }) {
    const log = openLog(`check-${step.name.toLowerCase().replace(/[^a-z]+/g, '-')}`);
    const head = `[${String(index + 1).padStart(2)}/${steps.length}] ${step.name.padEnd(width)}`;
    const line = startLine(head, { news: () => soFar(log.tail(Number.POSITIVE_INFINITY)) });
    const outcome = await runStep(step, log);
    counts = add(counts, outcome.counts);
    if (outcome.code !== 0) failures.push({ step, index, log });
    const what = outcome.code === 0 ? 'ok' : 'FAILED';
    line.end(step.counts ? `${what}, ${describe(outcome.counts)}` : what);
    if (outcome.remark) console.log(outcome.remark);
  }

  for (const group of groupsOf(steps)) {
    const lane = async () => {
      for (let next = group.shift(); next; next = group.shift()) await take(next);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
  failures.sort((one, other) => one.index - other.index);
  const [first, ...others] = failures;
  if (first) {
    console.log(`\n--- ${first.step.name} ---\n${first.log.tail(shownLines)}\n\nThe whole log: ${first.log.path}`);
    for (const { step, log } of others) console.log(`Also failed: ${step.name} (${log.path})`);
  }
  return { counts, ok: failures.length === 0 };
}
