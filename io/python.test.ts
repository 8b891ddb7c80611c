import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { core as mx } from '../mlx/index.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { DTYPES, facts, samples } from './test-support/samples.ts';

type Arrays = Record<string, Tensor>;

const root = fileURLToPath(new URL('../', import.meta.url));
const python = join(root, JSON.parse(readFileSync(join(root, 'build', 'setup.json'), 'utf8')).python);
const script = fileURLToPath(new URL('test-support/interchange.py', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mlx-python-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
// Files are the same whatever computes, and a GPU has no float64.
mx.setDefaultDevice(mx.cpu);

function run(action: string, ...args: string[]): Record<string, string> {
  return JSON.parse(execFileSync(python, [script, action, ...args], { encoding: 'utf8', maxBuffer: 2 ** 26 }));
}

function named(skip: (name: string) => boolean): Arrays {
  const all = DTYPES.filter(({ name }) => !skip(name)).flatMap((dtype) =>
    Object.entries(samples(dtype)).map(([name, tensor]) => [`${dtype.name} ${name}`, tensor] as const),
  );
  return Object.fromEntries(all);
}

const onlyGguf = (name: string) => !['float32', 'float16', 'int8', 'int16', 'int32'].includes(name);

describe('what is written here', () => {
  it.each([
    [
      'safetensors',
      named((name) => name === 'float64'),
      (file: string, arrays: Arrays) => mx.saveSafetensors(file, arrays),
    ],
    ['npz', named(() => false), (file: string, arrays: Arrays) => mx.savez(file, arrays)],
    ['compressed.npz', named(() => false), (file: string, arrays: Arrays) => mx.savezCompressed(file, arrays)],
    ['gguf', named(onlyGguf), (file: string, arrays: Arrays) => mx.saveGguf(file, arrays, { note: 'x' })],
  ] as const)('Python reads bit for bit: %s', (extension, arrays, save) => {
    const path = join(folder, `ours.${extension}`);
    save(path, arrays);
    const expected = Object.fromEntries(Object.entries(arrays).map(([name, tensor]) => [name, facts(tensor)]));
    expect(run('describe', path)).toEqual(expected);
    if (!extension.endsWith('npz')) return;
    // NumPy has no bfloat16, and calls its bits void.
    const known = Object.entries(expected).filter(([name]) => !name.startsWith('bfloat16'));
    expect(run('describe-numpy', path)).toMatchObject(Object.fromEntries(known));
  });
});

describe('what Python writes', () => {
  let expected: Record<string, Record<string, string>> = {};
  beforeAll(() => {
    expected = run('write', folder) as never;
  });

  it.each(['mlx.safetensors', 'mlx.npz', 'mlx-compressed.npz', 'mlx.gguf', 'numpy.npz', 'wide.npz', 'quantized.gguf'])(
    'is read here bit for bit: %s',
    (file) => {
      const loaded = mx.load<Arrays>(join(folder, file));
      const found = Object.fromEntries(Object.entries(loaded).map(([name, tensor]) => [name, facts(tensor)]));
      expect(Object.keys(found).length).toBeGreaterThan(3);
      expect(found).toEqual(expected[file]);
    },
  );

  it('has its metadata too', () => {
    const [, notes] = mx.load(join(folder, 'mlx.safetensors'), { returnMetadata: true });
    expect({ ...notes }).toEqual({ k: 'v' });
    const [, metadata] = mx.load(join(folder, 'mlx.gguf'), { format: 'gguf', returnMetadata: true });
    expect(metadata.text).toBe('ü');
    expect(metadata.list).toEqual(['a', 'b']);
    expect(facts(metadata.numbers as Tensor)).toBe('int64 [2] 01000000000000000200000000000000');
  });
});
