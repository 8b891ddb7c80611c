// Whether mlx-c, and what the addon takes from libmlx by itself, fit another version of MLX.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { execaSync } from 'execa';
import { paths } from '../setup/paths.mjs';

/** A release of mlx-c, as the crate `mlx-sys` carries it. */
export interface MlxC {
  readonly version: string;
  /** The MLX that it was made for. */
  readonly madeFor: string;
  readonly folder: string;
}

/** The newest release that the registry has. */
export function newestMlxC(folder: string): MlxC {
  const place = join(folder, 'newest-mlx-c');
  mkdirSync(place, { recursive: true });
  rmSync(join(place, 'Cargo.lock'), { force: true });
  writeFileSync(join(place, 'lib.rs'), '');
  const manifest = join(place, 'Cargo.toml');
  const rows = ['[package]', 'name = "newest-mlx-c"', 'version = "0.0.0"', 'edition = "2021"', '[workspace]'];
  const dependencies = [
    '[lib]',
    'path = "lib.rs"',
    '[dependencies]',
    'mlx-sys = { version = "*", default-features = false }',
  ];
  writeFileSync(manifest, `${[...rows, ...dependencies].join('\n')}\n`);
  const { stdout } = execaSync('cargo', ['metadata', '--format-version', '1', '--manifest-path', manifest], {
    maxBuffer: 2 ** 28,
  });
  const { packages } = JSON.parse(stdout) as { packages: Array<{ name: string; manifest_path: string }> };
  const found = packages.find(({ name }) => name === 'mlx-sys');
  if (found === undefined) throw new Error('cargo knows no crate mlx-sys');
  return describeMlxC(join(dirname(found.manifest_path), 'src', 'mlx-c'));
}

function describeMlxC(folder: string): MlxC {
  const text = readFileSync(join(folder, 'CMakeLists.txt'), 'utf8');
  const found = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? 'unknown';
  return { version: found(/set\(MLX_C_VERSION ([\d.]+)\)/), madeFor: found(/GIT_TAG v?([\d.]+)/), folder };
}

/** Builds mlx-c against the headers of the wheel. Gives what the compiler refused; none: it fits. */
export function buildMlxC({ folder }: MlxC, wheel: string, work: string): string[] {
  const define = {
    CMAKE_BUILD_TYPE: 'Release',
    CMAKE_POSITION_INDEPENDENT_CODE: 'ON',
    CMAKE_CXX_FLAGS: `-include "${join(paths.vendor, 'compat', 'format.h')}"`,
    BUILD_SHARED_LIBS: 'OFF',
    MLX_C_BUILD_EXAMPLES: 'OFF',
    MLX_C_USE_SYSTEM_MLX: 'ON',
    MLX_DIR: join(paths.vendor, 'cmake'),
    MLX_WHEEL: wheel,
  };
  const options = Object.entries(define).map(([name, value]) => `-D${name}=${value}`);
  rmSync(join(work, 'CMakeCache.txt'), { force: true });
  const steps = [
    ['-S', folder, '-B', work, '-Wno-dev', ...options],
    // All that does not compile is wanted, not the first of it.
    ['--build', work, '--parallel', process.env['MLX_SETUP_JOBS'] ?? '2', '--', '-k'],
  ];
  const errors: string[] = [];
  for (const step of steps) {
    const { failed, all } = execaSync('cmake', step, {
      all: true,
      reject: false,
      maxBuffer: 2 ** 28,
      env: { LC_ALL: 'C' },
    });
    if (failed) errors.push(...all.split('\n').filter((line) => /\berror\b:|CMake Error/i.test(line)));
    if (failed && errors.length === 0) errors.push(`cmake ${step[0]} failed without an error line`);
  }
  return errors.map((line) => line.replaceAll(`${folder}/`, '').replaceAll(`${wheel}/`, ''));
}

const NAMED_BY_MLX = /^_ZN?K?\w*3mlx/;

function symbols(file: string, ...which: string[]): Set<string> {
  const { stdout } = execaSync('nm', ['-D', ...which, file], { maxBuffer: 2 ** 28 });
  return new Set(stdout.split('\n').map((line) => line.trim().split(/\s+/).at(-1)?.split('@')[0] ?? ''));
}

/**
 * What the addon, as it is built now, takes from libmlx and would not find in the one of that wheel. It says nothing of
 * what kept its name and changed its layout: the tests do.
 */
export function missingSymbols(wheel: string): string[] {
  const library = join(wheel, 'lib', 'libmlx.so');
  if (!existsSync(library) || !existsSync(paths.addon)) return [];
  const defined = symbols(library, '--defined-only');
  const wanted = [...symbols(paths.addon, '--undefined-only')].filter((name) => NAMED_BY_MLX.test(name));
  const missing = wanted.filter((name) => !defined.has(name));
  if (missing.length === 0) return [];
  return execaSync('c++filt', { input: missing.join('\n') }).stdout.split('\n');
}
