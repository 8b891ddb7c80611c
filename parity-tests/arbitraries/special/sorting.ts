import fc from 'fast-check';
import { complex64, type Dtype } from '../../../foundation/values/dtypes.ts';
import { Complex, type Element } from '../../../foundation/values/values.ts';
import type { Operation } from '../../../registry/operation.ts';
import type { Omitted, ParameterValues } from '../../call.ts';
import { anyDtype } from '../dtypes.ts';
import { shapes } from '../shapes.ts';
import { anyTensor, tensor, tensorFrom } from '../tensors.ts';
import { elementOf } from '../values.ts';
import { anyAxis, maybe, type SpecialGenerators, sizeAlong, values } from './tools.ts';

/** An axis other than the default one, null or nothing, and a number that the size along it bounds. */
function bounded(least: 0 | 1) {
  return (operation: Operation): fc.Arbitrary<ParameterValues> =>
    anyTensor(operation.sample, { minRank: 1, minSize: 1 }).chain((a) =>
      anyAxis(a.shape.length).chain((axis) => {
        const size = sizeAlong(a.shape, alongDefault(axis));
        const number = least === 0 ? fc.integer({ min: -size, max: size - 1 }) : fc.integer({ min: 1, max: size });
        return values(fc.constant(a), number, fc.constant(axis));
      }),
    );
}

function alongDefault(axis: number | null | Omitted): number | null {
  return axis === null || typeof axis === 'number' ? axis : -1;
}

function ascending(a: Element, b: Element): number {
  if (a instanceof Complex && b instanceof Complex) return a.re - b.re || a.im - b.im;
  return a < b ? -1 : a > b ? 1 : 0;
}

function sorted(dtype: Dtype): fc.Arbitrary<Element[]> {
  return fc.array(elementOf(dtype, 'finite'), { minLength: 1, maxLength: 12 }).map((list) => list.sort(ascending));
}

export const sorting = {
  partition: bounded(0),
  topk: bounded(1),
  searchsorted: ({ sample }: Operation) =>
    anyDtype(sample.dtypes)
      .filter((dtype) => dtype !== complex64)
      .chain((dtype) =>
        values(
          sorted(dtype).chain((list) => tensorFrom([list.length], dtype, fc.constant(list))),
          shapes({ maxRank: 2 }).chain((shape) => tensor(shape, dtype, 'finite')),
          maybe(fc.constantFrom('left', 'right')),
        ),
      ),
} satisfies SpecialGenerators;
