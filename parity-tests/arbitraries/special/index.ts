import type { ArgumentsFor } from '../generators.ts';
import { convolutions } from './conv.ts';
import { creation } from './creation.ts';
import { fast } from './fast.ts';
import { fft } from './fft.ts';
import { indexing } from './indexing.ts';
import { linalg } from './linalg.ts';
import { quantized } from './quantized.ts';
import { random } from './random.ts';
import { shape } from './shape.ts';
import { sorting } from './sorting.ts';
import { unary } from './unary.ts';
import { writing } from './writing.ts';

/** The generators written for one operation each, by qualified name. */
export const SPECIAL: Readonly<Record<string, ArgumentsFor>> = {
  ...creation,
  ...unary,
  ...shape,
  ...indexing,
  ...writing,
  ...sorting,
  ...linalg,
  ...fft,
  ...random,
  ...convolutions,
  ...quantized,
  ...fast,
};
