"""Persistent homology of point clouds, which is not ported: how long pieces and loops live as the points grow.

Points grow into balls. Pieces merge (dimension 0), loops appear and fill up (dimension 1). Each is a point of the
diagram: when it was born, when it died. H. Edelsbrunner, J. Harer: Computational Topology, 2010.
"""

from itertools import combinations

import mlx.core as mx

try:
    # Loaded once in each worker.
    from gph import ripser_parallel
except ImportError:
    ripser_parallel = None


def diagrams(points: mx.array, method: str) -> list[mx.array]:
    """Give the diagrams of dimensions 0 and 1 of a cloud of shape [points, dims], each of shape [pairs, 2], float32.

    The piece that never dies is left out; what lives longest comes first.
    """
    distances = mx.linalg.norm(points[:, None] - points[None], axis=-1)
    pairs = {"giotto-ph": by_giotto, "plain": by_hand}[method](distances.tolist())
    return [in_order(dimension) for dimension in pairs]


def in_order(pairs):
    living = [(float(birth), float(death)) for birth, death in pairs if birth < death < float("inf")]
    living.sort(key=lambda pair: (pair[0] - pair[1], pair))
    return mx.array(living, mx.float32).reshape(-1, 2)


def by_giotto(distances):
    if ripser_parallel is None:
        raise ImportError("giotto-ph is not installed: node --import tsx scripts/install-extra.ts trajectories models")
    import numpy as np

    # One thread: other clouds are computed beside it, in other workers.
    return ripser_parallel(np.array(distances, np.float32), maxdim=1, metric="precomputed", n_threads=1)["dgms"]


def by_hand(distances):
    """Reduce the boundary matrix of the Rips complex column by column: slow, and all that it is."""
    count = len(distances)
    simplices = [(0.0, (i,)) for i in range(count)]
    for size in (2, 3):
        for corners in combinations(range(count), size):
            simplices.append((max(distances[i][j] for i, j in combinations(corners, 2)), corners))
    simplices.sort(key=lambda simplex: (simplex[0], len(simplex[1]), simplex[1]))
    place = {corners: index for index, (_, corners) in enumerate(simplices)}
    pairs = [[], []]
    columns = {}
    for death, corners in simplices:
        column = {place[face] for face in combinations(corners, len(corners) - 1) if face}
        while column and (low := max(column)) in columns:
            column ^= columns[low]
        if column:
            columns[low] = column
            birth, dying = simplices[low]
            pairs[len(dying) - 1].append((birth, death))
    return pairs
