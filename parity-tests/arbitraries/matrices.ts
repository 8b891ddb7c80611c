import fc from 'fast-check';
import { complex64, type Dtype } from '../../foundation/values/dtypes.ts';
import { Complex, type Element } from '../../foundation/values/values.ts';
import type { Operation } from '../../registry/operation.ts';
import { type ParameterValues, sizeOf, type TensorRecipe } from '../call.ts';
import { anyDtype, dtypesFor } from './dtypes.ts';
import { withRest } from './parameters.ts';
import { partnerOf, shapes } from './shapes.ts';
import { anyTensor, tensor, tensorFrom } from './tensors.ts';

type ArgumentsFor = (operation: Operation) => fc.Arbitrary<ParameterValues>;
export type SquareKind = 'square' | 'symmetric' | 'positive-definite';

/** Entry (i, j) of an n × n matrix out of entries between -1 and 1: well conditioned, for its diagonal is heavy. */
function entry(raw: readonly Complex[], n: number, i: number, j: number, kind: SquareKind): Complex {
  const at = (row: number, column: number) => raw[row * n + column] as Complex;
  const own = at(i, j);
  const weight = kind === 'symmetric' ? 0 : 2 * n + 1;
  if (kind === 'square') return new Complex(own.re + (i === j ? weight : 0), own.im);
  const mirrored = at(j, i);
  return new Complex(own.re + mirrored.re + (i === j ? weight : 0), i === j ? 0 : own.im - mirrored.im);
}

/** Batches of n × n matrices of one kind; complex ones are Hermitian where real ones are symmetric. */
export function squareTensor(
  batch: readonly number[],
  n: number,
  dtype: Dtype,
  kind: SquareKind,
): fc.Arbitrary<TensorRecipe> {
  const part = fc.integer({ min: -64, max: 64 }).map((k) => k / 64);
  const number = fc.tuple(part, dtype === complex64 ? part : fc.constant(0)).map(([re, im]) => new Complex(re, im));
  const count = sizeOf(batch);
  const raw = fc.array(number, { minLength: count * n * n, maxLength: count * n * n });
  const elements = raw.map((list) => {
    const entries: Element[] = [];
    for (let b = 0; b < count; b++) {
      const matrix = list.slice(b * n * n, (b + 1) * n * n);
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const value = entry(matrix, n, i, j, kind);
          entries.push(dtype === complex64 ? value : value.re);
        }
      }
    }
    return entries;
  });
  return tensorFrom([...batch, n, n], dtype, elements);
}

function squares(kind: SquareKind): ArgumentsFor {
  return (operation) =>
    fc
      .tuple(
        shapes({ maxRank: 2, minSize: 1, maxSize: 3 }),
        fc.integer({ min: 1, max: 6 }),
        anyDtype(operation.sample.dtypes),
      )
      .chain(([batch, n, dtype]) => squareTensor(batch, n, dtype, kind))
      .chain((a) => withRest(operation, [a], a.shape.length));
}

/** Shapes of two factors of a product, vectors included. */
const factorShapes: fc.Arbitrary<[number[], number[]]> = fc
  .tuple(shapes({ maxRank: 2, maxSize: 3 }), fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 3, maxLength: 3 }))
  .chain(([batch, [m = 1, k = 1, n = 1]]) =>
    fc
      .tuple(partnerOf(batch), partnerOf(batch), fc.nat(5))
      .map(([left, right, form]): [number[], number[]] => [
        form === 1 || form === 3 ? [k] : [...left, m, k],
        form === 2 || form === 3 ? [k] : [...right, k, n],
      ]),
  );

const matmul: ArgumentsFor = (operation) =>
  fc
    .tuple(factorShapes, dtypesFor(2, operation.sample.dtypes))
    .chain(([[left, right], [first, second]]) =>
      fc.tuple(
        tensor(left, first as Dtype, operation.sample.values),
        tensor(right, second as Dtype, operation.sample.values),
      ),
    )
    .chain((factors) => withRest(operation, factors, factors[0].shape.length));

export const matrixGenerators = {
  matmul,
  matrix: (operation: Operation) =>
    anyTensor(operation.sample, { minRank: 2, maxRank: 4, minSize: operation.namespace === 'linalg' ? 1 : 0 }).chain(
      (a) => withRest(operation, [a], a.shape.length),
    ),
  square: squares('square'),
  symmetric: squares('symmetric'),
  'positive-definite': squares('positive-definite'),
} satisfies Record<string, ArgumentsFor>;
