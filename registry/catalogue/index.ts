import type { Operation } from '../operation.ts';
import { binary } from './binary.ts';
import { creation } from './creation.ts';
import { reduction } from './reduction.ts';
import { shapes } from './shape.ts';
import { unary } from './unary.ts';

/** Every operation of the library, one row each. */
export const CATALOGUE: readonly Operation[] = [...creation, ...unary, ...binary, ...reduction, ...shapes];
