import { ArgumentError, OperationError } from '../../foundation/errors/errors.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { router } from '../../runtime/runtime.ts';
import type { array, Nested, Operand, Scalar } from '../types.ts';
import { construct } from './construct.ts';

const OPERATION = 'mx.asarray';

/** Keywords of `mx.asarray`. */
export interface AsarrayOptions {
  readonly dtype?: Dtype | null;
  /** false: an error where the elements would have to be copied; true and null: as it comes, arrays being immutable. */
  readonly copy?: boolean | null;
}

/** An array of what is given, which may be one already; as `mx.array`, but that it may refuse to copy. */
export function asarray(
  a: Nested<Scalar | array> | ArrayBufferView | Operand,
  dtypeOrOptions?: Dtype | null | AsarrayOptions,
  options?: Omit<AsarrayOptions, 'dtype'>,
): Tensor {
  const [dtype, copy] = read(dtypeOrOptions, options);
  if (copy === false && !(a instanceof Tensor && (dtype === null || dtype === router.info(a).dtype))) {
    throw new OperationError('Unable to avoid copy while creating an array as requested.', { operation: OPERATION });
  }
  return construct(a, dtype);
}

function read(second: unknown, third: unknown): [dtype: unknown, copy: boolean | null] {
  const isPlain = (value: unknown) =>
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  const keywords = (isPlain(second) ? second : (third ?? {})) as Record<string, unknown>;
  if (!isPlain(keywords)) {
    throw new ArgumentError(`expected keywords in an object, received ${describeValue(third)}`, {
      operation: OPERATION,
    });
  }
  const names = isPlain(second) ? (['dtype', 'copy'] as const) : (['copy'] as const);
  checkedOptions<AsarrayOptions>(keywords, names, OPERATION);
  const copy = keywords['copy'] ?? null;
  if (copy !== null && typeof copy !== 'boolean') {
    throw new ArgumentError(`expected a boolean or null for "copy", received ${describeValue(copy)}`, {
      operation: OPERATION,
    });
  }
  return [(isPlain(second) ? keywords['dtype'] : second) ?? null, copy];
}
