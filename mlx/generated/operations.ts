// Written by `npm run generate` from registry/catalogue. Do not edit.
export * from './core/creation.ts';
export * from './core/unary.ts';
export * from './core/binary.ts';
export * from './core/reduction.ts';
export * from './core/shape.ts';
export * from './core/indexing.ts';
export * from './core/sorting.ts';
export * from './core/linalg.ts';
export * from './core/conv.ts';
export * from './core/quantized.ts';
