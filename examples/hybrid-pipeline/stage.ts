import { core as mx } from '../../mlx/index.ts';

export type StageName = 'pieces' | 'loops';

/** The classes of `topology.py`, with the signatures that they have there. */
interface Topology {
  lifetimes(cloud: mx.Array): number[];
  lifetimes_of_many(cloud: mx.Array): number[];
}

/** Python's classes, and from which lifetime on something is no noise. */
const STAGES = {
  pieces: { factory: 'topology:Pieces', least: 1, endless: 1 },
  loops: { factory: 'topology:Loops', least: 0.3, endless: 0 },
} as const;

export interface Stage {
  /** The lifetimes of one cloud, by a Python call of its own. */
  readonly alone: (cloud: mx.Array) => Promise<number[]>;
  /** The same by a call that goes together with others. */
  readonly batched: (cloud: mx.Array) => Promise<number[]>;
}

/** The stage that has no port: one object in each Python worker. */
export function openStage(name: StageName, size: number, maxWaitMs: number): Stage {
  const { factory } = STAGES[name];
  const alone = mx.python.keep<Topology>(`${name} one by one`, factory);
  const batched = mx.python.keep<Topology>(name, factory, { batch: { size, maxWaitMs } });
  return {
    alone: (cloud) => alone.lifetimes(cloud),
    // Of all clouds in a batch Python gets the list, and gives the list of their lifetimes.
    batched: (cloud) => batched.lifetimes_of_many(cloud),
  };
}

/** How many circles each cloud has, from the lifetimes of all; a native step again. */
export function countCircles(name: StageName, lifetimes: readonly (readonly number[])[]): number[] {
  const { least, endless } = STAGES[name];
  const long = mx.greater(mx.array(lifetimes), least);
  return (mx.sum(long.astype(mx.int32), 1).add(endless).tolist() as number[]).map(Number);
}
