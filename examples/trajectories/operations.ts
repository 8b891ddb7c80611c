import { core as mx, registry } from '../../mlx/index.ts';

/**
 * The persistence diagrams of a cloud `[points, dims]`, of dimensions 0 and 1, each `[pairs, 2]`. Python alone has it;
 * `pure`, so it is made again when its worker dies.
 */
export const diagramsOf = registry.register<[mx.Array, mx.Array]>({
  name: 'topology.diagrams',
  python: 'homology:diagrams',
  pure: true,
});

/** The cluster of each vector of `[count, dims]`, from 0; noise is -1. Python alone has it. */
export const clustersOf = registry.register<number[]>({
  name: 'topology.clusters',
  python: 'clusters:labels',
  pure: true,
});

function sliced(one: mx.Array, other: mx.Array, directions: number): mx.Array {
  const angles = mx.arange(directions).multiply(Math.PI / directions);
  const lines = mx.stack([mx.cos(angles), mx.sin(angles)], 1);
  const seen = (pairs: mx.Array) => mx.sort(lines.matmul(mx.swapaxes(pairs, -1, -2)), -1);
  const onDiagonal = (pairs: mx.Array) => mx.broadcastTo(mx.mean(pairs, -1, { keepdims: true }), pairs.shape);
  // Each diagram is seen once, with however many others it is compared; joining what is sorted is the quicker sort.
  const joined = (one: mx.Array, other: mx.Array) => {
    const parts = mx.broadcastArrays(seen(one), seen(onDiagonal(other)));
    return mx.sort(mx.concatenate(parts, -1), -1);
  };
  const moved = mx.abs(joined(one, other).subtract(joined(other, one)));
  return mx.mean(mx.sum(moved, -1), -1);
}

/**
 * The sliced Wasserstein distances of persistence diagrams `[..., pairs, 2]` of one pair at least, of shape `[...]`:
 * ported, with wasserstein.py as the reference.
 */
export const slicedWasserstein = registry.register<mx.Array>({
  name: 'topology.sliced_wasserstein',
  python: 'wasserstein:sliced_wasserstein',
  pure: true,
  // In a scope, so that MLX computes in the memory of what the graph only goes through.
  native: (one: mx.Array, other: mx.Array, directions = 64) => mx.tidy(() => sliced(one, other, directions)),
});

/** How evenly life is divided among the pairs of a diagram `[pairs, 2]`: 0 for one alone, log(pairs) for equal ones. */
export function entropyOf(diagram: mx.Array): number {
  if (diagram.size === 0) return 0;
  return mx.tidy(() => {
    const lives = diagram.index('..., 1').subtract(diagram.index('..., 0'));
    const shares = lives.divide(lives.sum());
    return -Number(shares.multiply(mx.log(shares)).sum().item());
  });
}

/** Diagrams of any length as one array `[diagrams, pairs, 2]`: pairs that never lived make the shorter ones longer. */
export function stackOf(diagrams: readonly mx.Array[]): mx.Array {
  const longest = Math.max(1, ...diagrams.map(({ shape }) => shape[0] as number));
  const zeros = (count: number) => mx.zeros([count, 2]);
  return mx.stack(diagrams.map((it) => mx.concatenate([it, zeros(longest - (it.shape[0] as number))], 0)));
}
