import { readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';

/** The shared libraries that a process has mapped, by path; undefined where the system does not report them. */
export function mappedLibraries(pid: number | 'self'): string[] | undefined {
  try {
    const paths = readFileSync(`/proc/${pid}/maps`, 'utf8')
      .split('\n')
      .flatMap((line) => /\s(\/.+\.(?:so|node|dylib)[^/]*)$/.exec(line)?.[1] ?? []);
    return [...new Set(paths)];
  } catch {
    return undefined;
  }
}

/** Direct children of this process that run the script. */
export function childrenRunning(script: string): number[] {
  const pids: number[] = [];
  try {
    for (const entry of readdirSync('/proc')) {
      if (!/^\d+$/.test(entry) || !isChildRunning(entry, script)) continue;
      pids.push(Number(entry));
    }
  } catch {
    // No /proc: another system.
  }
  return pids;
}

function isChildRunning(pid: string, script: string): boolean {
  try {
    // The second field, the program's name, may hold anything, even brackets and blanks.
    const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1];
    return parent === String(process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(script);
  } catch {
    return false;
  }
}

export interface Blas {
  readonly active: 'openblas' | 'bundled' | 'unknown';
  /** The mapped files that show it. */
  readonly evidence: string;
}

/** Which BLAS serves MLX in the process that mapped these libraries. */
export function activeBlas(libraries: readonly string[] | undefined): Blas {
  if (libraries === undefined) return { active: 'unknown', evidence: 'the system does not list mapped libraries' };
  const names = libraries.map((path) => basename(path));
  const shim = names.find((name) => name.startsWith('libmlxrouter_blas'));
  const openblas = names.find((name) => /^lib.*openblas/.test(name));
  if (shim !== undefined && openblas !== undefined) return { active: 'openblas', evidence: `${shim} over ${openblas}` };
  return { active: 'bundled', evidence: shim === undefined ? 'no shim is mapped' : `${shim} without OpenBLAS` };
}

export function libraryNamed(libraries: readonly string[] | undefined, start: string): string | undefined {
  return libraries?.find((path) => basename(path).startsWith(start));
}
