import { core as mx } from '../../mlx/index.ts';
import { slicedWasserstein, stackOf } from './operations.ts';
import { DIMENSIONS } from './pipeline.ts';
import type { Experiment, Store } from './store.ts';

export interface Check {
  readonly name: string;
  readonly passed: boolean;
}

/** Whether Python gives the distances that are stored, bit for bit, and whether nothing is missing. */
export function checksOf(store: Store, experiment: Experiment): Check[] {
  const { plan, runs } = experiment;
  const same = plan.embedders.every((model) =>
    DIMENSIONS.every((dimension) => {
      const pairs = runs.map((run) => (store.diagrams(run, model)[dimension] as { pairs: mx.Array }).pairs);
      const stack = stackOf(pairs);
      const distances = mx.withImplementation('python', () =>
        slicedWasserstein(mx.expandDims(stack, 1), mx.expandDims(stack, 0)),
      );
      return String(distances.tolist()) === String(store.distances(experiment, model, dimension));
    }),
  );
  const whole = runs.every((run) => store.texts(run).length === plan.steps);
  const labelled = plan.embedders.every((it) => store.clusters(experiment, it).length === runs.length * plan.steps);
  return [
    { name: `distances of ${runs.length} × ${runs.length} runs: the same bits natively and in Python`, passed: same },
    { name: `every run has its ${plan.steps} texts, and every text its cluster`, passed: whole && labelled },
  ];
}
