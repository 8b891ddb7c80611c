import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { pythonPath } from '../support/python.ts';

const root = new URL('../../', import.meta.url);
const setup = JSON.parse(readFileSync(new URL('build/setup.json', root), 'utf8'));
const isKnown = process.platform === 'linux' && process.arch === 'x64' && setup.blasShim !== null;
const cases = fileURLToPath(new URL('tests/support/complex_cases.py', root));

interface Answer {
  used: string[];
  known: boolean;
  digests: Record<string, string>;
}

/** Digests of each case of `complex_cases.py`, computed by MLX with our BLAS, alone or with the guards' kernels. */
async function ask(processor: string, guards: string[]): Promise<Answer> {
  const env = {
    ...process.env,
    // Empty: the one that OpenBLAS finds.
    OPENBLAS_CORETYPE: processor,
    LD_PRELOAD: fileURLToPath(new URL(setup.blasShim, root)),
  };
  const { stdout } = await promisify(execFile)(pythonPath(), [cases, ...guards], { env, maxBuffer: 2 ** 24 });
  return JSON.parse(stdout);
}

describe.runIf(isKnown)('products of small matrices of complex64', () => {
  const guards = () => [fileURLToPath(new URL(setup.guards, root))];

  it.each([
    ['this processor', ''],
    ['one with AVX2', 'Haswell'],
  ])(
    'have the bits of the BLAS for %s',
    async (_, processor) => {
      const [alone, shared] = [await ask(processor, []), await ask(processor, guards())];
      expect([alone.known, shared.known, shared.used.includes('complex')]).toEqual([false, true, true]);
      expect(Object.keys(alone.digests).length).toBe(2689);
      expect(shared.digests).toEqual(alone.digests);
    },
    240_000,
  );

  it('are left to a BLAS that adds in another order', async () => {
    const [alone, shared] = [await ask('Nehalem', []), await ask('Nehalem', guards())];
    expect(shared.known).toBe(false);
    expect(shared.digests).toEqual(alone.digests);
  }, 240_000);
});

const bytes = (tensor: mx.Array) => Buffer.from(mx.contiguous(tensor).reshape(-1).view(mx.uint8).toTypedArray().buffer);

it('a gate on any qubit has the same bits in this process and in a worker', () => {
  const run = () => {
    const numbers = (shape: number[]) =>
      mx
        .contiguous(mx.random.normal([...shape, 2]))
        .view(mx.complex64)
        .squeeze(-1);
    mx.random.seed(3);
    const gate = numbers([2, 2]);
    return Array.from({ length: 10 }, (_, qubit) => bytes(gate.matmul(numbers([2 ** qubit, 2, 2 ** (9 - qubit)]))));
  };
  const [native, python] = [mx.withImplementation('native', run), mx.withImplementation('python', run)];
  expect(native.map((result, qubit) => result.equals(python[qubit]!))).toEqual(native.map(() => true));
});
