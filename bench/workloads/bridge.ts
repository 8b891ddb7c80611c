// Latency of calls that Python answers, in microseconds (milliseconds for the large ones), one number for each call;
// of pipelined ones nanoseconds an operation, one number for each pipeline.
import { core as mx, registry, shutdown } from '../../mlx/index.ts';

const PYTHON = { implementation: 'python' } as const;
const a = mx.withImplementation('python', () => mx.array([1, 2, 3, 4]));
const PIPELINED = 100_000;
const large = new Float32Array(2 ** 24).fill(1);

const now = (): number => Number(process.hrtime.bigint());

function roundTrip(count: number): number[] {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = now();
    mx.add(a, a, PYTHON);
    latencies.push((now() - start) / 1e3);
  }
  return latencies;
}

async function roundTripAsync(count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = now();
    await registry.callAsync('add', a, a, PYTHON);
    latencies.push((now() - start) / 1e3);
  }
  return latencies;
}

function roundTripItem(count: number): number[] {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = now();
    mx.sum(a, PYTHON).item();
    latencies.push((now() - start) / 1e3);
  }
  return latencies;
}

const same = mx.checkpoint((x: mx.Array) => x);

function callback(count: number): number[] {
  return mx.withImplementation('python', () => {
    const latencies: number[] = [];
    for (let i = 0; i < count; i++) {
      const start = now();
      same(a);
      latencies.push((now() - start) / 1e3);
    }
    return latencies;
  });
}

/** From the first call of a pipeline to the evaluation of its last result, nanoseconds an operation. */
function pipelined(operation: (i: number) => mx.Array) {
  return (count: number): number[] => {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      const start = now();
      mx.withImplementation('python', () =>
        mx.pipeline(() => {
          let last = a;
          for (let k = 0; k < PIPELINED; k++) last = operation(k);
          mx.eval(last);
        }),
      );
      times.push((now() - start) / PIPELINED);
    }
    return times;
  };
}

const MIXED = [() => mx.add(a, a), () => mx.exp(a), () => mx.multiply(a, a), () => mx.where(a, a, a)];

const uploaded = (): mx.Array => mx.withImplementation('python', () => mx.array(large));

function upload(count: number): number[] {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = now();
    const x = uploaded();
    latencies.push((now() - start) / 1e6);
    x.dispose();
  }
  return latencies;
}

function download(count: number): number[] {
  const x = uploaded();
  mx.eval(x);
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = now();
    x.toTypedArray();
    latencies.push((now() - start) / 1e6);
  }
  x.dispose();
  return latencies;
}

async function coldStart(count: number): Promise<number[]> {
  const latencies: number[] = [];
  for (let i = 0; i < count; i++) {
    await shutdown();
    const start = now();
    mx.zeros([1], PYTHON);
    latencies.push((now() - start) / 1e6);
  }
  return latencies;
}

export const workloads = {
  'round-trip': roundTrip,
  'round-trip-async': roundTripAsync,
  'round-trip-item': roundTripItem,
  callback,
  pipelined: pipelined(() => mx.add(a, a)),
  'pipelined-mixed': pipelined((k) => (MIXED[k & 3] as () => mx.Array)()),
  'upload-64mib': upload,
  'download-64mib': download,
  'cold-start': coldStart,
};
