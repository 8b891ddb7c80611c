// Written by `npm run generate` from registry/catalogue. Do not edit.
export * from './shape-1.ts';
export * from './shape-2.ts';
