// Writes the assembly of `libmlxrouter_compat.so`: what MLX's libraries take from a glibc or libstdc++ newer than the oldest
// that is served, made of what the old ones have. On a newer system the real symbols are found first, and nothing of this
// library is called: the C library and libstdc++ belong to the program, which the dynamic loader searches first.

/** The oldest that are served: Debian 11, Ubuntu 20.04. */
export const OLDEST = { glibc: '2.31', libstdcxx: '3.4.28', cxxabi: '1.3.12' };

/** What an architecture's symbols had as version when its C library began. */
const BASE = { x64: 'GLIBC_2.2.5', arm64: 'GLIBC_2.17' };

const WAIT = '_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE';
const POINTER = '_ZNSt15__exception_ptr13exception_ptr';
const STR = 'St7__cxx1115basic_stringbufIcSt11char_traitsIcESaIcEE3strEv';

/** Version by version: a function, and the older one that does the same, under its own name unless given. */
const FUNCTIONS = {
  'GLIBC_2.32': { pthread_sigmask: {}, pthread_getattr_np: {} },
  'GLIBC_2.33': { fstat: { name: '__fxstat', first: 'layout' } },
  'GLIBC_2.34': Object.fromEntries(
    [
      ...['dladdr', 'dlclose', 'dlerror', 'dlopen', 'dlsym'],
      ...['pthread_create', 'pthread_detach', 'pthread_join', 'pthread_attr_getstack', 'pthread_mutex_trylock'],
      ...['pthread_key_create', 'pthread_getspecific', 'pthread_setspecific', 'pthread_once'],
      ...['pthread_rwlock_rdlock', 'pthread_rwlock_unlock', 'pthread_rwlock_wrlock'],
    ].map((name) => [name, {}]),
  ),
  'GLIBC_2.35': { hypotf: {} },
  // An exception that is copied onto itself has one owner more; one that is destroyed, one less.
  'CXXABI_1.3.13': {
    [`${POINTER}9_M_addrefEv`]: { name: `${POINTER}C1ERKS0_`, version: 'CXXABI_1.3.3', first: 'twice' },
    [`${POINTER}10_M_releaseEv`]: { name: `${POINTER}D1Ev`, version: 'CXXABI_1.3.3' },
  },
  'GLIBCXX_3.4.29': {
    _ZSt28__throw_bad_array_new_lengthv: { name: '__cxa_throw_bad_array_new_length', version: 'CXXABI_1.3.8' },
    [`_ZNKR${STR}`]: { name: `_ZNK${STR}`, version: 'GLIBCXX_3.4.21' },
  },
  'GLIBCXX_3.4.30': { [WAIT]: { version: 'GLIBCXX_3.4.11' } },
};

/** Data in place of functions: "maybe several threads" is the careful answer. */
const FLAGS = { 'GLIBC_2.32': ['__libc_single_threaded'] };

/** The versions that this library has something of. */
export const PROVIDED_VERSIONS = Object.keys(FUNCTIONS);

/** Whether it has the symbol, given as `name@VERSION`. */
export function isProvided(symbol) {
  const [name = '', version = ''] = symbol.split('@');
  return FUNCTIONS[version]?.[name] !== undefined || FLAGS[version]?.includes(name) === true;
}

/** Whether a version, as `GLIBC_2.34`, is newer than the oldest system has. */
export function isNewerThanOldest(version) {
  const [family, number = ''] = version.split('_');
  const oldest = { GLIBC: OLDEST.glibc, GLIBCXX: OLDEST.libstdcxx, CXXABI: OLDEST.cxxabi }[family];
  return oldest !== undefined && number.localeCompare(oldest, 'en', { numeric: true }) > 0;
}

const ARCHITECTURES = {
  x64: {
    jump: (label) => `  jmp *${label}@GOTPCREL(%rip)`,
    // The oldest form of `fstat` takes a number of the structure's layout in front.
    layout: '  movq %rsi, %rdx\n  movl %edi, %esi\n  movl $1, %edi',
    twice: '  movq %rdi, %rsi',
  },
  arm64: {
    // x16 is the register that the calling convention leaves to such veneers.
    jump: (label) => `  adrp x16, :got:${label}\n  ldr x16, [x16, :got_lo12:${label}]\n  br x16`,
    layout: '  mov x2, x1\n  mov w1, w0\n  mov w0, 0',
    twice: '  mov x1, x0',
  },
};

function functionText(arch, version, name, old, index) {
  const code = ARCHITECTURES[arch];
  const [own, other] = [`provided_${index}`, `older_${index}`];
  return [
    `.symver ${other}, ${old.name ?? name}@${old.version ?? BASE[arch]}`,
    `.globl ${own}\n.type ${own}, %function\n.symver ${own}, ${name}@@${version}`,
    `${own}:`,
    ...(old.first ? [code[old.first]] : []),
    code.jump(other),
    `.size ${own}, . - ${own}`,
  ].join('\n');
}

/** The assembly source for that processor. */
export function compatSource(arch) {
  let index = 0;
  const functions = Object.entries(FUNCTIONS).flatMap(([version, names]) =>
    Object.entries(names).map(([name, old]) => functionText(arch, version, name, old, index++)),
  );
  const flags = Object.entries(FLAGS).flatMap(([version, names]) =>
    names.map((name) => {
      const own = `provided_${index++}`;
      return `.globl ${own}\n.type ${own}, %object\n.size ${own}, 1\n.symver ${own}, ${name}@@${version}\n${own}: .byte 0`;
    }),
  );
  return ['.text', ...functions, '.data', ...flags, '.section .note.GNU-stack,"",%progbits', ''].join('\n');
}

/** The linker's version script that goes with it. */
export function compatVersions() {
  return `${PROVIDED_VERSIONS.map((version) => `${version} { };`).join('\n')}\nlocal_only { local: *; };\n`;
}
