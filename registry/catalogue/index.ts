import type { Operation } from '../operation.ts';
import { binary } from './binary.ts';
import { convolutions } from './conv.ts';
import { creation } from './creation.ts';
import { distributed } from './distributed.ts';
import { fast } from './fast.ts';
import { fft } from './fft.ts';
import { indexing } from './indexing.ts';
import { linalg } from './linalg.ts';
import { products } from './products.ts';
import { quantized } from './quantized.ts';
import { random } from './random.ts';
import { reduction } from './reduction.ts';
import { shapes } from './shape.ts';
import { sorting } from './sorting.ts';
import { unary } from './unary.ts';

/** Every operation of the library, one row each. */
export const CATALOGUE: readonly Operation[] = [
  ...creation,
  ...unary,
  ...binary,
  ...reduction,
  ...shapes,
  ...indexing,
  ...sorting,
  ...products,
  ...linalg,
  ...fft,
  ...random,
  ...convolutions,
  ...quantized,
  ...fast,
  ...distributed,
];
