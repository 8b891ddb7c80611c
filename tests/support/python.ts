import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);

/** The Python that holds the pinned MLX. */
export function pythonPath(): string {
  const { python } = JSON.parse(readFileSync(new URL('build/setup.json', root), 'utf8')) as { python: string };
  return fileURLToPath(new URL(python, root));
}

/** What the script prints as JSON, run by the Python that holds the pinned MLX; `input` is its `data`. */
export function askPython<T>(script: string, input: unknown = null): T {
  // Where MLX has a GPU, a process that takes down what it has loaded may abort.
  const end = 'sys.stdout.flush()\nos._exit(0)';
  const program = `import json, math, os, sys\nimport mlx.core as mx\ndata = json.load(sys.stdin)\n${script}\n${end}`;
  const output = execFileSync(pythonPath(), ['-c', program], { input: JSON.stringify(input), encoding: 'utf8' });
  return JSON.parse(output) as T;
}
