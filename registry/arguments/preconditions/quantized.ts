import { camelCase } from '../../naming.ts';
import { filled, type Precondition, positive } from './precondition.ts';

/** MLX sums over the columns from the first to the second number of each pair, wherever they lie. */
export const withinInner: Precondition = (given) => {
  const inner = given.shape('a').at(-1) ?? 0;
  const wrong = given.integers('segments')?.find((index) => index < 0 || index > inner);
  return wrong === undefined ? undefined : `expected segments within 0 to ${inner}, received ${wrong}`;
};

/** Numbers among the indices are held against the batches that they pick from. */
export function withinBatches(...pairs: readonly (readonly [indices: string, tensor: string])[]): Precondition {
  return (given) => {
    for (const [indices, tensor] of pairs) {
      const batches = given
        .shape(tensor)
        .slice(0, -2)
        .reduce((product, extent) => product * extent, 1);
      if (batches === 0 && given.value(indices) !== null && !given.shape(indices).includes(0)) {
        return `expected at least one batch in "${tensor}" to pick from, received the shape [${given.shape(tensor)}]`;
      }
      const outOfRange = given.integers(indices)?.find((index) => index < 0 || index >= batches);
      if (outOfRange === undefined) continue;
      return `expected "${camelCase(indices)}" from 0 to ${batches - 1}, for "${tensor}" has ${batches} batches, received ${outOfRange}`;
    }
    return undefined;
  };
}

/** The quantizing kernels take a float64 for floats of another width. */
export function narrow(name: string): Precondition {
  return (given) => {
    const tensor = given.value(name);
    if (typeof tensor !== 'object' || tensor === null) return undefined;
    const dtype = given.dtypeOf(tensor);
    return dtype.name === 'float64'
      ? `expected float32, float16 or bfloat16 for "${name}", received ${dtype.name}`
      : undefined;
  };
}

/** Whether shapes differ in nothing but their last axis. */
function haveSameRows(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length - 1; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** MLX holds only the last sizes of these against each other, and reads on behind the smaller one. */
const scaled: Precondition = (given) => {
  const rows = given.shape('w');
  for (const name of ['scales', 'biases']) {
    const value = given.value(name);
    if (typeof value !== 'object' || value === null) continue;
    const shape = given.shape(name);
    if (haveSameRows(shape, rows)) continue;
    return `expected "${name}" with the rows of "w", [${rows}], received the shape [${shape}]`;
  }
  return undefined;
};

/** MLX reads them without a look whether they were given. */
export const scalesGiven: Precondition = (given) =>
  given.value('scales') === null
    ? 'expected the scales of "w", as mx.quantize gives them, for "scales", received null'
    : undefined;

export const packed: readonly Precondition[] = [positive('group_size', 'bits'), filled('w', 'scales', 'x'), scaled];
