import fc from 'fast-check';
import { core as mx, registry } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { newLayer, on, pythonOptions, pythonPath, type Sample } from './check.ts';
import { differPairs, drawn, outputsOf, type Pairs, score } from './outcome.ts';
import type { LayerRow } from './rows.ts';

const pythonTraining = registry.register<[parameters: Pairs, state: Pairs]>({
  name: 'module_reference.trained_layer',
  python: 'module_reference:trained_layer',
});

const STEPS = 10;

/** Whether layers of the row have parameters that are not frozen. */
export function isTrainable(row: LayerRow): boolean {
  return mx.tidy(() =>
    fc
      .sample(row.options, { numRuns: 5, seed: 1 })
      .some((options) => treeFlatten(newLayer(row, options).trainableParameters()).length > 0),
  );
}

/**
 * Trains a layer on native, on Python, and as Python's own class: ten steps of Adam. Undefined where its parameters and
 * the state of the optimizer agree in every bit, or there is nothing to train.
 */
export function checkTraining(row: LayerRow, { options, inputs, seed }: Sample): string | undefined {
  return mx.tidy(() => {
    mx.random.seed(seed + 1);
    const arrays = inputs.map(drawn);
    if (treeFlatten(newLayer(row, options).trainableParameters()).length === 0) return undefined;
    const run = () => {
      mx.random.seed(seed);
      const layer = newLayer(row, options);
      const optimizer = new optimizers.Adam(0.01);
      const step = nn.valueAndGrad(layer, (...given: unknown[]) => score(outputsOf(layer.forward(...given))));
      for (let i = 0; i < STEPS; i++) {
        optimizer.update(layer, step(...arrays)[1]);
        mx.eval(layer, optimizer.state);
      }
      return [...treeFlatten<mx.Array>(layer.parameters()), ...treeFlatten<mx.Array>(optimizer.state)];
    };
    const python = pythonTraining(pythonPath(row), pythonOptions(options), arrays, STEPS, seed).flat();
    for (const side of ['native', 'python'] as const) {
      const difference = differPairs(on(side, run), python);
      if (difference !== undefined) return `${side}, trained${difference}`;
    }
    return undefined;
  });
}
