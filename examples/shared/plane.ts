import { core as mx } from '../../mlx/index.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Vectors `[count, dims]` on a plane: along the two directions in which they differ most. The points of others, which
 * have no part in that, come last.
 */
export function mapOf(vectors: mx.Array, ...others: readonly mx.Array[]): Point[] {
  return mx.tidy(() => {
    const mean = vectors.mean(0);
    const centred = vectors.subtract(mean);
    // Eigenvectors come with the smallest eigenvalue first, as columns.
    const [, directions] = mx.linalg.eigh(centred.transpose().matmul(centred), 'L', { stream: mx.cpu });
    const all = mx.concatenate([centred, ...others.map((other) => other.subtract(mean))], 0);
    const points = all.matmul(directions.index('..., -2:')).tolist() as [number, number][];
    return points.map(([y, x]) => ({ x, y }));
  });
}
