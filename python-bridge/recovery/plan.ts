import type { PythonWorker } from '../requests/call.ts';
import { forEachOrigin, howOf, Leaf, Lost, type Origin, Step } from './origin.ts';

/** What has to happen in a worker so that tensors are there again. */
export interface Plan {
  /** Values to be brought and calls to be repeated, each behind what it needs. */
  readonly order: readonly (Origin | Step)[];
  /** Of those to be brought: their values are in another worker. */
  readonly foreign: readonly Origin[];
  /** Which results of a step are needed. */
  readonly outputs: ReadonlyMap<Step, readonly Origin[]>;
  /** How often steps of the plan need it. */
  readonly uses: Map<Origin, number>;
  /** What cannot be made, and why. */
  readonly broken: ReadonlyMap<Origin | Step, Lost>;
}

/** Plans how these come to be in the worker; what is there already is taken as it is. */
export function planFor(targets: Iterable<Origin>, worker: PythonWorker): Plan {
  const order: (Origin | Step)[] = [];
  const foreign: Origin[] = [];
  const outputs = new Map<Step, Origin[]>();
  const uses = new Map<Origin, number>();
  const broken = new Map<Origin | Step, Lost>();
  const seen = new Set<Origin | Step>();
  const todo: (Origin | Step)[] = [...targets];
  const isFinished = new Set<Step>();

  const visit = (origin: Origin): void => {
    if (seen.has(origin)) return;
    const holder = origin.tensor?.holder;
    if (holder === worker) {
      seen.add(origin);
    } else if (holder !== undefined && holder.exit === null) {
      seen.add(origin);
      foreign.push(origin);
      order.push(origin);
    } else {
      visitMissing(origin, howOf(origin));
    }
  };

  const visitMissing = (origin: Origin, how: Leaf | Step | Lost): void => {
    if (how instanceof Leaf) {
      seen.add(origin);
      order.push(origin);
    } else if (how instanceof Lost) {
      seen.add(origin);
      broken.set(origin, how);
    } else if (isFinished.has(how)) {
      seen.add(origin);
      const reason = broken.get(how);
      if (reason !== undefined) broken.set(origin, reason);
      else outputs.get(how)?.push(origin);
    } else {
      // Once more when its step is planned.
      todo.push(origin, how);
    }
  };

  const visitStep = (step: Step): void => {
    if (isFinished.has(step)) return;
    if (!seen.has(step)) {
      seen.add(step);
      todo.push(step);
      forEachOrigin(step.args, (parent) => {
        if (!seen.has(parent)) todo.push(parent);
      });
      return;
    }
    isFinished.add(step);
    let reason = step.failure ?? undefined;
    forEachOrigin(step.args, (parent) => {
      reason ??= broken.get(parent);
    });
    if (reason !== undefined) {
      broken.set(step, reason);
      return;
    }
    forEachOrigin(step.args, (parent) => uses.set(parent, (uses.get(parent) ?? 0) + 1));
    outputs.set(step, []);
    order.push(step);
  };

  // In a loop: a lineage may be longer than the stack is deep.
  for (let next = todo.pop(); next !== undefined; next = todo.pop()) {
    if (next instanceof Step) visitStep(next);
    else visit(next);
  }
  return { order, foreign, outputs, uses, broken };
}
