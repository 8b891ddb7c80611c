import fc from 'fast-check';
import {
  bfloat16,
  bool,
  complex64,
  DTYPES,
  type Dtype,
  float16,
  float32,
  float64,
  isInexact,
  isIntegral,
  uint8,
} from '../../foundation/values/dtypes.ts';
import { core as mx } from '../../mlx/index.ts';
import type { DtypeSet } from '../../registry/sample.ts';

const only = (keep: (dtype: Dtype) => boolean) => DTYPES.filter(keep);

/** The dtypes of each set, plainest first: what a failure shrinks to. */
const SETS: Record<DtypeSet, readonly Dtype[]> = {
  all: DTYPES,
  numeric: only((dtype) => dtype !== bool),
  real: only((dtype) => dtype !== bool && dtype !== complex64),
  ordered: only((dtype) => dtype !== complex64),
  single: only((dtype) => dtype !== float64),
  narrow: [float32, float16, bfloat16],
  integral: only(isIntegral),
  bitwise: only((dtype) => isIntegral(dtype) || dtype === bool),
  inexact: only(isInexact),
  float: only((dtype) => dtype.kind === 'float'),
  lapack: [float32, float64],
  'lapack-complex': [float32, float64, complex64],
  float32: [float32],
  uint8: [uint8],
  bool: [bool],
};

let held: readonly Dtype[] | undefined;

/** The dtypes that the default device computes with: MLX has no float64 on a GPU. */
export function heldDtypes(): readonly Dtype[] {
  held ??= mx.defaultDevice() === mx.gpu ? only((dtype) => dtype !== float64) : DTYPES;
  return held;
}

export function dtypesOf(set: DtypeSet): readonly Dtype[] {
  const dtypes = SETS[set].filter((dtype) => heldDtypes().includes(dtype));
  return dtypes.includes(float32) ? [float32, ...dtypes.filter((dtype) => dtype !== float32)] : dtypes;
}

export function anyDtype(set: DtypeSet): fc.Arbitrary<Dtype> {
  return fc.constantFrom(...dtypesOf(set));
}

/** So many dtypes: half of the time one for all, so that promotion is not all that is tested. */
export function dtypesFor(count: number, set: DtypeSet): fc.Arbitrary<Dtype[]> {
  const same = anyDtype(set).map((dtype) => Array.from({ length: count }, () => dtype));
  return fc.oneof(same, fc.array(anyDtype(set), { minLength: count, maxLength: count }));
}
