import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { core as mx } from '../../mlx/index.ts';

/** The primitives of the graph that computes the tensor. */
export function primitivesOf(tensor: mx.Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-graph-'));
  try {
    const file = join(folder, 'graph.dot');
    mx.exportToDot(file, tensor);
    return [...readFileSync(file, 'utf8').matchAll(/label ?= ?"([A-Za-z]+)", shape ?= ?rectangle/g)].map(
      ([, name]) => name as string,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
