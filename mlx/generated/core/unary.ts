// Written by `npm run generate` from registry/catalogue. Do not edit.
export * from './unary-1.ts';
export * from './unary-2.ts';
