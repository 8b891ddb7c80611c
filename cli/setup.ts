import { join } from 'node:path';
import { execa } from 'execa';
import type { Command } from './command.ts';
import { root } from './package.ts';

async function run(args: string[]): Promise<number> {
  // Ctrl-C reaches the set-up as well, which ends by itself and says how to go on.
  const stay = (): void => undefined;
  process.on('SIGINT', stay);
  try {
    const script = join(root, 'scripts', 'setup.mjs');
    const { exitCode } = await execa(process.execPath, [script, ...args], { stdio: 'inherit', reject: false });
    return exitCode ?? 1;
  } finally {
    process.off('SIGINT', stay);
  }
}

export const setup: Command = {
  summary: 'make the Python environment, mlx-c and the addon',
  usage: '', // The script prints its own.
  run,
};
