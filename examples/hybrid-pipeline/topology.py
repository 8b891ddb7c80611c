"""Topological features of point clouds, which are not ported: how long pieces and loops persist as the points grow.

The points of a cloud grow into discs. Pieces merge, and loops appear and fill up. The lifetimes of what lives long
tell the shape; what lives shortly is noise. H. Edelsbrunner, J. Harer: Computational Topology, 2010.
"""

import math

import mlx.core as mx

# Of each cloud so many lifetimes are given, the longest first.
LONGEST = 6


class Pieces:
    """The pieces of a cloud (persistent homology in dimension 0), in plain Python."""

    def lifetimes(self, cloud: mx.array) -> list[float]:
        """Give the lifetimes of the pieces of a cloud of shape [points, 2], but of the one that never ends."""
        points = cloud.tolist()
        # Pieces merge along the edges of a minimal spanning tree. Prim's algorithm.
        nearest = [math.inf] * len(points)
        outside = set(range(1, len(points)))
        lengths = []
        last = 0
        while outside:
            x, y = points[last]
            for i in outside:
                nearest[i] = min(nearest[i], math.hypot(points[i][0] - x, points[i][1] - y))
            last = min(outside, key=nearest.__getitem__)
            outside.discard(last)
            lengths.append(nearest[last])
        return longest(lengths)

    def lifetimes_of_many(self, clouds: list[mx.array]) -> list[list[float]]:
        return [self.lifetimes(cloud) for cloud in clouds]


class Loops(Pieces):
    """The loops of a cloud (persistent homology in dimension 1), by GUDHI."""

    def __init__(self) -> None:
        import gudhi

        self._gudhi = gudhi

    def lifetimes(self, cloud: mx.array) -> list[float]:
        """Give the lifetimes of the loops of a cloud of shape [points, 2], as differences of radii."""
        tree = self._gudhi.AlphaComplex(points=cloud.tolist()).create_simplex_tree()
        tree.compute_persistence()
        # Alpha complexes are filtered by the squares of the radii.
        return longest([math.sqrt(end) - math.sqrt(start) for start, end in tree.persistence_intervals_in_dimension(1)])


def longest(lifetimes: list[float]) -> list[float]:
    first = sorted(lifetimes, reverse=True)[:LONGEST]
    return first + [0.0] * (LONGEST - len(first))
