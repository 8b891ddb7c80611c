import { core as mx } from '../../mlx/index.ts';
import type { Report } from './report.ts';

/** Counts the pieces and holes of points on a circle: boundary matrices, ranks modulo two, packed bits. */
const COUNT = 8;

type Cell = readonly number[];

function boundary(faces: readonly Cell[], cells: readonly Cell[]): mx.Array {
  const places = new Map(faces.map((face, i) => [String(face), i]));
  const matrix = mx.zeros([faces.length, Math.max(cells.length, 1)], { dtype: mx.uint8 });
  for (const [column, cell] of cells.entries()) {
    for (const corner of cell) {
      const face = cell.filter((other) => other !== corner);
      matrix.indexPut_([places.get(String(face)) as number, column], 1);
    }
  }
  return matrix;
}

function rank(given: mx.Array): number {
  const matrix = given.add(0);
  const [rows, columns] = matrix.shape as [number, number];
  let found = 0;
  for (let column = 0; column < columns; column++) {
    const candidates = mx.where(mx.arange(rows).greaterEqual(found), matrix.index(':', column), 0);
    if (found === rows || mx.max(candidates).item() === 0) continue;
    const pivot = mx.argmax(candidates).item() as number;
    matrix.indexPut_([[found, pivot]], matrix.index([pivot, found]));
    const others = mx.where(mx.arange(rows).equal(found), 0, matrix.index(':', column));
    matrix.bitwiseXor_(others.index(':', null).bitwiseAnd(matrix.index(found).index(null)));
    found += 1;
  }
  return found;
}

export function main(report: Report): void {
  const angles = mx.arange(COUNT).multiply((2 * mx.pi) / COUNT);
  const points = mx.stack([mx.cos(angles), mx.sin(angles)], { axis: 1 });
  points.add_(mx.multiply(0.05, mx.random.normal(points.shape, { key: mx.random.key(4) })));
  const distances = mx.linalg.norm(points.index(':', null).subtract(points.index(null)), { axis: -1 });
  const near = distances.less(1.1).bitwiseAnd(mx.eye(COUNT).equal(0));
  report('distances', distances, near, near.sum({ axis: 1 }));

  const close = near.tolist() as boolean[][];
  const corners = close.map((_, i) => [i]);
  const behind = (i: number) => [...close.keys()].slice(i + 1);
  const edges = corners.flatMap(([i = 0]) => behind(i).flatMap((j) => (close[i]?.[j] ? [[i, j]] : [])));
  const triangles = edges.flatMap(([i = 0, j = 0]) =>
    behind(j).flatMap((k) => (close[i]?.[k] && close[j]?.[k] ? [[i, j, k]] : [])),
  );
  const ranks = [rank(boundary(corners, edges)), rank(boundary(edges, triangles))] as const;
  report('betti', mx.array([COUNT - ranks[0], edges.length - ranks[0] - ranks[1]], mx.int32));

  let labels = mx.arange(COUNT);
  for (let i = 0; i < COUNT; i++) {
    labels = mx.minimum(labels, mx.where(near, labels.index(null), COUNT).min({ axis: 1 }));
  }
  report('pieces', labels);

  const places = mx.arange(COUNT, { dtype: mx.uint32 });
  const packed = near.astype(mx.uint32).leftShift(places).sum({ axis: -1 }).astype(mx.uint32);
  let counts = packed.subtract(packed.rightShift(1).bitwiseAnd(0x55555555));
  counts = counts.bitwiseAnd(0x33333333).add(counts.rightShift(2).bitwiseAnd(0x33333333));
  counts = counts.add(counts.rightShift(4)).bitwiseAnd(0x0f0f0f0f).multiply(0x01010101).rightShift(24);
  report('bits', packed, counts, mx.clip(counts, 0, 2), packed.bitwiseInvert());
}
