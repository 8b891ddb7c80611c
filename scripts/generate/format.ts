import { spawnSync } from 'node:child_process';

/** The text as the formatter leaves it. */
export function formatted(text: string, root: string, language: 'ts' | 'md' = 'ts'): string {
  // A path of no file: the formatter leaves alone what its configuration says is generated.
  const command = ['format', `--stdin-file-path=text.${language}`];
  const run = spawnSync('node_modules/.bin/biome', command, { cwd: root, input: text, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`biome format failed: ${run.error?.message ?? run.stderr}`);
  return run.stdout;
}
