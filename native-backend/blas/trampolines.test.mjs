import { expect, test } from 'vitest';
import { selectRoutines, supportsArchitecture, trampolines } from './trampolines.mjs';

test('only what libmlx lacks and OpenBLAS has is redirected', () => {
  const undefinedNames = ['cblas_sgemm', 'sgetrf_', 'malloc', '_Znwm', 'cblas_sgemm'];
  const openblas = ['scipy_cblas_sgemm', 'scipy_sgetrf_', 'scipy_cblas_dgemm', 'malloc'];
  expect(selectRoutines(undefinedNames, openblas)).toEqual({ redirected: ['cblas_sgemm', 'sgetrf_'], unmatched: [] });
});

test('a BLAS routine that OpenBLAS lacks is reported', () => {
  expect(selectRoutines(['cblas_new', 'dgeqrf_'], ['scipy_dgeqrf_'])).toEqual({
    redirected: ['dgeqrf_'],
    unmatched: ['cblas_new'],
  });
});

test.each(['x64', 'arm64'])('%s: every routine is a global function that jumps to SciPy’s', (arch) => {
  const source = trampolines(['sgetrf_'], arch);
  expect(source).toMatch(/^\.globl sgetrf_$/m);
  expect(source).toMatch(/^sgetrf_:$/m);
  expect(source).toMatch(/scipy_sgetrf_/);
  // Without this note the loader makes the process's stack executable.
  expect(source).toContain('.note.GNU-stack');
});

test('an unknown processor has no shim', () => {
  expect(supportsArchitecture('riscv64')).toBe(false);
});
