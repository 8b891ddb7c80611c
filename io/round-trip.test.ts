import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, type BuiltInBackend, FileError } from '../foundation/errors/errors.ts';
import type { Dtype } from '../foundation/values/dtypes.ts';
import { core as mx, shutdown } from '../mlx/index.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { allFacts, DTYPES, facts, samples } from './test-support/samples.ts';

type Arrays = Record<string, Tensor>;

const folder = mkdtempSync(join(tmpdir(), 'mlx-round-trip-'));
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await shutdown();
});

const GGUF = ['float32', 'float16', 'int8', 'int16', 'int32'];
const FORMATS: Record<string, { save: (file: string, arrays: Arrays) => void; takes: (dtype: Dtype) => boolean }> = {
  npz: { save: (file, arrays) => mx.savez(file, arrays), takes: () => true },
  'compressed.npz': { save: (file, arrays) => mx.savezCompressed(file, arrays), takes: () => true },
  safetensors: { save: (file, arrays) => mx.saveSafetensors(file, arrays), takes: ({ name }) => name !== 'float64' },
  gguf: { save: (file, arrays) => mx.saveGguf(file, arrays), takes: ({ name }) => GGUF.includes(name) },
};
const SIDES: BuiltInBackend[] = ['native', 'python'];

describe.each(Object.entries(FORMATS))('%s', (extension, { save, takes }) => {
  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('keeps every bit of %s', (name, dtype) => {
    const path = join(folder, `${name}.${extension}`);
    for (const side of SIDES) {
      mx.withImplementation(side, () => {
        const arrays = samples(dtype);
        if (!takes(dtype)) {
          expect(() => save(path, arrays)).toThrow(ArgumentError);
          return;
        }
        save(path, arrays);
        const expected = allFacts(arrays);
        // What one side wrote, both read, from the disk and from memory.
        for (const reader of SIDES) {
          const loaded = mx.load<Arrays>(path, { implementation: reader });
          expect(Object.values(loaded).every((tensor) => tensor[reader] !== null)).toBe(true);
          expect(allFacts(loaded)).toEqual(expected);
        }
        expect(allFacts(mx.load<Arrays>(readFileSync(path)))).toEqual(expected);
      });
    }
  });
});

describe('npy', () => {
  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('keeps every bit of %s', (name, dtype) => {
    const path = join(folder, `${name}.npy`);
    for (const side of SIDES) {
      mx.withImplementation(side, () => {
        for (const tensor of Object.values(samples(dtype))) {
          mx.save(path, tensor);
          expect(facts(mx.load<Tensor>(path))).toBe(facts(tensor));
          expect(facts(mx.load(readFileSync(path), { format: 'npy' }))).toBe(facts(tensor));
        }
      });
    }
  });

  it('writes an array larger than one part, whatever its layout', () => {
    const large = mx.random.randint(-128, 127, [3, 2 ** 23 + 5], { dtype: mx.int32, key: mx.random.key(1) });
    for (const [name, tensor] of Object.entries({ large, turned: large.T })) {
      const path = join(folder, `${name}.npy`);
      mx.save(path, tensor);
      expect(mx.arrayEqual(mx.load<Tensor>(path), tensor).item()).toBe(true);
    }
  });
});

