// What bench/gpu measures. The work stands in ../workloads/ and in ../python/workloads/ under the same names.
import { ROWS, type Row, rowsOf } from '../rows.ts';

const gpu = rowsOf('gpu', 'docs/performance.md', { unit: 'ms' });

/** Of an H200. What is freed late may take a share of it: docs/adr/0044-garbage-on-a-gpu.md. */
const CARD_MB = 150_755;

/** Rows for language models, which here have weights in bfloat16, and in 4 bits. */
const LANGUAGE_MODEL_ROWS = ['prefill', 'decode', 'decode-quantized'] as const;

export const GPU_ROWS: readonly Row[] = [
  gpu('product-bf16', 20, 'product of two 8192² in bfloat16'),
  gpu('product-bf16-20', 2, 'chain of 20 such products in one evaluation; per product', { operations: 20 }),
  gpu('product-f32', 5, 'product of two 8192² in float32'),
  gpu('softmax-f32', 200, 'softmax of 4096² in float32'),
  gpu('softmax-f32-disposed', 200, 'the same, ours with dispose()'),
  gpu('softmax-f32-50', 5, 'chain of 50 of them in one evaluation; per softmax', { operations: 50 }),
  gpu('softmax-f32-50-tidy', 5, 'the same, ours in mx.tidy; per softmax', { operations: 50 }),
  gpu('softmax-bf16', 200, 'softmax of 4096² in bfloat16'),
  gpu('softmax-bf16-disposed', 200, 'the same, ours with dispose()'),
  gpu('softmax-bf16-50', 5, 'chain of 50 of them in one evaluation; per softmax', { operations: 50 }),
  gpu('attention', 50, 'mx.fast attention of [4, 16, 2048, 64] in bfloat16'),
  gpu('block-small', 20, 'transformer block, [4, 64, 128] and 4 heads in float32, gradient and step'),
  gpu('block-large', 10, 'transformer block, [8, 1024, 1024] and 16 heads in bfloat16, gradient and step'),
  gpu('chain-1000', 10, 'chain of 1,000 additions of [4], then eval; per addition', { operations: 1000, unit: 'us' }),
  gpu('chain-1000-tidy', 10, 'the same, ours in mx.tidy; per addition', { operations: 1000, unit: 'us' }),
  gpu('chain-1000-scalar', 10, 'chain of 1,000 additions of a scalar, then eval; per addition', {
    operations: 1000,
    unit: 'us',
  }),
  gpu('add-eval', 1000, 'addition of [4], and its evaluation', { unit: 'us' }),
  gpu('loop-time', 500, 'addition of 4096² in float32, and its evaluation', { unit: 'us' }),
  gpu('loop-peak', 2000, 'peak of 2,000 additions and evaluations of 4096² in float32, nothing disposed', {
    unit: 'MB',
    limit: CARD_MB / 32,
  }),
  gpu('upload-256mib', 3, '256 MiB of float32 to an array'),
  gpu('download-256mib', 3, '256 MiB of float32 that were just computed, from an array'),
  ...ROWS.filter(({ name }) => (LANGUAGE_MODEL_ROWS as readonly string[]).includes(name)),
  // Last, for their kernels are compiled first, which takes a minute each, and a run ends when its time is up.
  gpu('block-small-compiled', 20, 'block-small in mx.compile'),
  gpu('block-large-compiled', 10, 'block-large in mx.compile'),
];
