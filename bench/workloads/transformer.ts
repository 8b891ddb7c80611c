// A transformer block of single operations, whose gradient is taken.
import { core as mx } from '../../mlx/index.ts';

export type Weights = Readonly<Record<string, mx.Array>>;
export type Loss = (weights: Weights) => mx.Array;

export interface BlockShape {
  readonly batch: number;
  readonly length: number;
  readonly width: number;
  readonly heads: number;
}

function gelu(x: mx.Array): mx.Array {
  return mx.divide(mx.multiply(x, mx.add(1, mx.erf(mx.divide(x, Math.SQRT2)))), 2);
}

function normalized(x: mx.Array): mx.Array {
  const centred = mx.subtract(x, mx.mean(x, -1, true));
  return mx.multiply(centred, mx.rsqrt(mx.add(mx.mean(mx.square(centred), -1, true), 1e-5)));
}

/** Attention and a feed-forward network, each behind a normalisation and beside its input. */
export function transformerBlock({ batch, length, width, heads }: BlockShape, dtype: mx.Dtype = mx.float32) {
  const drawn = (shape: number[]): mx.Array => mx.random.normal(shape, { dtype });
  const matrix = (rows: number, columns: number) => mx.multiply(drawn([rows, columns]), 0.05);
  const split = (x: mx.Array): mx.Array =>
    mx.transpose(mx.reshape(x, [batch, length, heads, width / heads]), [0, 2, 1, 3]);

  const sequence = drawn([batch, length, width]);
  const weights: Weights = {
    down: matrix(4 * width, width),
    key: matrix(width, width),
    out: matrix(width, width),
    query: matrix(width, width),
    up: matrix(width, 4 * width),
    value: matrix(width, width),
  };
  mx.eval(sequence, weights);

  const loss: Loss = ({ down, key, out, query, up, value }) => {
    const x = normalized(sequence);
    const [q, k, v] = [query, key, value].map((weight) => split(mx.matmul(x, weight as mx.Array)));
    const scores = mx.multiply(
      mx.matmul(q as mx.Array, mx.transpose(k as mx.Array, [0, 1, 3, 2])),
      1 / Math.sqrt(width / heads),
    );
    const attended = mx.transpose(mx.matmul(mx.softmax(scores, -1), v as mx.Array), [0, 2, 1, 3]);
    const merged = mx.matmul(mx.reshape(attended, [batch, length, width]), out as mx.Array);
    const middle = mx.add(sequence, merged);
    const inner = gelu(mx.matmul(normalized(middle), up as mx.Array));
    return mx.mean(mx.square(mx.add(middle, mx.matmul(inner, down as mx.Array))));
  };
  return { loss, weights };
}
