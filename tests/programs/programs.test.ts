import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { pythonPath } from '../support/python.ts';
import { main as circuit } from './circuit.ts';
import { main as decode } from './decode.ts';
import { lines } from './report.ts';
import { main as topology } from './topology.ts';

afterAll(() => shutdown());

const root = new URL('../../', import.meta.url);

/** What the Python program of that name says, run by the pinned MLX over the BLAS of the library. */
async function reportedByPython(name: string): Promise<string[]> {
  const { blasShim } = JSON.parse(readFileSync(new URL('build/setup.json', root), 'utf8')) as { blasShim?: string };
  const blas = blasShim === undefined ? [] : [fileURLToPath(new URL(blasShim, root))];
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const { stdout } = await promisify(execFile)(pythonPath(), ['report.py', name, ...blas], { cwd });
  return JSON.parse(stdout) as string[];
}

const native = (run: () => string[]) => run();
const python = (run: () => string[]) => mx.withImplementation('python', run);

// Programs translated line by line, beside their originals: all that they compute must be the same, to the last bit.
describe.each(Object.entries({ circuit, decode, topology }))('%s', (name, main) => {
  const theirs = reportedByPython(name);

  it.each(
    Object.entries({
      'as it comes': native,
      'wholly in Python': python,
      'in a pipeline': (run: () => string[]) => python(() => mx.pipeline(run)),
      'in tidy': (run: () => string[]) => mx.tidy(run),
    }),
  )('says what Python says, %s', async (_, around) => {
    const ours = around(() => lines(main));
    expect(ours).toEqual(await theirs);
    expect(ours.length).toBeGreaterThan(5);
  });
});
