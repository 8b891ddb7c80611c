import { core as mx } from '../../mlx/index.ts';
import { type Digits, PIXELS } from './dataset.ts';
import { forward, type Parameters } from './network.ts';
import type { Reading } from './pages/pictures.ts';
import { flat } from './train.ts';

/** What the network says of every digit. */
export function readAll(parameters: Parameters, { images, labels }: Digits): Reading[] {
  const inputs = flat(images);
  const shares = mx.softmax(forward(parameters, inputs), -1);
  const [pixels, actual, predicted, confidence] = [inputs, labels, mx.argmax(shares, -1), shares.max(-1)].map(
    (tensor) => Array.from(tensor.toTypedArray(), Number),
  ) as [number[], number[], number[], number[]];
  return actual.map((label, i) => ({
    pixels: pixels.slice(i * PIXELS, (i + 1) * PIXELS),
    label,
    predicted: predicted[i] as number,
    confidence: confidence[i] as number,
  }));
}
