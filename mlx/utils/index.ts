/** What Python's `mlx.utils` has: trees of lists, plain objects and modules. */
export * from './trees.ts';
