import { core as mx } from '../../mlx/index.ts';

export interface Point {
  readonly x: number;
  readonly y: number;
}

/**
 * Vectors `[count, dims]` and the question's, `[1, dims]`, on a plane: along the two directions in which the vectors
 * differ most. The question's point is the last.
 */
export function mapOf(vectors: mx.Array, question: mx.Array): Point[] {
  return mx.tidy(() => {
    const mean = vectors.mean(0);
    const centred = vectors.subtract(mean);
    // Eigenvectors come with the smallest eigenvalue first, as columns.
    const [, directions] = mx.linalg.eigh(centred.transpose().matmul(centred), 'L', { stream: mx.cpu });
    const all = mx.concatenate([centred, question.subtract(mean)], 0);
    const points = all.matmul(directions.index('..., -2:')).tolist() as [number, number][];
    return points.map(([y, x]) => ({ x, y }));
  });
}
