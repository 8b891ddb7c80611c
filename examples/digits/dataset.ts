import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { core as mx } from '../../mlx/index.ts';

export const SIDE = 8;
export const PIXELS = SIDE * SIDE;
export const CLASSES = 10;
const BRIGHTEST = 16;

/** Images (n, 8, 8) of 0 to 1 as float32, and the digit that each one shows, (n) uint32. */
export interface Digits {
  readonly images: mx.Array;
  readonly labels: mx.Array;
}

/** Every digit of the file, in its order. */
export function loadDigits(): Digits {
  const file = new URL('./data/digits.csv.gz', import.meta.url);
  return parseDigits(gunzipSync(readFileSync(file)).toString('ascii'));
}

/** One line a digit: 64 pixels from 0 to 16 and the digit. @throws Error naming the first line that is not that. */
export function parseDigits(text: string): Digits {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const pixels = new Uint8Array(lines.length * PIXELS);
  const labels = new Uint32Array(lines.length);
  lines.forEach((line, row) => {
    const cells = line.split(',').map(Number);
    const label = cells.pop() ?? Number.NaN;
    if (cells.length !== PIXELS || !cells.every((pixel) => isCount(pixel, BRIGHTEST)) || !isCount(label, CLASSES - 1)) {
      throw new Error(
        `line ${row + 1}: expected ${PIXELS} pixels from 0 to ${BRIGHTEST} and a digit, received "${line}"`,
      );
    }
    pixels.set(cells, row * PIXELS);
    labels[row] = label;
  });
  const images = mx.array(pixels, mx.float32).divide(BRIGHTEST).reshape([lines.length, SIDE, SIDE]);
  return { images, labels: mx.array(labels) };
}

/** A random fifth for the test, the rest for training. */
export function split({ images, labels }: Digits): { train: Digits; test: Digits } {
  const [count = 0] = images.shape;
  const order = mx.random.permutation(count);
  const held = Math.floor(count / 5);
  const pick = (part: mx.Array) => ({ images: mx.take(images, part, 0), labels: mx.take(labels, part, 0) });
  return { test: pick(order.index(mx.Slice(0, held))), train: pick(order.index(mx.Slice(held))) };
}

function isCount(value: number, most: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= most;
}
