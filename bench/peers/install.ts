// Other libraries are installed when they are asked for, each in a folder of its own below bench/peers.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../foundation/system/package-root.ts';

const FOLDER = join(packageRoot(), 'bench', 'peers');

const folderOf = (peer: string): string => join(FOLDER, peer);
export const scriptOf = (peer: string): string => join(folderOf(peer), 'main.mjs');

/** The packages that a peer is made of, with their versions. */
export function packagesOf(peer: string): Record<string, string> {
  const text = readFileSync(join(folderOf(peer), 'package.json'), 'utf8');
  return (JSON.parse(text) as { dependencies: Record<string, string> }).dependencies;
}

/** Why a peer cannot be started; undefined: it can. */
export function absenceOf(peer: string): string | undefined {
  if (!existsSync(scriptOf(peer))) return 'measured in a checkout only';
  const names = Object.keys(packagesOf(peer));
  const isThere = (name: string): boolean => existsSync(join(folderOf(peer), 'node_modules', name));
  return names.every(isThere) ? undefined : 'not installed: --peers installs it';
}

/** Installs it with npm. @throws Error where npm fails */
export async function install(peer: string, options: readonly string[], more: readonly string[] = []): Promise<void> {
  // Without a lock file, which would have to hold for all platforms, and saves nothing: the versions are given.
  // A silent npm that runs the benchmarks would make this one silent, too, which has to say why it fails.
  const always = ['--loglevel=error', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  const all = { cwd: folderOf(peer), stdout: 2, stderr: ['inherit', 'pipe'] } as const;
  await execa('npm', ['install', ...always, ...options, ...more], all);
}

/** What npm says, in a line. */
export function reasonOf(error: unknown): string {
  const text = (error as { stderr?: string }).stderr ?? String(error);
  const host = /(?:ENOTFOUND|EAI_AGAIN|getaddrinfo)[\s\S]*?hostname: '([^']+)'/.exec(text)?.[1];
  if (host !== undefined) return `its installation needs ${host}, which cannot be reached here`;
  const said = /npm error (?!code|errno|path|command|A complete log)(\S.*)/.exec(text)?.[1];
  return `npm cannot install it: ${said ?? text.trim().split('\n')[0]}`;
}
