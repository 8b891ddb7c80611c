import fc from 'fast-check';
import type { Dtype } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import type { ParameterValues } from '../../call.ts';
import { dtypesFor } from '../dtypes.ts';
import { tensor } from '../tensors.ts';

/** Any text may be a case of letters: the order of these differs from that of the alphabet. */
const LETTERS = ['i', 'j', 'k', 'Z', 'a'];

interface Notation {
  readonly subscripts: string;
  readonly shapes: readonly (readonly number[])[];
}

/** Labels for one operand; a repeated one takes the diagonal. */
const labels = fc.array(fc.constantFrom(...LETTERS), { maxLength: 3 });

const notation: fc.Arbitrary<Notation> = fc
  .record({
    operands: fc.array(labels, { minLength: 1, maxLength: 3 }),
    extents: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: LETTERS.length, maxLength: LETTERS.length }),
    // Which axes are 1 where their label is longer; MLX stretches none to 0.
    ones: fc.array(fc.boolean(), { minLength: 9, maxLength: 9 }),
    // What stands for "..." before the labels.
    rest: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    ellipses: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    form: fc.constantFrom('implicit' as const, 'explicit' as const),
    order: fc.array(fc.nat(7), { minLength: LETTERS.length, maxLength: LETTERS.length }),
    keep: fc.subarray(LETTERS),
  })
  .map(({ operands, extents, ones, rest, ellipses, form, order, keep }) => {
    const dotted = operands.map((own, i) => ellipses[i] === true && own.length + rest.length <= 3);
    const shapes = operands.map((own, i) => [
      ...(dotted[i] === true ? rest : []),
      ...own.map((label, axis) => {
        const isDiagonal = own.indexOf(label) !== own.lastIndexOf(label);
        const extent = extents[LETTERS.indexOf(label)] as number;
        return ones[3 * i + axis] === true && !isDiagonal && extent > 0 ? 1 : extent;
      }),
    ]);
    const texts = operands.map((own, i) => (dotted[i] === true ? '...' : '') + own.join(''));
    const used = keep.filter((label) => operands.some((own) => own.includes(label)));
    used.sort((one, other) => (order[LETTERS.indexOf(one)] ?? 0) - (order[LETTERS.indexOf(other)] ?? 0));
    const output = form === 'implicit' ? '' : `->${dotted.includes(true) ? '...' : ''}${used.join('')}`;
    return { subscripts: texts.join() + output, shapes };
  });

/** Subscripts with tensors whose axes they name, now and then of size 1 where others are longer. */
export function einsum({ sample }: Operation): fc.Arbitrary<ParameterValues> {
  return notation.chain(({ subscripts, shapes }) =>
    dtypesFor(shapes.length, sample.dtypes).chain((dtypes) =>
      fc
        .tuple(...shapes.map((shape, i) => tensor(shape, dtypes[i] as Dtype, sample.values)))
        .map((operands): ParameterValues => [subscripts, operands]),
    ),
  );
}
