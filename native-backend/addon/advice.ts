import { PACKAGED } from '../../foundation/system/installation.ts';
import type { Machine } from '../../foundation/system/machine.ts';

/** The oldest C library that the packages of built files run on; `native-backend/compat` makes it so. */
const OLDEST_GLIBC = '2.31';

/** What was tried, where the addon could not be loaded. */
export interface Failure {
  readonly machine: Machine;
  /** Each file or package, and why it is of no use. */
  readonly causes: readonly string[];
  /** The command that builds the addon here. */
  readonly build: string;
  /** Whether this is a checkout, where nothing comes from packages. */
  readonly checkout: boolean;
  readonly version: string;
}

/** Why nothing fits here, in a sentence, and what to do about it. */
export function advice(failure: Failure): string {
  return systemAdvice(failure.machine) ?? fileAdvice(failure) ?? installAdvice(failure);
}

/** Of systems that no build of MLX runs on. */
function systemAdvice({ platform, arch, libc, translated }: Machine): string | null {
  if (libc === 'musl') {
    return "this system's C library is musl, as on Alpine, and MLX is built for glibc: use an image with glibc, such as node:22-slim";
  }
  if (platform === 'darwin' && translated) {
    return 'this Node.js is built for Intel processors and runs under Rosetta: install the one for arm64, then install mlx-router again';
  }
  if (platform === 'darwin' && arch !== 'arm64') {
    return 'MLX has no build for Macs with Intel processors: use a Mac with Apple silicon, or Linux';
  }
  if (platform === 'win32') return 'MLX has no build for Windows: use Linux in WSL 2';
  return null;
}

/** Of files that are there and were refused. */
function fileAdvice({ machine: { libc, runtime }, causes }: Failure): string | null {
  const text = causes.join('\n');
  const old = libc !== null && libc.localeCompare(OLDEST_GLIBC, 'en', { numeric: true }) < 0;
  if (/version `(?:GLIBC|GLIBCXX|CXXABI)_/.test(text) && old) {
    return `glibc ${libc} is too old: ${OLDEST_GLIBC} or newer is needed, as in Debian 11 and Ubuntu 20.04`;
  }
  if (/version `(?:GLIBCXX|CXXABI)_/.test(text)) {
    return 'the libstdc++ of this process is too old: install that of GCC 10 or newer, and let LD_LIBRARY_PATH name no older one';
  }
  if (runtime === 'Electron' && /app\.asar\b(?!\.unpacked)/.test(text)) {
    return 'libraries cannot be loaded out of an archive: let asarUnpack have "**/node_modules/@mlx-router/**" and "**/node_modules/mlx-router/**"';
  }
  if (runtime === 'Electron' && /external buffers?|Invalid argument/i.test(text)) {
    return "Electron forbids memory of an addon's own: run mlx-router in a child process of Node.js";
  }
  if (runtime === 'Deno' && /NotCapable|requires ffi/i.test(text)) {
    return 'Deno loads addons only where it may: run it with --allow-ffi --allow-read --allow-env --allow-sys, or -A';
  }
  return null;
}

function installAdvice({ machine: { platform, arch, runtime }, causes, build, checkout, version }: Failure): string {
  const target = `${platform}-${arch}`;
  if (checkout) return `build it with "${build}"`;
  if (!PACKAGED.includes(target)) return `there is no package for ${target}: build it with "${build}"`;
  const name = `@mlx-router/${target}`;
  const add = { Bun: 'bun add', Deno: 'deno add' }[runtime as string] ?? 'npm install';
  const given = runtime === 'Deno' ? `npm:${name}` : name;
  const install = `install its package with "${add} ${given}@${version}"`;
  const left = causes.some((cause) => cause.startsWith(`${name}: not installed`))
    ? ', which a lock file of another system or --omit=optional may have left out'
    : '';
  return `${install}${left}, or build it with "${build}"`;
}
