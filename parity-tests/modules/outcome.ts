import { core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { treeFlatten } from '../../mlx/utils/index.ts';
import type { InputSpec } from './rows.ts';

// What a module gives, whoever made it, and how two of that are compared.

type Tensor = mx.Array;
export type Pairs = [string, Tensor][];

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

export interface Conditions {
  readonly seed: number;
  readonly training: boolean;
  /** Default: true. */
  readonly gradients?: boolean;
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
    const found = differPairs(a[part], b[part]);
    if (found !== undefined) return `${part}${found}`;
  }
  const outputs = differAny(a.outputs, b.outputs);
  if (outputs !== undefined) return `outputs, ${outputs}`;
  const inputs = differAny(a.inputs, b.inputs);
  return inputs === undefined ? undefined : `gradients by inputs, ${inputs}`;
}

/** The first array of two lists of named ones that differs, or their names: `: named …`, ` of path: …`. */
export function differPairs(a: Pairs, b: Pairs): string | undefined {
  const [own, other] = [sorted(a), sorted(b)];
  const names = [own, other].map((pairs) => pairs.map(([path]) => path).join(', '));
  if (names[0] !== names[1]) return `: named ${names[0]} and ${names[1]}`;
  for (const [i, [path, array]] of own.entries()) {
    const found = differ(array, other[i]?.[1] as Tensor);
    if (found !== undefined) return ` of ${path}: ${found}`;
  }
  return undefined;
}

function sorted(pairs: Pairs): Pairs {
  return [...pairs].sort(([x], [y]) => (x < y ? -1 : 1));
}

function differ(a: Tensor, b: Tensor): string | undefined {
  if (a.dtype !== b.dtype) return `${a.dtype} and ${b.dtype}`;
  if (String(a.shape) !== String(b.shape)) return `[${a.shape}] and [${b.shape}]`;
  const [x, y] = [a, b].map((array) => Buffer.from(array.toTypedArray().buffer));
  if (x?.equals(y as Buffer)) return undefined;
  return `${JSON.stringify(a.tolist())} and ${JSON.stringify(b.tolist())}`;
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
