import { core as mx } from '../../mlx/index.ts';
import { loadNetwork } from './ways.ts';

/** The scores of every hundredth label, as reference.py computes them by PyTorch 1.13. */
const SCORES = [0.04229, -1.8088, -0.59608, -0.95283, 0.6846, -0.90926, 1.91841, 0.33048, 2.86172, -0.25148];
const SIZE = 224;

/** How far the scores of a picture are from those that PyTorch gives it; it has all brightnesses in each colour. */
export function distanceFromReference(): number {
  return mx.tidy(() => {
    const [row, column, channel] = [mx.arange(SIZE).reshape(-1, 1, 1), mx.arange(SIZE).reshape(-1, 1), mx.arange(3)];
    const rising = row.multiply(channel.add(1)).add(column.multiply(channel.subtract(3).negative()));
    const picture = rising.remainder(256).astype(mx.uint8).reshape(1, SIZE, SIZE, 3);
    const scores = loadNetwork('float32')().forward(picture).index('0, ::100');
    return mx
      .abs(scores.subtract(mx.array(SCORES)))
      .max()
      .item() as number;
  });
}
