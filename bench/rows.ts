// What `bench` measures. The same names stand in workloads/ (ours) and in python/ (plain Python MLX).

export const SUITES = ['micro', 'memory', 'matmul', 'bandwidth', 'programs', 'start', 'bridge', 'lm'] as const;
/** Rows of `gpu` are measured by bench/gpu alone: they are too large for most CPUs. */
export type Suite = (typeof SUITES)[number] | 'gpu';

export interface Row {
  readonly name: string;
  readonly suite: Suite;
  readonly about: string;
  /** `ns`, `ms`: time of one operation or run; `us`: latency of single calls; `MB`, `bytes`: memory, less is better. */
  readonly unit: 'ns' | 'us' | 'ms' | 'MB' | 'bytes';
  /** Runs in one measurement, and operations in one run. */
  readonly count: number;
  readonly operations: number;
  /** Floating-point operations, or bytes, of one run: shown as a rate. */
  readonly flops?: number;
  readonly bytes?: number;
  /** Shows how many operations run in a second, under this name. */
  readonly paced?: 'op/s' | 'tokens/s';
  /** What llama.cpp does beside, with the same file. */
  readonly peer?: 'prefill' | 'decode';
  /** How many tokens instead of `count`, if it may take long. */
  readonly longCount?: number;
  /** Whether plain Python has the same work to do. */
  readonly compared: boolean;
  /** A process of its own for each measurement, since memory never shrinks back reliably. */
  readonly fresh: boolean;
  /** The most that ours may be, in the row's unit; else the target is Python's time. */
  readonly limit?: number;
  /** The most that one in a hundred of ours may be, of latencies. */
  readonly p99Limit?: number;
  /** Where to look when the target is missed. */
  readonly advice: string;
}

/** How the units of rows are written. */
export const UNITS = { ns: 'ns', us: 'µs', ms: 'ms', MB: 'MB', bytes: 'bytes' } as const;

interface Options {
  readonly operations?: number;
  readonly flops?: number;
  readonly bytes?: number;
  readonly paced?: 'op/s' | 'tokens/s';
  readonly peer?: 'prefill' | 'decode';
  readonly longCount?: number;
  readonly fresh?: boolean;
  readonly limit?: number;
  readonly p99Limit?: number;
  readonly unit?: Row['unit'];
}

export function rowsOf(suite: Suite, advice: string, shared: Partial<Row>) {
  return (name: string, count: number, about: string, options: Options = {}): Row => ({
    name,
    suite,
    about,
    unit: 'ns',
    count,
    operations: 1,
    compared: true,
    fresh: false,
    advice,
    ...shared,
    ...options,
  });
}

const micro = rowsOf('micro', 'docs/adr/0002-handle-design.md', {});
const memory = rowsOf('memory', 'docs/memory.md', { unit: 'MB', fresh: true });
const matmul = rowsOf('matmul', 'BLAS in "doctor"', { unit: 'ms' });
const bandwidth = rowsOf('bandwidth', 'the columns "of copy"', { unit: 'ms' });
const program = rowsOf('programs', 'the suite "micro"', { unit: 'ms' });
const start = rowsOf('start', 'the profile of "node --cpu-prof"', { unit: 'ms' });
const bridge = rowsOf('bridge', 'docs/protocol.md', { unit: 'us', compared: false });

const lm = rowsOf('lm', 'the suites "micro" and "matmul"', { unit: 'ms' });

const TOKENS = 'tokens/s';
const MIB64 = 64 * 2 ** 20;
/** Of [8, 64, 64, 32] in float32. */
const IMAGES = 4 * 2 ** 20;

