import fc from 'fast-check';
import { type Dtype, uint8, uint32 } from '../../../foundation/values/dtypes.ts';
import type { Operation } from '../../../registry/operation.ts';
import { OMITTED, type ParameterValues, type TensorRecipe } from '../../call.ts';
import { anyDtype } from '../dtypes.ts';
import { tensor } from '../tensors.ts';
import { elementOf } from '../values.ts';
import { indexTensor, maybe, nats, type SpecialGenerators } from './tools.ts';

interface Format {
  readonly mode: string;
  readonly group: number;
  readonly bits: number;
}

const affine: fc.Arbitrary<Format> = fc
  .tuple(fc.constantFrom(32, 64, 128), fc.constantFrom(4, 8, 2, 3, 5, 6))
  .map(([group, bits]) => ({ mode: 'affine', group, bits }));
const floating: fc.Arbitrary<Format> = fc.constantFrom(
  { mode: 'mxfp4', group: 32, bits: 4 },
  { mode: 'mxfp8', group: 32, bits: 8 },
  { mode: 'nvfp4', group: 16, bits: 4 },
);
const formats = fc.oneof({ arbitrary: affine, weight: 2 }, { arbitrary: floating, weight: 1 });

/** Packed weights with their scales and, in affine mode, biases: any words are weights. */
function packed(
  shape: readonly number[],
  format: Format,
  dtype: Dtype,
): fc.Arbitrary<[TensorRecipe, TensorRecipe, TensorRecipe | null]> {
  const rows = shape.slice(0, -1);
  const columns = shape.at(-1) ?? 0;
  const words = tensor([...rows, (columns * format.bits) / 32], uint32, elementOf(uint32, 'any'));
  const groups = [...rows, columns / format.group];
  if (format.mode === 'affine') {
    const part = () => tensor(groups, dtype, elementOf(dtype, 'unit'));
    return fc.tuple(words, part(), part());
  }
  // Exponents near 1.0 in E8M0; any finite positive number in E4M3.
  const scale = format.mode === 'nvfp4' ? fc.integer({ min: 1, max: 126 }) : fc.integer({ min: 120, max: 134 });
  return fc.tuple(words, tensor(groups, uint8, scale), fc.constant(null));
}

/** A format with rows, columns that whole groups fill, and a dtype. */
function plans({ sample }: Operation, from: fc.Arbitrary<Format> = formats) {
  return fc
    .tuple(from, fc.integer({ min: 1, max: 2 }), nats(2, 4, 1), anyDtype(sample.dtypes))
    .map(([format, groups, [rows = 1, m = 1], dtype]) => ({
      format,
      // The kernels of the CPU want rows in eights for some widths.
      rows: rows * 8,
      columns: Math.max(groups * format.group, 32),
      m,
      dtype,
    }));
}

const quantize = (operation: Operation): fc.Arbitrary<ParameterValues> =>
  plans(operation).chain(({ format, rows, columns, dtype }) =>
    tensor([rows, columns], dtype, operation.sample.values).map(
      (w): ParameterValues => [w, format.group, format.bits, format.mode],
    ),
  );

const dequantize = (operation: Operation): fc.Arbitrary<ParameterValues> =>
  plans(operation).chain(({ format, rows, columns, dtype }) =>
    fc
      .tuple(packed([rows, columns], format, dtype), maybe(anyDtype(operation.sample.dtypes)))
      .map(([parts, to]): ParameterValues => [...parts, format.group, format.bits, format.mode, OMITTED, to]),
  );

const quantizedMatmul = (operation: Operation): fc.Arbitrary<ParameterValues> =>
  plans(operation).chain(({ format, rows, columns, m, dtype }) =>
    fc.boolean().chain((transpose) => {
      const [n, k] = transpose ? [rows, columns] : [columns, rows];
      const width = transpose ? k : n;
      const height = transpose ? n : k;
      return fc
        .tuple(tensor([m, k], dtype, operation.sample.values), packed([height, width], format, dtype))
        .map(([x, parts]): ParameterValues => [x, ...parts, transpose, format.group, format.bits, format.mode]);
    }),
  );

const gatherQmm = (operation: Operation): fc.Arbitrary<ParameterValues> =>
  fc
    .tuple(plans(operation), nats(3, 3, 1))
    .chain(([{ format, rows, columns, m, dtype }, [p = 1, q = 1, count = 1]]) => {
      const picks = (size: number) => indexTensor([count], size, { negative: false, dtypes: [uint32] });
      return fc
        .tuple(
          tensor([p, m, columns], dtype, operation.sample.values),
          packed([q, rows, columns], format, dtype),
          picks(p),
          picks(q),
        )
        .map(
          ([x, parts, left, right]): ParameterValues => [
            x,
            ...parts,
            left,
            right,
            true,
            format.group,
            format.bits,
            format.mode,
          ],
        );
    });

/** One row by weights that are packed already, or packed on the way. */
const qqmm = (operation: Operation): fc.Arbitrary<ParameterValues> =>
  plans(operation, floating).chain(({ format, rows, columns, dtype }) =>
    fc
      .tuple(
        tensor([1, columns], dtype, operation.sample.values),
        packed([rows, columns], format, dtype),
        tensor([rows, columns], dtype, operation.sample.values),
        fc.boolean(),
      )
      .map(([x, [w, scales], plain, isPacked]): ParameterValues => {
        const how = [format.group, format.bits, format.mode];
        return isPacked ? [x, w, scales, ...how] : [x, plain, OMITTED, ...how];
      }),
  );

export const quantized = {
  quantize,
  dequantize,
  quantized_matmul: quantizedMatmul,
  gather_qmm: gatherQmm,
  qqmm,
} satisfies SpecialGenerators;
