import { core as mx } from '../../mlx/index.ts';
import { type Digits, PIXELS } from './dataset.ts';
import type { DigitNet } from './network.ts';
import type { FirstLayer, Reading } from './pages/pictures.ts';

/** What the network says of every digit. */
export function readAll(model: DigitNet, { images, labels }: Digits): Reading[] {
  const shares = mx.softmax(model.forward(images), -1);
  const [pixels, actual, predicted, confidence] = [images, labels, mx.argmax(shares, -1), mx.max(shares, -1)].map(
    (tensor) => Array.from(tensor.toTypedArray(), Number),
  ) as [number[], number[], number[], number[]];
  return actual.map((label, i) => ({
    pixels: pixels.slice(i * PIXELS, (i + 1) * PIXELS),
    label,
    predicted: predicted[i] as number,
    confidence: confidence[i] as number,
  }));
}

/** The filters of the first convolution, and what each makes of the first digit. */
export function readFirstLayer({ conv1 }: DigitNet, { images }: Digits): FirstLayer {
  const digit = images.index(mx.Slice(0, 1));
  const maps = conv1.forward(mx.expandDims(digit, -1)).transpose([3, 0, 1, 2]);
  const rows = (arrays: mx.Array) => arrays.flatten(1).tolist() as number[][];
  return { digit: rows(digit)[0] as number[], filters: rows(conv1.weight), maps: rows(maps) };
}
