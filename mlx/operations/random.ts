import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { isMade, type Tensor } from '../../router/tensors/tensor.ts';
import { randomState } from '../../runtime/runtime.ts';

export * from '../generated/random.ts';

/**
 * Starts the global sequence of keys anew: from here on equal seeds give equal draws, on both backends and in Python.
 * A seed is an integer from 0 to 2^64 - 1, as a number or a bigint.
 */
export function seed(seed: number | bigint): void {
  const valid = typeof seed === 'bigint' ? seed >= 0n && seed < 2n ** 64n : Number.isSafeInteger(seed) && seed >= 0;
  if (!valid) {
    throw new ArgumentError(`expected an integer from 0 to 2^64 - 1, received ${describeValue(seed)}`, {
      operation: 'mx.random.seed',
    });
  }
  randomState.seed(seed);
}

/** The global sequence's key in a list of one, as Python has it: `mx.compile(fun, { inputs: mx.random.state })`. */
export const state: [Tensor] = Object.defineProperty([] as unknown as [Tensor], 0, {
  enumerable: true,
  configurable: true,
  get: () => randomState.key,
  set: (key: unknown) => {
    if (!isMade(key)) {
      throw new ArgumentError(`expected a key made by mx.random.key, received ${describeValue(key)}`, {
        operation: 'mx.random.state',
      });
    }
    randomState.key = key;
  },
});