export const ROWS: readonly Row[] = [
  micro('add', 100_000, 'mx.add of two [4], build only'),
  micro('add-method', 100_000, 'a.add(b) against a + b, build only'),
  micro('add-scalar', 100_000, 'mx.add of [4] and 2, build only'),
  micro('multiply', 100_000, 'mx.multiply of two [4], build only'),
  micro('exp', 100_000, 'mx.exp of [4], build only'),
  micro('sum-axis', 50_000, 'mx.sum of [4, 4] over axis 1, build only'),
  micro('reshape', 50_000, 'mx.reshape of [4] to [2, 2], build only'),
  micro('matmul-2x2', 50_000, 'mx.matmul of two [2, 2], build only'),
  micro('index-first', 20_000, 'x[0] of [4, 4], build only'),
  micro('index-slice', 20_000, 'x[1:3] of [4, 4], build only'),
  micro('chain', 30, 'chain of 1000 additions of [4], then eval; per addition', { operations: 1000 }),
  micro('tidy', 1000, 'mx.tidy around 64 additions, against a function; per addition', { operations: 64 }),
  micro('item', 50_000, 'item() of an evaluated scalar'),
  micro('sum-item', 2000, 'item() of a sum of [4], evaluation included'),
  micro('shape', 200_000, 'x.shape of a new array, once per array'),
  micro('array-list', 500, 'mx.array of a list of 1000 numbers'),
  micro('array-typed', 5000, 'mx.array of 1000 float32 in a typed array'),
  micro('tolist', 500, 'tolist() of 1000 evaluated float32'),
  memory('loop-1mb', 2000, 'peak growth over 2000 × (1 MB add + eval), nothing disposed', { limit: 100 }),
  memory('loop-small', 300_000, 'peak growth over 300,000 additions of [4], never evaluated', { limit: 20 }),
  memory('loop-small-eval', 300, 'peak growth over 300 chains of 1000 additions + eval', { limit: 20 }),
  memory('live-small', 500_000, 'memory of each of 500,000 live evaluated arrays of [4]', { unit: 'bytes' }),
  matmul('matmul-512', 20, 'float32 product of two 512²', { flops: 2 * 512 ** 3 }),
  matmul('matmul-1024', 5, 'float32 product of two 1024²', { flops: 2 * 1024 ** 3 }),
  matmul('softmax-4096', 2, 'softmax of 4096² over the last axis'),
  matmul('conv2d', 3, 'conv2d of [8, 32, 32, 16] with [32, 3, 3, 16], padding 1'),
  bandwidth('add-large', 5, 'sum of two 4096² in float32', { bytes: 3 * MIB64 }),
  bandwidth('exp-large', 3, 'exp of 4096²', { bytes: 2 * MIB64 }),
  bandwidth('sum-large', 5, 'sum of all of 4096²', { bytes: MIB64 }),
  bandwidth('sum-columns-large', 5, 'sum of 4096² over the first axis', { bytes: MIB64 }),
  bandwidth('transpose-large', 3, 'transpose of 4096², made contiguous', { bytes: 2 * MIB64 }),
  bandwidth('cast-large', 3, '4096² from float32 to float16', { bytes: 1.5 * MIB64 }),
  bandwidth('softmax-large', 3, 'softmax of 4096² over the last axis', { bytes: 2 * MIB64 }),
  bandwidth('layer-norm-large', 3, 'layer norm of [16384, 1024] with scale and offset', { bytes: 2 * MIB64 }),
  bandwidth('conv2d-large', 3, 'conv2d of [8, 64, 64, 32] with [32, 3, 3, 32], padding 1', { bytes: 2 * IMAGES }),
  program('mlp-step', 50, 'training step 784-256-10, batch 64, backward pass by hand'),
  program('mlp-grad', 50, 'the same with valueAndGrad, cross entropy of classes'),
  program('mlp-grad-compiled', 50, 'the same with valueAndGrad, in mx.compile'),
  program('transformer-grad', 10, 'transformer block, [4, 64, 128] and 4 heads, gradient and step'),
  program('transformer-grad-compiled', 10, 'the same, in mx.compile'),
  program('nn-mlp', 50, 'step of nn 784-256-10, batch 64, AdamW'),
  program('nn-mlp-compiled', 50, 'the same, in mx.compile with captured state'),
  program('nn-conv', 20, 'step of two nn.Conv2d and a Linear, [32, 16, 16, 1], AdamW'),
  program('nn-conv-compiled', 20, 'the same, in mx.compile with captured state'),
  program('nn-transformer', 10, 'step of nn.TransformerEncoderLayer, [4, 64, 128] and 4 heads, AdamW'),
  program('nn-transformer-compiled', 10, 'the same, in mx.compile with captured state'),
  program('attention-block', 20, 'attention of [4, 128, 256] and 8 heads with its four projections'),
  program('adam-200', 10, 'step of Adam over 200 parameters of [32, 32]'),
  program('k-means', 20, 'step of k-means, 4096 points of 8 numbers and 16 centres'),
  program('circuit-12', 10, '12-qubit state vector, 4 layers of rotations and CNOTs, complex64'),
  program('circuit-20', 1, '20-qubit state vector, 1 layer of rotations and CNOTs, complex64'),
  start('import', 1, 'import to the first number, beyond loading libmlx and its BLAS', { limit: 60 }),
  start('first-number', 1, 'import to the first number'),
  start('installed-size', 1, 'the package, its built files and what it depends on, against the wheels of MLX', {
    unit: 'MB',
  }),
  bridge('round-trip', 1000, 'mx.add of two [4] in Python, synchronous', { limit: 75, p99Limit: 250 }),
  bridge('round-trip-async', 1000, 'the same, awaited', { limit: 80 }),
  bridge('round-trip-item', 1000, 'item() of a new sum in Python, two round trips', { limit: 150 }),
  bridge('callback', 1000, 'mx.checkpoint of x => x in Python, a round trip with a callback in it', { limit: 195 }),
  bridge('pipelined', 5, 'one of 100,000 mx.add of two [4] in a pipeline, the last evaluated', {
    unit: 'ns',
    paced: 'op/s',
    limit: 1000,
  }),
  bridge('pipelined-mixed', 5, 'the same, of mx.add, exp, multiply and where in turn', {
    unit: 'ns',
    paced: 'op/s',
    limit: 1000,
  }),
  bridge('upload-64mib', 3, '64 MiB to a worker', { unit: 'ms', bytes: MIB64, limit: 22 }),
  bridge('download-64mib', 3, '64 MiB from a worker', { unit: 'ms', bytes: MIB64, limit: 22 }),
  bridge('cold-start', 1, 'first call of a worker that is not running', { unit: 'ms', limit: 200 }),
  lm('load', 1, 'weights in float32 from a folder'),
  lm('load-quantized', 1, 'weights in 4 bits from a folder'),
  lm('prefill', 512, 'a prompt of 512 tokens, with the first token; per token', { paced: TOKENS, peer: 'prefill' }),
  lm('prefill-quantized', 32, 'of 32 tokens, with weights in 4 bits', { paced: TOKENS, peer: 'prefill' }),
  lm('first-token', 32, 'a prompt of 32 tokens, with the first token; per token'),
  lm('first-token-quantized', 8, 'of 8 tokens, with weights in 4 bits'),
  lm('decode', 64, 'a token of an answer', { paced: TOKENS, peer: 'decode' }),
  lm('decode-quantized', 16, 'the same, with weights in 4 bits', { paced: TOKENS, peer: 'decode' }),
  lm('batch-8', 256, 'a token of 8 answers at once, with prompts of 8 tokens', { paced: TOKENS }),
  lm('batch-8-quantized', 32, 'the same, with weights in 4 bits', { paced: TOKENS }),
  lm('embed-256', 256, 'a text for an encoder, with its tokens', { paced: 'op/s' }),
  lm('lora-step', 2, 'step of LoRA in 4 blocks, 2 × 128 tokens'),
  lm('lora-step-quantized', 1, 'of 32 tokens, with weights in 4 bits'),
  lm('long-answer', 512, 'peak growth over an answer of 512 tokens, beyond its cache', {
    unit: 'MB',
    fresh: true,
    limit: 32,
    longCount: 4096,
  }),
];
