import { spawnSync } from 'node:child_process';

/** The project's style, given in full so that the bytes do not hang on which files the formatter is told to skip. */
const STYLE = [
  '--indent-style=space',
  '--indent-width=2',
  '--line-width=120',
  '--javascript-formatter-quote-style=single',
  '--stdin-file-path=generated.ts',
];

/** The text as the formatter leaves it. */
export function formatted(text: string, root: string): string {
  const run = spawnSync('node_modules/.bin/biome', ['format', ...STYLE], { cwd: root, input: text, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`biome format failed: ${run.error?.message ?? run.stderr}`);
  return run.stdout;
}
