// Writes the assembly of the BLAS shim: one jump for every routine that libmlx takes from its BLAS, from the standard
// name to the prefixed name in OpenBLAS. A library with these symbols, loaded before libmlx, replaces its own BLAS.

const prefix = 'scipy_';

const architectures = {
  x64: (name) => `  jmp *${prefix}${name}@GOTPCREL(%rip)`,
  // x16 is the register that the calling convention leaves to such veneers.
  arm64: (name) =>
    [`  adrp x16, :got:${prefix}${name}`, `  ldr x16, [x16, :got_lo12:${prefix}${name}]`, '  br x16'].join('\n'),
};

/** Routines that the shim's C++ defines itself, in place of a jump. */
export const guarded = ['cblas_sgemm', 'cblas_dgemm', 'sgeev_', 'dgeev_', 'cgeev_', 'sgesdd_', 'dgesdd_', 'cgesdd_'];

/** Whether a shim can be made for this processor. */
export function supportsArchitecture(arch) {
  return Object.hasOwn(architectures, arch);
}

/**
 * The routines to redirect.
 * @param {Iterable<string>} undefinedNames what libmlx leaves undefined
 * @param {Iterable<string>} openblasNames what OpenBLAS defines
 * @returns {{ redirected: string[], unmatched: string[] }} `unmatched`: BLAS routines that OpenBLAS does not have
 */
export function selectRoutines(undefinedNames, openblasNames) {
  const available = new Set(openblasNames);
  const redirected = [];
  const unmatched = [];
  for (const name of new Set(undefinedNames)) {
    if (available.has(prefix + name)) redirected.push(name);
    else if (/^cblas_|^[sdcz][a-z0-9]{3,}_$/.test(name)) unmatched.push(name);
  }
  return { redirected: redirected.sort(), unmatched: unmatched.sort() };
}

/** The assembly source, for the C preprocessor-free assembler of GCC and Clang. */
export function trampolines(names, arch) {
  const jump = architectures[arch];
  const body = names.map((name) =>
    [`.globl ${name}`, `.type ${name}, %function`, `${name}:`, jump(name), `.size ${name}, . - ${name}`].join('\n'),
  );
  return ['.text', ...body, '.section .note.GNU-stack,"",%progbits', ''].join('\n');
}
