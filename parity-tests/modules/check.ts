import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { configure, core as mx, registry } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import { withFiles } from './files.ts';
import type { InputSpec, LayerRow, Options } from './rows.ts';

type Tensor = mx.Array;
type Pairs = [string, Tensor][];

/** What came out of a layer, here or in Python. */
export interface Outcome {
  readonly text: string;
  readonly initial: Pairs;
  readonly outputs: Tensor[];
  /** The parameters after one call, in which batch normalization moves its statistics. */
  readonly moved: Pairs;
  readonly gradients: Pairs;
  readonly inputs: Tensor[];
}

const reference = registry.register<Outcome>({
  name: 'module_reference.layer',
  python: 'module_reference:layer',
});

/** Lets workers find Python's side of these tests. Before the first worker starts. */
export function findReference(): void {
  configure({ pythonModules: ['module_reference'], pythonFolders: [join(packageRoot(), 'python')] });
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

export function pythonOptions(options: Options): Options {
  return Object.fromEntries(Object.entries(options).map(([name, value]) => [snakeCase(name), value]));
}

/** Each element of the outputs adds something else, so that no gradient cancels. */
export function score(outputs: readonly Tensor[]): Tensor {
  return outputs.reduce((total, output) => {
    const weights = mx.cos(mx.arange(output.size)).reshape(...output.shape);
    return total.add(mx.sum(output.astype(mx.float32).multiply(weights)));
  }, mx.array(0));
}

export interface Layer extends nn.Module {
  forward(...inputs: unknown[]): Tensor | Tensor[];
}

export function outputsOf(result: Tensor | Tensor[]): Tensor[] {
  return Array.isArray(result) ? [...result] : [result];
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

interface Conditions {
  readonly seed: number;
  readonly training: boolean;
  /** Default: true. */
  readonly gradients?: boolean;
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

export function drawn(spec: InputSpec | null): Tensor | null {
  if (spec === null) return null;
  const { shape, below } = spec;
  return below === undefined ? mx.random.normal(shape) : mx.random.randint(0, below, shape, mx.int32);
}

/** What a module gives, on the side that the code around it chooses. */
export function outcomeOf(
  make: () => Layer,
  { seed, training, gradients: hasGradients = true }: Conditions,
  inputs: readonly (Tensor | null)[],
): Outcome {
  mx.random.seed(seed);
  const layer = make();
  const initial = treeFlatten<Tensor>(layer.parameters());
  const again = () => {
    layer.loadWeights(initial);
    mx.random.seed(seed);
  };
  layer.train(training);
  again();
  const outputs = outputsOf(layer.forward(...inputs));
  const moved = treeFlatten<Tensor>(layer.parameters());
  let gradients: Pairs = [];
  if (hasGradients && treeFlatten(layer.trainableParameters()).length > 0) {
    again();
    const step = nn.valueAndGrad(layer, (...given: unknown[]) => score(outputsOf(layer.forward(...given))));
    gradients = treeFlatten<Tensor>(step(...inputs)[1]);
  }
  const floats = inputs.flatMap((input, i) => (input !== null && mx.issubdtype(input.dtype, mx.floating) ? [i] : []));
  let byInputs: Tensor[] = [];
  if (hasGradients && floats.length > 0) {
    again();
    const fun = (...given: unknown[]) => score(outputsOf(layer.forward(...given)));
    const found = mx.grad<Tensor | Tensor[]>(fun as (...args: never[]) => unknown, floats)(...inputs);
    byInputs = outputsOf(found);
  }
  return { text: String(layer), initial, outputs, moved, gradients, inputs: byInputs };
}

/** The first thing that differs, by what it is. */
export function difference(a: Outcome, b: Outcome): string | undefined {
  if (a.text !== b.text) return `printed as ${a.text} and ${b.text}`;
  for (const part of ['initial', 'moved', 'gradients'] as const) {
    const [own, other] = [a[part], b[part]].map((pairs) => new Map([...pairs].sort(([x], [y]) => (x < y ? -1 : 1))));
    if (own === undefined || other === undefined) continue;
    if ([...own.keys()].join() !== [...other.keys()].join()) {
      return `${part}: named ${[...own.keys()].join(', ')} and ${[...other.keys()].join(', ')}`;
    }
    for (const [path, array] of own) {
      const found = differ(array, other.get(path) as Tensor);
      if (found !== undefined) return `${part} of ${path}: ${found}`;
    }
  }
  const outputs = differAny(a.outputs, b.outputs);
  if (outputs !== undefined) return `outputs, ${outputs}`;
  const inputs = differAny(a.inputs, b.inputs);
  return inputs === undefined ? undefined : `gradients by inputs, ${inputs}`;
}

function differ(a: Tensor, b: Tensor): string | undefined {
  if (a.dtype !== b.dtype) return `${a.dtype} and ${b.dtype}`;
  if (String(a.shape) !== String(b.shape)) return `[${a.shape}] and [${b.shape}]`;
  const [x, y] = [a, b].map((array) => Buffer.from(array.toTypedArray().buffer));
  if (x?.equals(y as Buffer)) return undefined;
  return `${JSON.stringify(a.tolist())} and ${JSON.stringify(b.tolist())}`;
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

/** The first array of two lists that differs. */
export function differAny(a: readonly Tensor[], b: readonly Tensor[]): string | undefined {
  if (a.length !== b.length) return `${a.length} arrays and ${b.length}`;
  for (const [i, array] of a.entries()) {
    const found = differ(array, b[i] as Tensor);
    if (found !== undefined) return `array ${i}: ${found}`;
  }
  return undefined;
}
