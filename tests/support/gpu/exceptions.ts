/** Tests that cannot pass where the default device is a GPU of NVIDIA, each with its reason. */
export interface Exception {
  readonly file: string;
  /** A part of the names of the tests; all of the file where it is absent. */
  readonly tests?: string;
  readonly reason: string;
}

const FLOAT64 = 'a GPU has no float64, not even to copy it';
const DECOMPOSITIONS = 'MLX decomposes matrices on a CPU alone: elsewhere it refuses, and nothing fails later';
const AT_ONCE = 'it watches what goes on while MLX computes, and a GPU has done it before there is anything to see';
const TF32 = 'a GPU multiplies float32 by TF32, with 10 bits of fraction: the bounds are those of a CPU';
const BITS_OF_A_CPU = 'it compares with the bits of kernels for a CPU';

export const EXCEPTIONS: readonly Exception[] = [
  { file: 'tests/calls/dtypes.test.ts', tests: 'bits of float64', reason: FLOAT64 },
  { file: 'mlx/arrays/array.test.ts', tests: 'reads float64', reason: FLOAT64 },
  { file: 'mlx/arrays/writing.test.ts', tests: 'writes numbers, lists, arrays and through text', reason: FLOAT64 },
  { file: 'io/round-trip.test.ts', tests: 'keeps every bit of float64', reason: FLOAT64 },
  { file: 'tests/evaluation/vector-products.test.ts', reason: FLOAT64 },
  { file: 'tests/evaluation/evaluation-under-way.test.ts', tests: 'a failure under way', reason: DECOMPOSITIONS },
  {
    file: 'tests/evaluation/evaluation-under-way.test.ts',
    tests: 'fails for want of its values',
    reason: DECOMPOSITIONS,
  },
  { file: 'tests/evaluation/failed-again.test.ts', reason: DECOMPOSITIONS },
  { file: 'tests/evaluation/failed-evaluations.test.ts', reason: DECOMPOSITIONS },
  { file: 'tests/evaluation/asynchrony.test.ts', tests: 'rejects with the typed error', reason: DECOMPOSITIONS },
  { file: 'parity-tests/golden.test.ts', tests: 'the determinant of', reason: DECOMPOSITIONS },
  { file: 'parity-tests/golden.test.ts', tests: 'its inverse', reason: DECOMPOSITIONS },
  { file: 'parity-tests/golden.test.ts', tests: 'numpy.linalg.solve', reason: DECOMPOSITIONS },
  { file: 'parity-tests/golden.test.ts', tests: 'the eigenvalues of', reason: DECOMPOSITIONS },
  { file: 'parity-tests/golden.test.ts', tests: 'the Cholesky factor of', reason: DECOMPOSITIONS },
  { file: 'tests/evaluation/asynchrony.test.ts', tests: 'lets a timer tick while MLX computes', reason: AT_ONCE },
  { file: 'tests/evaluation/asynchrony.test.ts', tests: 'stops waiting when its signal aborts', reason: AT_ONCE },
  { file: 'tests/evaluation/asynchrony.test.ts', tests: 'ticks of 5 ms by during a product', reason: AT_ONCE },
  { file: 'lm/convert/convert.test.ts', tests: 'writes the weights, a sorted config', reason: TF32 },
  { file: 'lm/convert/convert.test.ts', tests: 'quantizes as mlx_lm: affine', reason: TF32 },
  { file: 'lm/convert/convert.test.ts', tests: 'puts adapters into quantized weights', reason: TF32 },
  { file: 'lm/training/training.test.ts', tests: 'the same losses, weights and fused weights', reason: TF32 },
  { file: 'parity-tests/models/golden.test.ts', reason: TF32 },
  { file: 'lm/models/models.test.ts', tests: 'sees a window without a cache as with one', reason: BITS_OF_A_CPU },
  { file: 'tests/evaluation/whole-operations.test.ts', reason: BITS_OF_A_CPU },
  { file: 'tests/evaluation/quantized-kernels.test.ts', reason: BITS_OF_A_CPU },
  { file: 'tests/evaluation/adam-step.test.ts', reason: BITS_OF_A_CPU },
  { file: 'tests/memory/unsafe.test.ts', tests: 'kernels, where there is no GPU', reason: 'there is one' },
  {
    file: 'tests/memory/memory.test.ts',
    reason: 'on a GPU more waits for a collection than these bounds allow: docs/adr/0044-garbage-on-a-gpu.md',
  },
  {
    file: 'native-backend/handles/collections.test.ts',
    reason: 'it counts by the allowance of a CPU: docs/adr/0044-garbage-on-a-gpu.md',
  },
];

/** Why a test cannot pass on a GPU; undefined: it can. */
export function reasonOnGpu(file: string, test: string): string | undefined {
  return EXCEPTIONS.find((one) => file.endsWith(one.file) && test.includes(one.tests ?? ''))?.reason;
}
