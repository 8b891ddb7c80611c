/**
 * Threads of OpenBLAS look for their next product for 2^28 ticks of the processor, a tenth of a second, before they sleep;
 * meanwhile they take a processor from whoever computes next, here or in a worker. 2^22 are two milliseconds, and longer than
 * what lies between two products (ADR 0049). Elsewhere than on x86-64 ticks are of other lengths, so OpenBLAS's own number stays.
 */
export const BLAS_ENVIRONMENT: Readonly<Record<string, string>> =
  process.arch === 'x64' ? { OPENBLAS_THREAD_TIMEOUT: '22' } : {};

/**
 * Runs what loads OpenBLAS into this process, which reads its variables then and never again; yours come first, and afterwards
 * all are as before. In a worker thread, whose `process.env` is a copy, this changes nothing.
 */
export function withBlasEnvironment<T>(load: () => T): T {
  const own = Object.entries(BLAS_ENVIRONMENT).filter(([name]) => process.env[name] === undefined);
  for (const [name, value] of own) process.env[name] = value;
  try {
    return load();
  } finally {
    for (const [name] of own) delete process.env[name];
  }
}
