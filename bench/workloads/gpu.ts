// Work that is large enough for a GPU, and work so small that only its start counts. The same stands in
// bench/python/workloads/gpu.py.
import { core as mx } from '../../mlx/index.ts';
import { SIZES_VARIABLE, type Sizes } from '../gpu/sizes.ts';
import { startTiming, type Timing } from '../timing.ts';
import { trainer } from './training.ts';
import { transformerBlock } from './transformer.ts';

const sizes = JSON.parse(process.env[SIZES_VARIABLE] ?? '{}') as Sizes;
const MB = 1e6;

type Make = () => mx.Array;
type Work = (count: number) => Timing | number | number[];

/** Made when a row needs it: what another row works with takes no memory meanwhile. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    if (made === undefined) {
      mx.random.seed(23);
      made = { value: make() };
    }
    return made.value;
  };
}

/** One number that both sides must come to. */
const digest = (x: mx.Array): number => Number(mx.sum(mx.astype(mx.abs(x), mx.float32)).item());

/** Evaluates a new array again and again; the one before is dropped, or disposed of at once. */
function each(prepare: () => Make, disposing = false): Work {
  const prepared = lazily(prepare);
  return (count) => {
    const make = prepared();
    let last = make();
    mx.eval(last);
    const stop = startTiming();
    for (let i = 0; i < count; i++) {
      if (disposing) last.dispose();
      last = make();
      mx.eval(last);
    }
    return { ...stop(null), result: digest(last) };
  };
}

/** So many steps of one graph, which is then evaluated as a whole. */
function chain(length: number, prepare: () => { start: mx.Array; next: (x: mx.Array) => mx.Array }): Work {
  return each(() => {
    const { start, next } = prepare();
    return () => {
      let x = start;
      for (let i = 0; i < length; i++) x = next(x);
      return x;
    };
  });
}

/** The same in a scope that frees what the graph went through before it is evaluated. */
function tidyChain(length: number, prepare: () => { start: mx.Array; next: (x: mx.Array) => mx.Array }): Work {
  return each(() => {
    const { start, next } = prepare();
    return () =>
      mx.tidy(() => {
        let x = start;
        for (let i = 0; i < length; i++) x = next(x);
        return x;
      });
  }, true);
}

function settled(x: mx.Array): mx.Array {
  mx.eval(x);
  return x;
}

const square = (side: number, dtype: mx.Dtype): mx.Array => settled(mx.random.normal([side, side], { dtype }));

/** A matrix whose products neither grow nor vanish. */
const factor = (dtype: mx.Dtype): mx.Array =>
  settled(mx.multiply(square(sizes.product, dtype), 1 / Math.sqrt(sizes.product)));

function product(dtype: mx.Dtype): () => Make {
  return () => {
    const [a, b] = [square(sizes.product, dtype), factor(dtype)];
    return () => mx.matmul(a, b);
  };
}

const products = () => {
  const [start, b] = [square(sizes.product, mx.bfloat16), factor(mx.bfloat16)];
  return { start, next: (x: mx.Array) => mx.matmul(x, b) };
};

function softmax(dtype: mx.Dtype): () => Make {
  return () => {
    const a = square(sizes.softmax, dtype);
    return () => mx.softmax(a, -1);
  };
}

const softmaxes = (dtype: mx.Dtype) => () => ({
  start: square(sizes.softmax, dtype),
  next: (x: mx.Array) => mx.softmax(x, -1),
});

function attention(): Make {
  const shape = [...sizes.attention];
  const drawn = () => settled(mx.random.normal(shape, { dtype: mx.bfloat16 }));
  const [q, k, v] = [drawn(), drawn(), drawn()];
  const scale = 1 / Math.sqrt(shape[3] as number);
  return () => mx.fast.scaledDotProductAttention(q, k, v, { scale });
}

/** Steps of gradient descent; the loss after the last is the result. */
function block(shape: 'smallBlock' | 'largeBlock', dtype: mx.Dtype, compiled: boolean): Work {
  const prepared = lazily(() => {
    const { loss, weights } = transformerBlock(sizes[shape], dtype);
    return trainer(loss, weights, compiled);
  });
  return (count) => {
    const run = prepared();
    const stop = startTiming();
    return stop(run(count));
  };
}

const four = lazily(() => settled(mx.ones([4])));
const additions = () => ({ start: four(), next: (x: mx.Array) => mx.add(x, four()) });
const scalars = () => ({ start: four(), next: (x: mx.Array) => mx.add(x, 1) });

/** The most memory that a loop takes which disposes of nothing, beyond what was there before. */
function loopPeak(count: number): number {
  const x = square(sizes.loop, mx.float32);
  const before = mx.getActiveMemory();
  mx.resetPeakMemory();
  for (let i = 0; i < count; i++) mx.eval(mx.add(x, x));
  return (mx.getPeakMemory() - before) / MB;
}

/** Float32 numbers of the program's own. */
const numbers = lazily(() => Float32Array.from({ length: sizes.floats }, (_, i) => i % 1024));

function upload(count: number): Timing {
  const values = numbers();
  const stop = startTiming();
  let last = mx.array(0);
  for (let i = 0; i < count; i++) {
    last = mx.array(values);
    mx.eval(last);
  }
  return { ...stop(null), result: digest(last) };
}

/** What has just been computed, into memory of the program's own. */
function download(count: number): Timing {
  const ones = settled(mx.ones([sizes.floats]));
  let [nanoseconds, cpuNanoseconds, result] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const x = settled(mx.add(ones, i));
    const stop = startTiming();
    const values = x.toTypedArray() as Float32Array;
    const timing = stop(values[sizes.floats - 1] as number);
    nanoseconds += timing.nanoseconds;
    cpuNanoseconds += timing.cpuNanoseconds;
    result += timing.result as number;
  }
  return { nanoseconds, cpuNanoseconds, result };
}

export const workloads: Readonly<Record<string, Work>> = {
  'product-bf16': each(product(mx.bfloat16)),
  'product-bf16-20': chain(20, products),
  'product-f32': each(product(mx.float32)),
  'softmax-f32': each(softmax(mx.float32)),
  'softmax-f32-disposed': each(softmax(mx.float32), true),
  'softmax-f32-50': chain(50, softmaxes(mx.float32)),
  'softmax-f32-50-tidy': tidyChain(50, softmaxes(mx.float32)),
  'softmax-bf16': each(softmax(mx.bfloat16)),
  'softmax-bf16-disposed': each(softmax(mx.bfloat16), true),
  'softmax-bf16-50': chain(50, softmaxes(mx.bfloat16)),
  attention: each(attention),
  'block-small': block('smallBlock', mx.float32, false),
  'block-small-compiled': block('smallBlock', mx.float32, true),
  'block-large': block('largeBlock', mx.bfloat16, false),
  'block-large-compiled': block('largeBlock', mx.bfloat16, true),
  'chain-1000': chain(1000, additions),
  'chain-1000-tidy': tidyChain(1000, additions),
  'chain-1000-scalar': chain(1000, scalars),
  'add-eval': each(() => () => mx.add(four(), four())),
  'loop-time': each(() => {
    const x = square(sizes.loop, mx.float32);
    return () => mx.add(x, x);
  }),
  'loop-peak': loopPeak,
  'upload-256mib': upload,
  'download-256mib': download,
};
