// What programs do again and again: attention, a step of an optimizer, a step of k-means.
import { core as mx } from '../../mlx/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';

const [BATCH, LENGTH, WIDTH, HEADS] = [4, 128, 256, 8] as const;
const [PARAMETERS, SIDE] = [200, 32] as const;
const [POINTS, CENTRES, FEATURES] = [4096, 16, 8] as const;

const digest = (x: mx.Array): number => mx.sum(mx.abs(x)).item() as number;

/** Made when it is first needed, always of the same seed. */
function drawnOnce<T>(seed: number, draw: () => T): () => T {
  let drawn: T | undefined;
  return () => {
    if (drawn === undefined) {
      mx.random.seed(seed);
      drawn = draw();
      mx.eval(drawn as mx.Array[]);
    }
    return drawn;
  };
}

/** Of queries, keys, values and outputs a matrix and a bias. */
const attention = drawnOnce(29, () => {
  const x = mx.random.normal([BATCH, LENGTH, WIDTH]);
  const projections = Array.from({ length: 4 }, () => ({
    weight: mx.multiply(mx.random.normal([WIDTH, WIDTH]), 0.05),
    bias: mx.random.normal([WIDTH]),
  }));
  return { x, projections };
});

function attentionBlock(count: number): number {
  const { x, projections } = attention();
  const projected = (input: mx.Array, which: number): mx.Array => {
    const { weight, bias } = projections[which] as { weight: mx.Array; bias: mx.Array };
    return mx.add(mx.matmul(input, weight), bias);
  };
  const head = (which: number): mx.Array =>
    mx.transpose(mx.reshape(projected(x, which), [BATCH, LENGTH, HEADS, -1]), [0, 2, 1, 3]);
  const scale = 1 / Math.sqrt(WIDTH / HEADS);
  let last = x;
  for (let i = 0; i < count; i++) {
    const attended = mx.fast.scaledDotProductAttention(head(0), head(1), head(2), { scale });
    const merged = mx.reshape(mx.transpose(attended, [0, 2, 1, 3]), [BATCH, LENGTH, -1]);
    last = mx.add(x, projected(merged, 3));
    mx.eval(last);
  }
  return digest(last);
}

const squares = (): Record<string, mx.Array> =>
  Object.fromEntries(Array.from({ length: PARAMETERS }, (_, i) => [`p${i}`, mx.random.normal([SIDE, SIDE])]));

const parameters = drawnOnce(31, () => ({ initial: squares(), gradients: squares() }));

function adam(count: number): number {
  const { initial, gradients } = parameters();
  const optimizer = new optimizers.Adam(1e-3);
  optimizer.init(initial);
  mx.eval(optimizer.state);
  let weights = initial;
  for (let i = 0; i < count; i++) {
    weights = optimizer.applyGradients(gradients, weights) as typeof initial;
    mx.eval(weights, optimizer.state);
  }
  return digest(weights[`p${PARAMETERS - 1}`] as mx.Array);
}

const cloud = drawnOnce(37, () => ({
  points: mx.random.normal([POINTS, FEATURES]),
  first: mx.random.normal([CENTRES, FEATURES]),
}));

function kMeans(count: number): number {
  const { points, first } = cloud();
  let centres = first;
  for (let i = 0; i < count; i++) {
    const apart = mx.subtract(mx.expandDims(points, 1), mx.expandDims(centres, 0));
    const nearest = mx.argmin(mx.sum(mx.square(apart), -1), 1);
    const own = mx.astype(mx.equal(mx.expandDims(nearest, 1), mx.arange(CENTRES)), mx.float32);
    const sizes = mx.maximum(mx.sum(own, 0), 1);
    centres = mx.divide(mx.matmul(own.T, points), mx.expandDims(sizes, 1));
    mx.eval(centres);
  }
  return digest(centres);
}

export const chains = {
  'attention-block': attentionBlock,
  'adam-200': adam,
  'k-means': kMeans,
};