describe('lazily', () => {
  it('reads a file when its arrays are computed, even if another has taken its name', () => {
    const path = join(folder, 'lazy.safetensors');
    mx.saveSafetensors(path, { a: mx.array([1, 2]) });
    const before = mx.load(path).a as Tensor;
    mx.saveSafetensors(path, { a: mx.add(before, 1) });
    expect(before.tolist()).toEqual([1, 2]);
    expect((mx.load(path).a as Tensor).tolist()).toEqual([2, 3]);
    rmSync(path);
    expect(before.tolist()).toEqual([1, 2]);
  });

  it.runIf(process.platform === 'linux')('keeps the file open only as long as arrays need it', async () => {
    const open = () => readdirSync('/proc/self/fd').length;
    const path = join(folder, 'many.safetensors');
    mx.saveSafetensors(path, { a: mx.array([1, 2]) });
    const before = open();
    const arrays = Array.from({ length: 20 }, () => mx.load(path).a as Tensor);
    expect(open()).toBe(before + 20);
    mx.eval(arrays.slice(0, 10));
    for (const array of arrays.slice(10)) array.dispose();
    // MLX's thread lets go of what it has computed after it has said that it is there.
    await expect.poll(open).toBe(before);
  });

  it('says so when the file was cut before its arrays were computed', async () => {
    const path = join(folder, 'cut.safetensors');
    mx.saveSafetensors(path, { a: mx.ones([1000]), b: mx.ones([1000]), c: mx.ones([1000]) });
    const { a, b, c } = mx.load(path) as { a: Tensor; b: Tensor; c: Tensor };
    truncateSync(path, 100);
    expect(() => mx.eval(a)).toThrow(FileError);
    expect(() => b.tolist()).toThrow(/cut.safetensors became shorter/);
    await expect(mx.asyncEval(c)).rejects.toThrow(FileError);
    // Never what happened to lie in memory.
    expect(() => a.index(999).item()).toThrow(FileError);
    expect(() => a.tolist()).toThrow(FileError);
  });
});

describe('metadata', () => {
  it('of safetensors is kept, and is absent where there is none', () => {
    const file = new mx.MemoryFile();
    const notes = { format: 'mlx', __proto__x: 'y', 'ü "quoted"': '%n%s' };
    mx.saveSafetensors(file, { a: mx.array(1) }, notes);
    expect({ ...mx.load(file.bytes(), { returnMetadata: true })[1] }).toEqual(notes);
    const none = new mx.MemoryFile();
    mx.saveSafetensors(none, {});
    expect(mx.load(none.bytes(), { returnMetadata: true })).toEqual([{}, {}]);
  });

  it('of gguf has texts, lists of texts and arrays', () => {
    const file = new mx.MemoryFile();
    const numbers = Object.fromEntries(
      DTYPES.filter(({ name }) => !['float16', 'bfloat16', 'float64', 'complex64'].includes(name)).flatMap((dtype) => [
        [`${dtype.name} scalar`, mx.array(1, dtype)],
        [`${dtype.name} list`, mx.array([1, 0, 1], dtype)],
      ]),
    );
    mx.saveGguf(file, { a: mx.array(1) }, { ...numbers, text: 'hällo', list: ['a', '', 'ü'], none: [] });
    const [, metadata] = mx.load(file.bytes(), { format: 'gguf', returnMetadata: true });
    expect(metadata.text).toBe('hällo');
    expect(metadata.list).toEqual(['a', '', 'ü']);
    expect(metadata.none).toEqual([]);
    for (const [key, tensor] of Object.entries(numbers)) expect(facts(metadata[key] as Tensor)).toBe(facts(tensor));
  });
});

describe('names', () => {
  it.each(['safetensors', 'npz', 'gguf'] as const)(
    'that objects have anyway are names like any other in %s',
    (format) => {
      const file = new mx.MemoryFile();
      const arrays: Arrays = Object.create(null);
      for (const name of ['__proto__', 'constructor', 'toString', '', '0']) arrays[name] = mx.array([1]);
      if (format === 'safetensors') mx.saveSafetensors(file, arrays, JSON.parse('{"__proto__": "x"}'));
      else if (format === 'npz') mx.savez(file, arrays);
      else mx.saveGguf(file, arrays);
      const loaded = mx.load<Arrays>(file.bytes());
      expect(Object.keys(loaded).sort()).toEqual(['', '0', '__proto__', 'constructor', 'toString']);
      expect(Object.getPrototypeOf(loaded)).toBeNull();
      expect('hasOwnProperty' in loaded).toBe(false);
      expect(({} as Record<string, unknown>).shape).toBeUndefined();
    },
  );
});
