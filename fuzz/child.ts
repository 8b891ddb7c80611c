// A process that is attacked. What it is about to do stands in the journal, which is read where the process ends in it.

import { shutdown } from '../mlx/index.ts';
import { JournalWriter } from '../parity-tests/journal.ts';
import { addTally, emptyTally, type Fault, type Steps, type Tally } from './attack.ts';
import { draw } from './draw.ts';
import { runSteps } from './run.ts';
import { scope } from './scope.ts';

/** Programs to run: those of the seeds from `first`, or one that is given. */
export type Task = { readonly first: number; readonly count: number } | { readonly steps: Steps };

export interface Found extends Fault {
  readonly steps: Steps;
  readonly at: number;
}

export interface Done {
  readonly tally: Tally;
  readonly found: readonly Found[];
  readonly thrown: readonly (string | undefined)[];
}

/** The step under way, and what was done before it since the task began. */
export interface Entry {
  readonly seed: number;
  readonly steps: Steps;
  readonly at: number;
  readonly tally: Tally;
  readonly found: readonly Found[];
}

const journal = new JournalWriter<Entry>(process.argv[2]!);

async function work(task: Task): Promise<Done> {
  const tally = emptyTally();
  const found: Found[] = [];
  let thrown: Done['thrown'] = [];
  const [first, count] = 'steps' in task ? [0, 1] : [task.first, task.count];
  for (let seed = first; seed < first + count; seed++) {
    const steps = 'steps' in task ? task.steps : draw(seed);
    const result = await runSteps(steps, { onStep: (at) => journal.write({ seed, steps, at, tally, found }) });
    addTally(tally, result.tally);
    thrown = result.thrown;
    found.push(...result.faults.map((fault) => ({ ...fault, steps })));
    if (seed % 20 === 0) scope.gc();
  }
  return { tally, found, thrown };
}

process.on('message', (task: Task) => {
  void work(task).then((done) => process.send?.(done));
});
process.on('disconnect', () => {
  void shutdown().finally(() => process.exit());
});
process.send?.('ready');
