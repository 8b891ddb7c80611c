// llama.cpp beside this library: node-llama-cpp in a folder and a process of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { type Side, startNode } from '../processes.ts';

export const PEER = 'llama.cpp';

const FOLDER = join(packageRoot(), 'bench', 'peers');
const SCRIPT = join(FOLDER, 'llama-cpp.mjs');
const NAME = 'node-llama-cpp';

/** The packages with the program itself, for processors alone; by default all come, those for GPUs, too, 0.7 GB. */
const PROGRAMS: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
};

/** Installs it with npm. @throws Error where npm fails, or there is no program for this platform */
export async function installPeer(): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const program = PROGRAMS[platform];
  if (program === undefined) throw new Error(`${NAME} has no program for ${platform}`);
  const { dependencies } = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  // Without optional packages, of which there is one for each platform and GPU; without a lock file, which is the same.
  const options = ['--omit=optional', '--ignore-scripts', '--no-save', '--no-package-lock', '--no-audit', '--no-fund'];
  const wanted = `@node-llama-cpp/${program}@${dependencies[NAME]}`;
  await execa('npm', ['install', ...options, wanted], { cwd: FOLDER, stdout: 2, stderr: 2 });
}

/** Why it cannot be measured; undefined: it can. */
export function peerProblem(gguf: string | null): string | undefined {
  if (!existsSync(SCRIPT)) return 'measured in a checkout only';
  if (!existsSync(join(FOLDER, 'node_modules', NAME))) return 'not installed: --peers installs it';
  return gguf === null ? 'it reads .gguf files only' : undefined;
}

export function startPeer(env: NodeJS.ProcessEnv): Promise<Side> {
  return startNode(SCRIPT, PEER, env);
}
