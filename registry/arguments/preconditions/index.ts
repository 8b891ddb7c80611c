import { conv } from './conv.ts';
import { creation } from './creation.ts';
import { fast } from './fast.ts';
import { indexing } from './indexing.ts';
import { linalg } from './linalg.ts';
import type { Preconditions } from './precondition.ts';
import { quantized } from './quantized.ts';
import { random } from './random.ts';
import { reduction } from './reduction.ts';
import { shape } from './shape.ts';

/**
 * Calls that would end the process, or never return, inside MLX itself: integer divisions by zero, wild reads, sizes
 * that overflow. They are refused before either backend sees them.
 */
export const PRECONDITIONS: Preconditions = {
  ...creation,
  ...shape,
  ...reduction,
  ...indexing,
  ...conv,
  ...quantized,
  ...linalg,
  ...fast,
  ...random,
};
