// Written by `npm run generate` from registry/catalogue. Do not edit.
import type { UnaryMethods } from './methods/unary.ts';
import type { BinaryMethods } from './methods/binary.ts';
import type { ReductionMethods } from './methods/reduction.ts';
import type { ShapeMethods } from './methods/shape.ts';

/** The operations that are also methods of `mx.array`, the tensor being their first parameter. */
export interface ArrayMethods extends UnaryMethods, BinaryMethods, ReductionMethods, ShapeMethods {}
