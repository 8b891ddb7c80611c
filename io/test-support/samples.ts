import { DTYPES, type Dtype } from '../../foundation/values/dtypes.ts';
import { internals, core as mx } from '../../mlx/index.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';

const { router } = internals;

/** Bits that arithmetic would lose: NaN payloads of both signs, -0, subnormals, all ones. */
const BITS = [0x00, 0x80, 0x01, 0x00, 0xa5, 0x7f, 0xa5, 0xff, 0x01, 0x7f, 0x80, 0xff, 0x00, 0x00, 0xff, 0xff];

function bytesFor(dtype: Dtype, count: number): Uint8Array {
  const bytes = Uint8Array.from(
    { length: count * dtype.size },
    (_, i) => BITS[(i * 7 + (i >> 4)) % BITS.length] as number,
  );
  return dtype.name === 'bool' ? bytes.map((byte) => byte & 1) : bytes;
}

/** Arrays of the dtype in every layout that a writer can be given, by name. */
export function samples(dtype: Dtype): Record<string, Tensor> {
  const whole = router.create(bytesFor(dtype, 24), [2, 3, 4], dtype);
  return {
    whole,
    flat: router.create(bytesFor(dtype, 7), [7], dtype),
    scalar: router.create(bytesFor(dtype, 1), [], dtype),
    empty: router.create(new Uint8Array(0), [0, 3], dtype),
    transposed: whole.T,
    strided: whole.index('::1, ::-1, ::2'),
    broadcast: mx.broadcastTo(router.create(bytesFor(dtype, 1), [1, 1], dtype), [2, 5]),
    'name with spaces, ü and 日本': router.create(bytesFor(dtype, 2), [1, 2, 1], dtype),
    __proto__x: router.create(bytesFor(dtype, 2), [2], dtype),
  };
}

/** What must survive: shape, dtype and every bit. */
export function facts(tensor: Tensor): string {
  const { shape, dtype } = router.info(tensor);
  return `${dtype.name} [${shape}] ${Buffer.from(router.read(tensor)).toString('hex')}`;
}

export function allFacts(arrays: Record<string, Tensor>): Record<string, string> {
  return Object.fromEntries(Object.entries(arrays).map(([name, tensor]) => [name, facts(tensor)]));
}

export { DTYPES };
