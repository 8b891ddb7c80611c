"""Clusters of vectors, which are not ported: HDBSCAN of scikit-learn, or what it rests on in plain Python."""

import mlx.core as mx

try:
    from sklearn.cluster import HDBSCAN
except ImportError:
    HDBSCAN = None

# A cluster has at least so many vectors.
SMALLEST = 4


def labels(vectors: mx.array, method: str) -> list[int]:
    """Give the cluster of each row of [count, dims], from 0 in the order of their first rows; noise is -1."""
    if len(vectors) < 2 * SMALLEST:
        return [-1] * len(vectors)
    found = {"HDBSCAN": by_hdbscan, "plain": by_hand}[method](vectors)
    order = {label: place for place, label in enumerate(dict.fromkeys(label for label in found if label >= 0))}
    return [order.get(label, -1) for label in found]


def by_hdbscan(vectors):
    if HDBSCAN is None:
        raise ImportError(
            "scikit-learn is not installed: node --import tsx scripts/install-extra.ts trajectories models"
        )
    import numpy as np

    return HDBSCAN(min_cluster_size=SMALLEST, copy=True).fit(np.array(vectors)).labels_.tolist()


def by_hand(vectors):
    """Join what is nearer than where half of all vectors have their neighbours (DBSCAN*)."""
    distances = mx.linalg.norm(vectors[:, None] - vectors[None], axis=-1).tolist()
    cores = [sorted(row)[SMALLEST - 1] for row in distances]
    reach = sorted(cores)[len(cores) // 2]
    found = [-1] * len(cores)
    for first, core in enumerate(cores):
        if core > reach or found[first] >= 0:
            continue
        todo = [first]
        while todo:
            row = todo.pop()
            found[row] = first
            near = (i for i, distance in enumerate(distances[row]) if distance <= reach)
            todo += [i for i in near if cores[i] <= reach and found[i] < 0]
    return found
