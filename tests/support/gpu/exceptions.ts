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

const FUSED = 'a kernel that MLX compiles for a GPU multiplies and adds in one step, without rounding between';
const GARBAGE = 'on a GPU more waits for a collection than these bounds allow: docs/adr/0044-garbage-on-a-gpu.md';
const ALLOWANCE = 'it counts by the allowance of a CPU: docs/adr/0044-garbage-on-a-gpu.md';
const FEW_COLUMNS = 'MLX has no quantized product of so few columns for a GPU';
const ADDRESSES = 'CUDA needs more addresses than the limit of the test leaves';
const WHOLE_STEP = 'a step of Adam is one operation on a CPU alone';
const ATOMIC =
  'overlapping windows are added by atomic operations, in no order: in Python each run has other last bits';
const FORKS = 'a forked child cannot use the GPU of its parent';

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
  { file: 'mlx/optimizers/donation.test.ts', tests: 'computes in the memory', reason: WHOLE_STEP },
  { file: 'tests/memory/unsafe.test.ts', tests: 'kernels, where there is no GPU', reason: 'there is one' },
  { file: 'lm/cache/cache.test.ts', tests: 'are those of mlx_lm', reason: BITS_OF_A_CPU },
  { file: 'parity-tests/models/bert.test.ts', tests: 'BERT with the poolings', reason: TF32 },
  { file: 'lm/engines/batch-engine.test.ts', tests: 'answers of a batch', reason: TF32 },
  { file: 'lm/generation/generate-batch.test.ts', tests: 'have the answers that each prompt has alone', reason: TF32 },
  { file: 'mlx/operations/results.test.ts', tests: 'of svd with and without the vectors', reason: DECOMPOSITIONS },
  { file: 'tests/transforms/compiled-constants.test.ts', reason: FUSED },
  { file: 'lm/cache/cache.test.ts', tests: 'quantizes caches when mlx_lm does', reason: FEW_COLUMNS },
  { file: 'lm/cache/cache.test.ts', tests: 'goes on beyond the positions that a quantized', reason: FEW_COLUMNS },
  { file: 'lm/cache/cache.test.ts', tests: 'go on where they were written', reason: FEW_COLUMNS },
  { file: 'lm/generation/speculative.test.ts', tests: 'gives what generation without a draft', reason: FEW_COLUMNS },
  { file: 'python-bridge/workers/forks.test.ts', tests: 'leaves the channel to the parent', reason: FORKS },
  {
    file: 'python-bridge/workers/forks.test.ts',
    tests: 'holds none of the descriptors',
    reason: 'CUDA opens a socket of its own',
  },
  {
    file: 'python-bridge/requests/faults.test.ts',
    tests: 'a worker that hangs',
    reason: 'a worker that uses a GPU takes longer to begin than the limit of the call that it is for',
  },
  {
    file: 'tests/workers/kernel-folder.test.ts',
    tests: 'are not made without g++',
    reason: 'MLX asks whether the default device of the process can compile, and a GPU needs no g++',
  },
  {
    file: 'tests/calls/empty-batches.test.ts',
    tests: 'a shapeless trace that spreads nothing',
    reason: 'a GPU has its value, so nothing is to be refused',
  },
  {
    file: 'mlx/arrays/array.test.ts',
    tests: 'converts doubles as MLX converts them',
    reason: 'a NaN has other bits on a GPU; all other numbers of the test have the same',
  },
  {
    file: 'tests/transforms/transform-limits.test.ts',
    tests: 'MLX still gets wrong',
    reason: 'some of what is wrong on a CPU is right on a GPU',
  },
  { file: 'tests/memory/short-memory.test.ts', reason: ADDRESSES },
  { file: 'python-bridge/workers/ceiling.test.ts', reason: ADDRESSES },
  { file: 'tests/workers/shared-memory.test.ts', tests: 'float64', reason: FLOAT64 },
  { file: 'lm/generation/samplers.test.ts', tests: 'gives the scores of mlx_lm', reason: BITS_OF_A_CPU },
  { file: 'lm/training/training.test.ts', tests: 'are for experts, too', reason: TF32 },
  { file: 'parity-tests/modules/all-layers.test.ts', tests: 'is saved here and loaded', reason: FEW_COLUMNS },
  {
    file: 'lm/generation/freed-buffers.test.ts',
    reason: 'buffers of a GPU come back when its kernels have run, which is later than the test looks',
  },
  { file: 'tests/memory/memory.test.ts', reason: GARBAGE },
  { file: 'lm/serve/prompt-store.test.ts', tests: 'is kept within the bytes it may take', reason: GARBAGE },
  { file: 'lm/engines/batch-engine-hostile.test.ts', tests: 'leaves nothing behind', reason: GARBAGE },
  { file: 'native-backend/handles/collections.test.ts', reason: ALLOWANCE },
  {
    file: 'parity-tests/modules/modules.test.ts',
    tests: 'equal to Python’s own in every bit nn.AvgPool2d',
    reason: ATOMIC,
  },
  {
    file: 'parity-tests/modules/modules.test.ts',
    tests: 'equal to Python’s own in every bit nn.MaxPool3d',
    reason: ATOMIC,
  },
  {
    file: 'parity-tests/transforms/transforms.test.ts',
    tests: 'are those of Python bit for bit, and right tensordot',
    reason: TF32,
  },
  { file: 'tests/docs/docs.test.ts', tests: 'prints what it says docs/configuration.md', reason: DECOMPOSITIONS },
  { file: 'tests/docs/docs.test.ts', tests: 'prints what it says docs/errors.md', reason: DECOMPOSITIONS },
  { file: 'tests/evaluation/shared-kernels.test.ts', tests: 'have the bits of MLX alone', reason: BITS_OF_A_CPU },
  { file: 'tests/evaluation/shared-kernels.test.ts', tests: 'a fused operation of many elements', reason: FUSED },
  {
    file: 'tests/evaluation/shared-kernels.test.ts',
    tests: 'is made by a compiler that knows none of the options',
    reason: 'MLX compiles for a GPU without g++',
  },
  { file: 'native-backend/addon/addon.test.ts', tests: 'gives a large result a block', reason: ALLOWANCE },
];

/** Why a test cannot pass on a GPU; undefined: it can. */
export function reasonOnGpu(file: string, test: string): string | undefined {
  return EXCEPTIONS.find((one) => file.endsWith(one.file) && test.includes(one.tests ?? ''))?.reason;
}
