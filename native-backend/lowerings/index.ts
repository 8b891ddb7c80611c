import { integerDivision } from '../workarounds/integer-division.ts';
import { conv } from './conv.ts';
import { creation } from './creation.ts';
import { fast } from './fast.ts';
import { fft } from './fft.ts';
import { indexing } from './indexing.ts';
import { linalg } from './linalg.ts';
import type { Lowerings } from './lowering.ts';
import { random } from './random.ts';
import { shape } from './shape.ts';

/** Every lowering, by the qualified name of its operation. */
export const LOWERINGS: Lowerings = {
  ...creation,
  ...integerDivision,
  ...shape,
  ...indexing,
  ...linalg,
  ...fft,
  ...random,
  ...conv,
  ...fast,
};
