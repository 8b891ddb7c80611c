import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { configure, core as mx, registry } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { snakeCase } from '../../registry/naming.ts';
import { withFiles } from './files.ts';
import {
  type Conditions,
  differAny,
  difference,
  drawn,
  type Layer,
  type Outcome,
  outcomeOf,
  outputsOf,
} from './outcome.ts';
import type { InputSpec, LayerRow, Options } from './rows.ts';

type Tensor = mx.Array;

const reference = registry.register<Outcome>({
  name: 'module_reference.layer',
  python: 'module_reference:layer',
});

/** Lets workers find Python's side of these tests. Before the first worker starts. */
export function findReference(): void {
  configure({ pythonModules: ['module_reference'], pythonFolders: [join(packageRoot(), 'python')] });
}

export function pythonOptions(options: Options): Options {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]));
}

/** The layer of a row, with these options. */
export function newLayer({ name, make }: LayerRow, options: Options): Layer {
  if (make !== undefined) return make(options) as Layer;
  const Class = (nn as unknown as Record<string, new (options: Options) => Layer>)[name];
  if (Class === undefined) throw new Error(`nn has no ${name}`);
  return new Class(options);
}

/** What makes it in Python: a path that `module_reference.find` knows. */
export function pythonPath({ name, python }: { readonly name: string; readonly python?: string }): string {
  return python ?? `nn.${name}`;
}

export interface Sample extends Conditions {
  readonly options: Options;
  readonly inputs: readonly (InputSpec | null)[];
}

export function samples(row: LayerRow): fc.Arbitrary<Sample> {
  return row.options.chain((options) =>
    fc.record({
      options: fc.constant(options),
      inputs: row.inputs(options),
      seed: fc.nat(1_000_000),
      training: row.evaluationOnly === true ? fc.constant(false) : fc.boolean(),
      gradients: fc.constant(row.evaluationOnly !== true),
    }),
  );
}

/** Runs on one side, and on Python in as few messages as can be. */
export function on<T>(side: 'native' | 'python', run: () => T): T {
  return mx.withImplementation(side, side === 'python' ? () => mx.pipeline(run) : run);
}

/**
 * Runs a layer on native, on Python, and as Python's own class, which takes its weights from a file that was written here
 * and writes them to one that is read here. Undefined where all agree in every bit.
 */
export function checkLayer(
  row: LayerRow,
  sample: Sample,
  make: () => nn.Module = () => newLayer(row, sample.options),
): string | undefined {
  const run = (inputs: readonly (Tensor | null)[]) => outcomeOf(make as () => Layer, sample, inputs);
  const check = (here: string, there: string) => {
    mx.random.seed(sample.seed + 1);
    const inputs = sample.inputs.map(drawn);
    const native = on('native', () => {
      mx.random.seed(sample.seed);
      const layer = make();
      if (treeFlatten(layer.parameters()).length > 0) layer.saveWeights(here);
      return run(inputs);
    });
    const options = pythonOptions(sample.options);
    const { training, seed, gradients = true } = sample;
    const own = reference(pythonPath(row), options, here, there, inputs, training, seed, gradients);
    const found = difference(native, own);
    if (found !== undefined) return `native and Python's own: ${found}`;
    const python = on('python', () => run(inputs));
    const between = difference(native, python);
    if (between !== undefined) return `native and python: ${between}`;
    if (native.initial.length === 0) return existsSync(there) ? 'Python has weights' : undefined;
    const loaded = on('native', () => {
      mx.random.seed(sample.seed + 2);
      const layer = make() as Layer;
      layer.loadWeights(there).train(sample.training);
      mx.random.seed(sample.seed);
      return outputsOf(layer.forward(...inputs));
    });
    const afterwards = differAny(loaded, own.outputs);
    return afterwards === undefined ? undefined : `with the weights of a file from Python: ${afterwards}`;
  };
  return withFiles((here, there) => mx.tidy(() => check(here, there)));
}
