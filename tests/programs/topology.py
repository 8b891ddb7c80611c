"""Counts the pieces and holes of points on a circle: boundary matrices, ranks modulo two, packed bits."""

from typing import Any

import mlx.core as mx

COUNT = 8

Cell = tuple[int, ...]


def boundary(faces: list[Cell], cells: list[Cell]) -> mx.array:
    places = {face: i for i, face in enumerate(faces)}
    matrix = mx.zeros((len(faces), max(len(cells), 1)), dtype=mx.uint8)
    for column, cell in enumerate(cells):
        for k in range(len(cell)):
            matrix[places[cell[:k] + cell[k + 1 :]], column] = 1
    return matrix


def rank(given: mx.array) -> int:
    matrix = given + 0
    rows, columns = matrix.shape
    found = 0
    for column in range(columns):
        candidates = mx.where(mx.arange(rows) >= found, matrix[:, column], 0)
        if found == rows or mx.max(candidates).item() == 0:
            continue
        pivot = mx.argmax(candidates).item()
        matrix[mx.array([found, pivot])] = matrix[mx.array([pivot, found])]
        others = mx.where(mx.arange(rows) == found, 0, matrix[:, column])
        matrix ^= others[:, None] & matrix[found][None]
        found += 1
    return found


def main(report: Any) -> None:
    angles = mx.arange(COUNT) * (2 * mx.pi / COUNT)
    points = mx.stack([mx.cos(angles), mx.sin(angles)], axis=1)
    points += 0.05 * mx.random.normal(points.shape, key=mx.random.key(4))
    distances = mx.linalg.norm(points[:, None] - points[None], axis=-1)
    near = (distances < 1.1) & (mx.eye(COUNT) == 0)
    report("distances", distances, near, near.sum(axis=1))

    close = near.tolist()
    corners = [(i,) for i in range(COUNT)]
    edges = [(i, j) for i in range(COUNT) for j in range(i + 1, COUNT) if close[i][j]]
    triangles = [(i, j, k) for i, j in edges for k in range(j + 1, COUNT) if close[i][k] and close[j][k]]
    first, second = boundary(corners, edges), boundary(edges, triangles)
    ranks = rank(first), rank(second)
    report("betti", mx.array([COUNT - ranks[0], len(edges) - sum(ranks)]))

    labels = mx.arange(COUNT)
    for _ in range(COUNT):
        labels = mx.minimum(labels, mx.where(near, labels[None], COUNT).min(axis=1))
    report("pieces", labels)

    places = mx.arange(COUNT, dtype=mx.uint32)
    packed = (near.astype(mx.uint32) << places).sum(axis=-1).astype(mx.uint32)
    counts = packed - ((packed >> 1) & 0x55555555)
    counts = (counts & 0x33333333) + ((counts >> 2) & 0x33333333)
    counts = ((counts + (counts >> 4)) & 0x0F0F0F0F) * 0x01010101 >> 24
    report("bits", packed, counts, mx.clip(counts, 0, 2), ~packed)
