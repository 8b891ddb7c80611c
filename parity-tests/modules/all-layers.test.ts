import { existsSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, registry, shutdown } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { findReference, newLayer, pythonOptions, pythonPath } from './check.ts';
import { withFiles } from './files.ts';
import { differAny, drawn, type Layer, outputsOf } from './outcome.ts';
import { LAYERS } from './rows.ts';

type Tensor = mx.Array;
type Inputs = readonly (Tensor | null)[];

findReference();
afterAll(() => shutdown());

const pythonOutputs = registry.register<{ names: string[]; outputs: Tensor[][] }>({
  name: 'module_reference.all_layers',
  python: 'module_reference:all_layers',
});

/** Two drawings for each row, so that most layers are there with and without what they may leave out. */
const PARTS = LAYERS.flatMap((row, i) =>
  fc
    .sample(
      row.options.chain((options) => row.inputs(options).map((inputs) => ({ options, inputs }))),
      { numRuns: 2, seed: 20261129 + i },
    )
    .map(({ options, inputs }, n) => ({ row, path: pythonPath(row), options, inputs, name: `${row.name}${i}_${n}` })),
);

/** A model of every layer; each has an input of its own. */
class Everything extends nn.Module {
  layers: Record<string, Layer> = Object.fromEntries(
    PARTS.map(({ name, row, options }) => [name, newLayer(row, options)]),
  );

  override forward(inputs: readonly Inputs[]): Tensor[][] {
    return PARTS.map(({ name }, i) => outputsOf((this.layers[name] as Layer).forward(...(inputs[i] as Inputs))));
  }
}

const SEED = 11;

describe('a model of every layer', () => {
  mx.random.seed(3);
  const inputs = PARTS.map((part) => part.inputs.map(drawn));
  const descriptions = PARTS.map(({ name, path, options }) => [name, path, pythonOptions(options)]);

  it('has all rows, and weights in most of them', () => {
    const names = treeFlatten(new Everything().parameters()).map(([path]) => path.split('.')[1]);
    expect(new Set(PARTS.map(({ row }) => row)).size).toBe(LAYERS.length);
    expect(new Set(names).size).toBeGreaterThan(60);
  });

  it.each(['safetensors', 'npz'])(
    'is saved here and loaded strictly in Python, and the other way round: .%s',
    (ending) => {
      withFiles((here, there) => {
        const [ours, theirs] = [here, there].map((file) => file.replace('safetensors', ending)) as [string, string];
        mx.random.seed(SEED);
        const model = new Everything();
        model.saveWeights(ours);
        const python = pythonOutputs(descriptions, ours, theirs, inputs, SEED);
        expect(python.names).toEqual(treeFlatten(model.parameters()).map(([path]) => path));

        model.eval();
        mx.random.seed(SEED);
        expect(differAny(model.forward(inputs).flat(), python.outputs.flat())).toBe(undefined);

        expect(existsSync(theirs)).toBe(true);
        mx.random.seed(SEED + 1);
        const loaded = new Everything().loadWeights(theirs, { strict: true }).eval();
        mx.random.seed(SEED);
        expect(differAny((loaded as Everything).forward(inputs).flat(), python.outputs.flat())).toBe(undefined);
      });
    },
  );

  it('has other outputs where a weight is another', () => {
    mx.random.seed(SEED);
    const model = new Everything().eval();
    const before = model.forward(inputs).flat();
    const linear = PARTS.find(({ row }) => row.name === 'Linear')?.name as string;
    (model.layers[linear] as unknown as nn.Linear).weight = mx.zerosLike(
      (model.layers[linear] as unknown as nn.Linear).weight,
    );
    expect(differAny(model.forward(inputs).flat(), before)).toMatch(/^array \d+: /);
  });
});
