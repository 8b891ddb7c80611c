import type { SpecialGenerator } from '../../../registry/sample.ts';
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

/** By the names that rows of the catalogue have for them. */
export const SPECIAL: Readonly<Record<SpecialGenerator, ArgumentsFor>> = {
  ...creation,
  ...unary,
  ...shape,
  ...indexing,
  ...sorting,
  ...linalg,
  ...fft,
  ...random,
  ...convolutions,
  ...quantized,
  ...fast,
};
