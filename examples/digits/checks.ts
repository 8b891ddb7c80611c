import { BackendUnavailableError, core as mx } from '../../mlx/index.ts';
import { combine, forward, type Parameters, predict } from './network.ts';

/** What was checked, and how it ended; `passed` is undefined where there was nothing to compare with. */
export interface Check {
  readonly name: string;
  readonly passed: boolean | undefined;
  readonly detail: string;
}

/** One operation forced each way on the same tensor: the bits must be equal. */
export function compareSoftmax(parameters: Parameters, inputs: mx.Array): Check {
  const logits = forward(parameters, inputs);
  return compare('softmax, forced each way', (implementation) => mx.softmax(logits, -1, { implementation }));
}

/** The whole network on each backend: the bits must be equal. */
export function compareNetwork(parameters: Parameters, inputs: mx.Array): Check {
  return compare('whole network, each way', (implementation) =>
    mx.withImplementation(implementation, () => forward(parameters, inputs)),
  );
}

/** Writes the weights, reads them back, and predicts with both. @throws FileError */
export function checkSavedWeights(file: string, parameters: Parameters, inputs: mx.Array): Check {
  const name = 'weights saved and loaded';
  return unlessUnavailable(name, () => {
    mx.saveSafetensors(file, { ...parameters }, { example: 'digits' });
    const loaded = mx.load(file);
    const restored = combine((parameter) => {
      const weights = loaded[parameter];
      if (weights === undefined) throw new Error(`${file} has no "${parameter}"`);
      return weights;
    });
    const same = mx.arrayEqual(predict(parameters, inputs), predict(restored, inputs)).item() === true;
    return { name, passed: same, detail: same ? 'every prediction is the same' : 'predictions differ' };
  });
}

function compare(name: string, run: (implementation: 'native' | 'python') => mx.Array): Check {
  return unlessUnavailable(name, () => {
    const native = run('native').toTypedArray();
    const python = run('python').toTypedArray();
    const differing = differingBits(native, python);
    return { name, passed: differing === 0, detail: `${native.length} values, ${differing} of their bits differ` };
  });
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

function unlessUnavailable(name: string, check: () => Check): Check {
  try {
    return check();
  } catch (error) {
    if (error instanceof BackendUnavailableError)
      return { name, passed: undefined, detail: `skipped: ${error.message}` };
    throw error;
  }
}
