/**
 * Threads of products (OpenBLAS's own in a worker, here those of our kernels, ADR 0054) look for their next product for 2^28 ticks of the processor, a tenth of a second, before they sleep;
 * meanwhile they take a processor from whoever computes next, here or in a worker. Waking them costs more than looking, for
 * Linux may put two of them on one processor, so they look for longer than what lies between the products of a training step: for 2^26
 * ticks, 26 milliseconds, here, and for 2^24 in a worker, whose calls lie further apart (ADR 0049). Elsewhere than on x86-64 ticks
 * are of other lengths, so OpenBLAS's own number stays.
 */
const lookingFor = (power: number): Readonly<Record<string, string>> =>
  process.arch === 'x64' ? { OPENBLAS_THREAD_TIMEOUT: String(power) } : {};

const MAIN_BLAS = lookingFor(26);
export const WORKER_BLAS = lookingFor(24);

/**
 * Runs what loads OpenBLAS into this process, which reads its variables then and never again; yours come first, and afterwards
 * all are as before. In a worker thread, whose `process.env` is a copy, this changes nothing.
 */
export function withBlasEnvironment<T>(load: () => T): T {
  const own = Object.entries(MAIN_BLAS).filter(([name]) => process.env[name] === undefined);
  for (const [name, value] of own) process.env[name] = value;
  try {
    return load();
  } finally {
    for (const [name] of own) delete process.env[name];
  }
}
