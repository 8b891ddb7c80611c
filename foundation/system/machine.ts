import { readFileSync } from 'node:fs';
import { childProcess } from './late-modules.ts';

/** What decides which built files can be loaded here. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly arch: string;
  /** The version of glibc; `musl`; null on systems with another C library, or where nothing says. */
  readonly libc: string | null;
  /** The program that runs JavaScript, and its version. */
  readonly runtime: 'Node.js' | 'Electron' | 'Bun' | 'Deno';
  readonly runtimeVersion: string;
  /** Whether macOS translates this process from Intel's instructions. */
  readonly translated: boolean;
}

/** This machine. Asks the system, which takes a while: only where something went wrong. */
export function thisMachine(): Machine {
  return {
    platform: process.platform,
    arch: process.arch,
    libc: libcVersion(),
    ...runtimeOf(),
    translated: isTranslated(),
  };
}

/** As `linux x64, glibc 2.36, Node.js 20.20.2`. */
export function machineText({ platform, arch, libc, runtime, runtimeVersion, translated }: Machine): string {
  const libcText = libc === null ? '' : libc === 'musl' ? ', musl' : `, glibc ${libc}`;
  return `${platform} ${arch}${translated ? ' under Rosetta' : ''}${libcText}, ${runtime} ${runtimeVersion}`;
}

function runtimeOf(): Pick<Machine, 'runtime' | 'runtimeVersion'> {
  const { electron, bun, deno, node } = process.versions as Record<string, string | undefined>;
  if (electron !== undefined) return { runtime: 'Electron', runtimeVersion: electron };
  if (bun !== undefined) return { runtime: 'Bun', runtimeVersion: bun };
  if (deno !== undefined) return { runtime: 'Deno', runtimeVersion: deno };
  return { runtime: 'Node.js', runtimeVersion: node ?? 'of an unknown version' };
}

function libcVersion(): string | null {
  if (process.platform !== 'linux') return null;
  const maps = readText('/proc/self/maps');
  // The dynamic loader of this process is the one of its C library.
  if (/\/ld-musl-[^/\n]*$/m.test(maps)) return 'musl';
  const path = /\s(\/\S*\/libc(?:\.so\.6|-[\d.]+\.so))$/m.exec(maps)?.[1];
  // The library says its version in a text; a report of Node.js says it too, but takes a second.
  return /GNU C Library [^\n]* version (\d+\.\d+)/.exec(path === undefined ? '' : readText(path))?.[1] ?? null;
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function isTranslated(): boolean {
  if (process.platform !== 'darwin' || process.arch !== 'x64') return false;
  try {
    const args = ['-in', 'sysctl.proc_translated'];
    return childProcess().execFileSync('/usr/sbin/sysctl', args, { encoding: 'utf8' }).trim() === '1';
  } catch {
    return false;
  }
}
