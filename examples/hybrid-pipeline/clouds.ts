import { core as mx } from '../../mlx/index.ts';

/** Points of a cloud, whatever its shape. */
export const POINTS = 48;
const MOST_CIRCLES = 3;
const RADIUS = 1;
const NOISE = 0.04;
/** Between the centres of two circles. */
const DISTANCE = 6;

export interface Cloud {
  /** Of shape [POINTS, 2], on the native side. */
  readonly points: mx.Array;
  /** What the topology of the cloud should show. */
  readonly circles: number;
}

/** Clouds of points on one to three circles, with noise; made by native operations. */
export function makeClouds(count: number, seed: number): Cloud[] {
  mx.random.seed(seed);
  return Array.from({ length: count }, (_, i) => {
    const circles = 1 + (i % MOST_CIRCLES);
    return { points: circlePoints(circles), circles };
  });
}

function circlePoints(circles: number): mx.Array {
  const index = mx.arange(POINTS);
  const circle = mx.remainder(index, circles);
  // Evenly over each circle, so that no gap is by chance as wide as the circle.
  const turn = mx
    .floorDivide(index, circles)
    .astype(mx.float32)
    .multiply((2 * Math.PI * circles) / POINTS);
  const noise = mx.random.normal([POINTS, 2]).multiply(NOISE);
  const x = mx.cos(turn).multiply(RADIUS).add(circle.astype(mx.float32).multiply(DISTANCE));
  const y = mx.sin(turn).multiply(RADIUS);
  const points = mx.stack([x, y], 1).add(noise);
  mx.eval(points);
  return points;
}
