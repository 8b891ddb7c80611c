import { BackendUnavailableError, core as mx } from '../../mlx/index.ts';
import { DigitNet } from './network.ts';

/** What was checked, and how it ended; `passed` is undefined where there was nothing to compare with. */
export interface Check {
  readonly name: string;
  readonly passed: boolean | undefined;
  readonly detail: string;
}

const BACKENDS = ['native', 'python'] as const;

/** One operation forced each way on the same tensor: the bits must be equal. */
export function compareSoftmax(model: DigitNet, images: mx.Array): Check {
  const logits = model.forward(images);
  return compare('softmax, forced each way', BACKENDS, (implementation) => mx.softmax(logits, -1, { implementation }));
}

/** The whole network on each backend: the bits must be equal. */
export function compareNetwork(model: DigitNet, images: mx.Array): Check {
  return compare('whole network, each way', BACKENDS, (implementation) =>
    mx.withImplementation(implementation, () => model.forward(images)),
  );
}

/** Writes the weights, and reads them into another network: the bits of its scores must be equal. @throws FileError */
export function compareSavedWeights(file: string, model: DigitNet, images: mx.Array): Check {
  model.saveWeights(file);
  const loaded = new DigitNet().loadWeights(file).eval();
  return compare('weights saved and loaded', [model, loaded], (network) => network.forward(images));
}

function compare<Way>(name: string, [first, second]: readonly [Way, Way], run: (way: Way) => mx.Array): Check {
  try {
    const values = run(first).toTypedArray();
    const differing = differingBits(values, run(second).toTypedArray());
    return { name, passed: differing === 0, detail: `${values.length} values, ${differing} of their bits differ` };
  } catch (error) {
    if (!(error instanceof BackendUnavailableError)) throw error;
    return { name, passed: undefined, detail: `skipped: ${error.message}` };
  }
}

/** How many bits of the two differ; every bit where the lengths do. */
export function differingBits(a: ArrayBufferView, b: ArrayBufferView): number {
  if (a.byteLength !== b.byteLength) return 8 * Math.max(a.byteLength, b.byteLength);
  const left = Buffer.from(a.buffer, a.byteOffset, a.byteLength);
  const right = Buffer.from(b.buffer, b.byteOffset, b.byteLength);
  let bits = 0;
  for (const [i, byte] of left.entries()) {
    for (let rest = byte ^ (right[i] as number); rest !== 0; rest &= rest - 1) bits++;
  }
  return bits;
}
