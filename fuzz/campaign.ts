import { addTally, emptyTally, type Fault, type Side, type Steps, type Tally } from './attack.ts';
import type { Remembered } from './corpus.ts';
import { type Limits, type Outcome, Runner } from './runner.ts';
import { shrink } from './shrink.ts';

export interface Plan extends Limits {
  readonly seed: number;
  /** How long programs are drawn, after the corpus has been run. */
  readonly drawMs: number;
  /** How long faults may be made smaller, all of them together. */
  readonly shrinkMs: number;
  readonly sides: readonly Side[];
  readonly processes: number;
  readonly corpus: readonly Remembered[];
  readonly onFault?: (fault: FoundFault) => void;
}

export interface FoundFault extends Fault {
  readonly side: Side;
  /** As small as it was made. */
  readonly steps: Steps;
  /** The step under way when it was found; of an unhandled rejection the last one. */
  readonly at: number;
  /** How often it was seen. */
  times: number;
  /** Whether it was seen again when it was run alone; undefined where the time was up. */
  repeats: boolean | undefined;
}

export interface Result {
  readonly tally: Tally;
  readonly faults: readonly FoundFault[];
  /** Bytes of the largest process. */
  readonly peak: number;
  readonly seconds: number;
}

/** Programs between two answers of a process. */
const BATCH = 25;

/** What is found, each fault once however often it is seen. */
class Findings {
  readonly tally = emptyTally();
  readonly faults = new Map<string, FoundFault>();
  readonly #onFault: Plan['onFault'];

  constructor(onFault: Plan['onFault']) {
    this.#onFault = onFault;
  }

  take(side: Side, { tally, found }: Outcome): void {
    addTally(this.tally, tally);
    for (const fault of found) {
      const known = this.faults.get(fault.signature);
      if (known !== undefined) {
        known.times++;
        continue;
      }
      const fresh: FoundFault = { ...fault, side, times: 1, repeats: undefined };
      this.faults.set(fault.signature, fresh);
      this.#onFault?.(fresh);
    }
  }
}

/** Runs what once failed, then draws programs until the time is up, then makes smaller what was found. */
export async function attack(plan: Plan): Promise<Result> {
  const started = performance.now();
  const findings = new Findings(plan.onFault);
  const runners: Runner[] = [];
  const open = (side: Side): Runner => {
    const runner = new Runner(side, plan);
    runners.push(runner);
    return runner;
  };
  try {
    await Promise.all(
      plan.sides.map(async (side) => {
        const runner = open(side);
        for (const { steps } of plan.corpus) findings.take(side, await runner.run({ steps }));
        await runner.close();
      }),
    );
    const end = performance.now() + plan.drawMs;
    let next = plan.seed * 1e6;
    await Promise.all(
      Array.from({ length: plan.processes }, async (_, i) => {
        const side = plan.sides[i % plan.sides.length]!;
        const runner = open(side);
        while (performance.now() < end) {
          let first = next;
          next += BATCH;
          const last = next;
          while (first < last && performance.now() < end) {
            const outcome = await runner.run({ first, count: last - first });
            findings.take(side, outcome);
            first = outcome.endedAt === undefined ? last : outcome.endedAt + 1;
          }
        }
        await runner.close();
      }),
    );
    const faults = await smaller([...findings.faults.values()], plan, open);
    const peak = Math.max(...runners.map((runner) => runner.peak));
    return { tally: findings.tally, faults, peak, seconds: (performance.now() - started) / 1000 };
  } finally {
    await Promise.all(runners.map((runner) => runner.close()));
  }
}

/** The step itself, if it needs none of the others. */
async function alone({ steps, at }: FoundFault, hasFault: (steps: Steps) => Promise<boolean>): Promise<Steps> {
  const only = steps.slice(at, at + 1);
  return only.length === 1 && steps.length > 1 && (await hasFault(only)) ? only : steps;
}

/** Hangs last: each try of one takes as long as a step may. */
const byTime = (one: FoundFault, other: FoundFault): number =>
  Number(one.kind === 'hang') - Number(other.kind === 'hang');

async function smaller(faults: readonly FoundFault[], plan: Plan, open: (side: Side) => Runner): Promise<FoundFault[]> {
  const end = performance.now() + plan.shrinkMs;
  const shrunk: FoundFault[] = [];
  for (const [i, fault] of [...faults].sort(byTime).entries()) {
    // Each has a fair share of the time that is left.
    const until = performance.now() + Math.max(0, end - performance.now()) / (faults.length - i);
    const runner = open(fault.side);
    shrunk.push({ ...fault, ...(await smallest(fault, runner, () => performance.now() >= until)) });
    await runner.close();
  }
  return shrunk;
}

/** What depends on the moment may take some tries. */
const TRIES = 3;

async function smallest(
  fault: FoundFault,
  runner: Runner,
  isTimeUp: () => boolean,
): Promise<{ steps: Steps; repeats: boolean | undefined }> {
  const hasFault = async (steps: Steps): Promise<boolean> => {
    const { found } = await runner.run({ steps });
    return found.some(
      ({ kind, signature }) => kind === fault.kind && (kind === 'crash' || signature === fault.signature),
    );
  };
  for (let tries = 0; tries < TRIES; tries++) {
    if (isTimeUp()) return { steps: fault.steps, repeats: undefined };
    if (await hasFault(fault.steps)) {
      return { steps: await shrink(await alone(fault, hasFault), hasFault, isTimeUp), repeats: true };
    }
  }
  return { steps: fault.steps, repeats: false };
}
