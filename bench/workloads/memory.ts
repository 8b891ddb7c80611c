// Growth of resident memory in synchronous loops that dispose of nothing. Each gives its result itself.
import { core as mx } from '../../mlx/index.ts';

const MB = 1e6;
const SAMPLES = 50;

const rss = (): number => process.memoryUsage.rss();

function settled(x: mx.Array): mx.Array {
  mx.eval(x);
  return x;
}

function loopLarge(count: number): number {
  const x = settled(mx.ones([262_144]));
  settled(mx.add(x, x));
  const before = rss();
  let peak = before;
  const every = Math.max(1, Math.floor(count / SAMPLES));
  for (let i = 0; i < count; i++) {
    mx.eval(mx.add(x, x));
    if (i % every === 0) peak = Math.max(peak, rss());
  }
  return (Math.max(peak, rss()) - before) / MB;
}

function build(a: mx.Array, count: number): void {
  for (let i = 0; i < count; i++) mx.add(a, a);
}

function loopSmall(count: number): number {
  const a = settled(mx.ones([4]));
  build(a, 5000);
  const before = rss();
  let peak = before;
  for (let i = 0; i < SAMPLES; i++) {
    build(a, count / SAMPLES);
    peak = Math.max(peak, rss());
  }
  return (peak - before) / MB;
}

function chainOfThousand(a: mx.Array): void {
  let x = a;
  for (let i = 0; i < 1000; i++) x = mx.add(x, a);
  mx.eval(x);
}

function loopSmallEval(count: number): number {
  const a = settled(mx.ones([4]));
  for (let i = 0; i < 10; i++) chainOfThousand(a);
  const before = rss();
  let peak = before;
  for (let i = 0; i < count; i++) {
    chainOfThousand(a);
    peak = Math.max(peak, rss());
  }
  return (peak - before) / MB;
}

function liveSmall(count: number): number {
  const a = settled(mx.ones([4]));
  const kept: mx.Array[] = [];
  const before = rss();
  for (let i = 0; i < count; i += 1000) {
    for (let j = 0; j < 1000; j++) kept.push(mx.add(a, a));
    mx.eval(kept.slice(i));
  }
  const bytes = (rss() - before) / kept.length;
  // Read after the measurement, so that nothing was collected during it.
  if (kept[0]?.shape[0] !== 4) throw new Error('the first array is gone');
  return bytes;
}

export const workloads = {
  'loop-1mb': loopLarge,
  'loop-small': loopSmall,
  'loop-small-eval': loopSmallEval,
  'live-small': liveSmall,
};
