// llama.cpp beside this library: node-llama-cpp in a folder and a process of its own.
import type { Peer } from '../measure.ts';
import { absenceOf, install, packagesOf, scriptOf } from '../peers/install.ts';
import { startNode } from '../processes.ts';

const PEER = 'llama.cpp';
const FOLDER = 'llama-cpp';
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
export async function installLlama(): Promise<void> {
  const platform = `${process.platform}-${process.arch}`;
  const program = PROGRAMS[platform];
  if (program === undefined) throw new Error(`${NAME} has no program for ${platform}`);
  // Without optional packages, of which there is one for each platform and GPU.
  const options = ['--omit=optional', '--ignore-scripts'];
  await install(FOLDER, options, [`@node-llama-cpp/${program}@${packagesOf(FOLDER)[NAME]}`]);
}

/** Why it cannot be measured; undefined: it can. */
export function llamaProblem(gguf: string | null): string | undefined {
  return absenceOf(FOLDER) ?? (gguf === null ? 'it reads .gguf files only' : undefined);
}

export function llamaPeer(gguf: string | null, env: NodeJS.ProcessEnv): Peer {
  return {
    name: PEER,
    problem: llamaProblem(gguf),
    workOf: ({ peer }) => peer,
    start: () => startNode(scriptOf(FOLDER), PEER, env),
  };
}
