import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { DTYPES } from '../../foundation/values/dtypes.ts';
import { ArgumentError, DisposedError, FileError, core as mx, shutdown } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-'));
const at = (name: string) => join(folder, name);
// MLX itself writes no float64.
const WRITTEN = DTYPES.filter(({ name }) => name !== 'float64');

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await shutdown();
});

/** A file with that header, and behind it so many bytes. */
function file(header: unknown, bytes = 8, length?: bigint): string {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const head = Buffer.alloc(8);
  head.writeBigUInt64LE(length ?? BigInt(text.length));
  writeFileSync(at('odd.safetensors'), Buffer.concat([head, text, Buffer.alloc(bytes)]));
  return at('odd.safetensors');
}

const entry = (changes: object) => ({ a: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...changes } });

describe('safetensors', () => {
  it('come back in every dtype, from both backends, with their metadata', () => {
    const arrays = Object.fromEntries(
      WRITTEN.map((dtype, i) => [
        dtype.name,
        mx.withImplementation(i % 2 === 0 ? 'native' : 'python', () => mx.array([[0, 1, 1]], dtype)),
      ]),
    );
    mx.saveSafetensors(at('all.safetensors'), arrays, { made: 'here', 'ünïcode "key"': 'line\nbreak' });
    const [loaded, metadata] = mx.load(at('all.safetensors'), { returnMetadata: true }) as unknown as [
      Record<string, mx.Array>,
      Record<string, string>,
    ];
    expect(Object.keys(loaded).sort()).toEqual(WRITTEN.map(({ name }) => name).sort());
    for (const dtype of WRITTEN) {
      expect(loaded[dtype.name]?.dtype).toBe(dtype);
      expect(loaded[dtype.name]?.tolist()).toEqual(arrays[dtype.name]?.tolist());
    }
    expect(metadata).toMatchObject({ made: 'here', 'ünïcode "key"': 'line\nbreak' });
  });

  it('are read by Python, and Python’s are read here', () => {
    mx.saveSafetensors(at('ours.safetensors'), {
      a: mx.array([
        [1.5, -0],
        [2, 3],
      ]).T,
      b: mx.array([1n, -2n]),
    });
    const theirs = askPython<Record<string, unknown>>(
      `
loaded = mx.load(data[0])
mx.save_safetensors(data[1], {"c": mx.arange(3), "d": mx.zeros((0, 2))}, {"from": "python"})
print(json.dumps({name: [str(a.dtype), a.tolist()] for name, a in loaded.items()}))
`,
      [at('ours.safetensors'), at('theirs.safetensors')],
    );
    expect(theirs).toEqual({
      a: [
        'mlx.core.float32',
        [
          [1.5, 2],
          [-0, 3],
        ],
      ],
      b: ['mlx.core.int64', [1, -2]],
    });
    const read = mx.load(at('theirs.safetensors')) as Record<string, mx.Array>;
    expect([read.c?.tolist(), read.d?.shape]).toEqual([
      [0, 1, 2],
      [0, 2],
    ]);
  });

  it.each(['%n%s%n%s', 'with space', 'ünïcode', "quote'", '-dash'])('go to a file named %s', (name) => {
    const path = at(`${name}.safetensors`);
    mx.saveSafetensors(path, { a: mx.array([1]) });
    expect((mx.load(path) as Record<string, mx.Array>).a?.tolist()).toEqual([1]);
    expect(() => mx.load(at(`missing${name}.safetensors`))).toThrow(FileError);
  });

  it('keep the old file, and leave nothing half-written, where writing fails', () => {
    const path = at('kept.safetensors');
    mx.saveSafetensors(path, { a: mx.array([1]) });
    const before = readFileSync(path);
    const disposed = mx.array([2]);
    disposed.dispose();
    expect(() => mx.saveSafetensors(path, { a: mx.array([2]), disposed })).toThrow(DisposedError);
    expect(() => mx.saveSafetensors(at('no/such/folder/a.safetensors'), { a: mx.array([1]) })).toThrow(FileError);
    mkdirSync(at('folder.safetensors'));
    expect(() => mx.saveSafetensors(at('folder.safetensors'), { a: mx.array([1]) })).toThrow(FileError);
    expect(readFileSync(path)).toEqual(before);
    expect(readdirSync(folder).sort()).toEqual(['folder.safetensors', 'kept.safetensors']);
  });

  it.each([
    ['an empty file', () => Buffer.alloc(0)],
    ['seven bytes', () => Buffer.alloc(7)],
    ['zeros', () => Buffer.alloc(64)],
    ['text', () => Buffer.from('this is no safetensors file at all, but text')],
  ] as [string, () => Buffer][])('refuse %s', (_, bytes) => {
    writeFileSync(at('odd.safetensors'), bytes());
    expect(() => mx.load(at('odd.safetensors'))).toThrow(FileError);
  });

  it.each([
    ['whose data is cut off', () => file(entry({}), 7)],
    ['whose header is longer than the file', () => file(entry({}), 8, 1_000_000n)],
    ['whose header claims 2^64 - 1 bytes', () => file(entry({}), 8, 2n ** 64n - 1n)],
    ['whose header claims 2^63 bytes', () => file(entry({}), 8, 2n ** 63n)],
    ['whose header is cut off', () => file(entry({}), 0, 20n)],
    ['whose header is no JSON', () => file('{"a": ')],
    ['whose header is a list', () => file([])],
    ['whose header is null', () => file('null')],
    ['whose header nests 100,000 deep', () => file('['.repeat(100_000))],
    ['with an entry that is null', () => file({ a: null })],
    ['with an unknown dtype', () => file(entry({ dtype: 'F128' }))],
    ['with a dtype that is a number', () => file(entry({ dtype: 32 }))],
    ['with a negative extent', () => file(entry({ shape: [-2] }))],
    ['with a fraction for an extent', () => file(entry({ shape: [2.5] }))],
    ['with an extent of 2^40', () => file(entry({ shape: [2 ** 40] }))],
    ['with extents whose product overflows', () => file(entry({ shape: [2 ** 31 - 1, 2 ** 31 - 1, 4] }))],
    ['with no shape', () => file(entry({ shape: undefined }))],
    ['with NaN for an offset', () => file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[NaN,8]}}')],
    ['with null for an offset', () => file(entry({ data_offsets: [null, 8] }))],
    ['with offsets the wrong way round', () => file(entry({ data_offsets: [8, 0] }))],
    ['with offsets beyond the end', () => file(entry({ data_offsets: [8, 16] }))],
    ['with a negative offset', () => file(entry({ data_offsets: [-8, 0] }))],
    ['with offsets that do not fit the shape', () => file(entry({ data_offsets: [0, 4] }))],
    ['with one offset', () => file(entry({ data_offsets: [0] }))],
    ['with metadata that is no text', () => file({ ...entry({}), __metadata__: { x: 1 } })],
  ] as [string, () => string][])('refuse a file %s', (_, make) => {
    const path = make();
    expect(() => mx.load(path)).toThrow(FileError);
    expect(() => mx.load(path)).toThrow(path);
  });

  it('refuse a file with entries over one another, or give what lies there', () => {
    const path = file({ ...entry({}), b: { dtype: 'F32', shape: [2], data_offsets: [4, 12] } }, 12);
    let read: Record<string, mx.Array> = {};
    try {
      read = mx.load(path) as Record<string, mx.Array>;
    } catch (error) {
      expect(error).toBeInstanceOf(FileError);
    }
    for (const array of Object.values(read)) expect(array.tolist()).toEqual([0, 0]);
  });

  it.each([[3], [null], [''], ['a\0b.safetensors'], [{}], [['x.safetensors']]])('refuse the path %j', (path) => {
    expect(() => mx.load(path as never)).toThrow(ArgumentError);
    expect(() => mx.saveSafetensors(path as never, { a: mx.array([1]) })).toThrow(ArgumentError);
  });

  it('refuse a folder, and what is no array', () => {
    mkdirSync(at('folder.safetensors'));
    expect(() => mx.load(at('folder.safetensors'))).toThrow(FileError);
    expect(() => mx.saveSafetensors(at('a.safetensors'), { a: [1, 2] as never })).toThrow(ArgumentError);
    expect(() => mx.saveSafetensors(at('a.safetensors'), [mx.array(1)] as never)).toThrow(ArgumentError);
    expect(() => mx.saveSafetensors(at('a.safetensors'), { a: mx.array(1) }, { x: 1 } as never)).toThrow(ArgumentError);
    expect(readdirSync(folder)).toEqual(['folder.safetensors']);
  });

  it('read what was loaded after the file was removed', () => {
    mx.saveSafetensors(at('a.safetensors'), { a: mx.ones([1000]) });
    const { a } = mx.load(at('a.safetensors')) as Record<string, mx.Array>;
    rmSync(at('a.safetensors'));
    expect(mx.sum(a as mx.Array).item()).toBe(1000);
  });
});
