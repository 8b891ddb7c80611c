// Written by `npm run generate` from registry/catalogue. Do not edit.
export * from './quantized-1.ts';
export * from './quantized-2.ts';
