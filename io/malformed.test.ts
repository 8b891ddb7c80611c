import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError } from '../foundation/errors/errors.ts';
import { core as mx } from '../mlx/index.ts';
import type { Tensor } from '../router/tensors/tensor.ts';
import { runWriting, type Writing } from './writing.ts';
import { writeZip } from './zip-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-malformed-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The bytes must be refused with that text, from memory and from the disk, in both forms. */
async function refused(bytes: Buffer, format: 'npy' | 'npz' | 'safetensors' | 'gguf', text: RegExp): Promise<void> {
  const path = join(folder, `bad.${format}`);
  writeFileSync(path, bytes);
  const options = { format };
  for (const run of [
    async () => mx.load(bytes, options),
    async () => mx.load(path),
    () => mx.loadAsync(bytes, options),
    () => mx.loadAsync(path),
  ]) {
    const error = await Promise.resolve()
      .then(run)
      .then(
        () => undefined,
        (reason: unknown) => reason,
      );
    expect(error).toBeInstanceOf(FileError);
    expect((error as Error).message).toMatch(text);
  }
}

function safetensors(header: unknown, data = 16, length?: bigint): Buffer {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(length ?? BigInt(text.length));
  return Buffer.concat([size, text, Buffer.alloc(data)]);
}

const entry = (change: object = {}) => ({ a: { dtype: 'F32', shape: [4], data_offsets: [0, 16], ...change } });

describe('safetensors', () => {
  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /0 bytes/],
    ['half a length', Buffer.alloc(5), /5 bytes/],
    ['a header longer than the file', safetensors(entry(), 16, 10_000n), /claims 10000 bytes/],
    ['a header of 2^64 - 1 bytes', safetensors(entry(), 16, 2n ** 64n - 1n), /claims/],
    ['no JSON', safetensors('{"a":'), /no JSON/],
    [
      'no UTF-8',
      Buffer.concat([safetensors('').subarray(0, 0), Buffer.from('0300000000000000ff7b7d', 'hex')]),
      /no JSON/,
    ],
    ['a list', safetensors('[]'), /no object/],
    ['a name twice', safetensors('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"\\u0061":1}'), /twice/],
    ['a key twice', safetensors('{"a":{"dtype":"U8","dtype":"I8","shape":[0],"data_offsets":[0,0]}}'), /twice/],
    [
      'a name twice, spaced and long',
      safetensors(`{ "a": {"dtype": "U8", "shape": [0], "data_offsets": [0, 0]}, "a": 1}${' '.repeat(2 ** 20)}`),
      /twice/,
    ],
    ['a deep field', safetensors(entry({ more: [[[[[[[[1]]]]]]]] })), /too deeply/],
    ['deep lists', safetensors('['.repeat(2_000_000)), /too deeply/],
    ['deep objects', safetensors('{"a":'.repeat(100_000)), /too deeply/],
    ['an unknown dtype', safetensors(entry({ dtype: 'F8_E5M2' })), /unknown dtype "F8_E5M2"/],
    ['a dtype that every object has', safetensors(entry({ dtype: 'constructor' })), /unknown dtype/],
    ['no description', safetensors({ a: 3 }), /not a description/],
    ['a negative extent', safetensors(entry({ shape: [-4] })), /shape \[-4\]/],
    ['a fractional extent', safetensors(entry({ shape: [2.5] })), /shape \[2.5\]/],
    ['an extent of text', safetensors(entry({ shape: ['4'] })), /shape/],
    ['no shape', safetensors({ a: { dtype: 'F32', data_offsets: [0, 16] } }), /shape/],
    ['an extent beyond int32', safetensors(entry({ shape: [2 ** 31] })), /shape/],
    ['a product beyond counting', safetensors(entry({ shape: [2 ** 31 - 1, 2 ** 31 - 1, 0] })), /shape/],
    [
      'very many arrays',
      safetensors(Object.fromEntries(Array.from({ length: 66_000 }, (_, i) => [`a${i}`, entry({ shape: [0] })]))),
      /more than 65536 arrays/,
    ],
    ['very many dimensions', safetensors(entry({ shape: Array(5000).fill(1) })), /5000 dimensions/],
    ['negative offsets', safetensors(entry({ data_offsets: [-16, 0] })), /offsets \[-16,0\]/],
    ['fractional offsets', safetensors(entry({ data_offsets: [0.5, 16.5] })), /offsets/],
    ['NaN for an offset', safetensors('{"a":{"dtype":"F32","shape":[4],"data_offsets":[NaN,16]}}'), /no JSON/],
    ['null for an offset', safetensors(entry({ data_offsets: [null, 16] })), /offsets/],
    ['huge offsets', safetensors(entry({ data_offsets: [1e300, 1e300] })), /offsets/],
    ['offsets turned round', safetensors(entry({ data_offsets: [16, 0] })), /offsets/],
    ['one offset', safetensors(entry({ data_offsets: [16] })), /offsets/],
    ['offsets behind the end', safetensors(entry({ data_offsets: [16, 32] })), /offsets/],
    ['more bytes than the shape', safetensors(entry({ shape: [3] })), /needs 12 bytes, but has 16/],
    ['data cut off', safetensors(entry(), 15), /offsets/],
    [
      'shared bytes',
      safetensors({ ...entry(), b: { dtype: 'U8', shape: [4], data_offsets: [12, 16] } }),
      /share bytes/,
    ],
    ['metadata of numbers', safetensors({ __metadata__: { a: 1 } }), /metadata/],
    ['metadata in a list', safetensors({ __metadata__: ['a'] }), /metadata/],
  ])('with %s is refused', (_, bytes, text) => refused(bytes, 'safetensors', text));
});

function npy(header: string, data = 16, version = 1, length?: number): Buffer {
  const text = Buffer.from(header);
  const size = Buffer.alloc(version === 1 ? 2 : 4);
  size.writeUIntLE(length ?? text.length, 0, size.length);
  return Buffer.concat([Buffer.from('\x93NUMPY', 'latin1'), Buffer.from([version, 0]), size, text, Buffer.alloc(data)]);
}

const dict = (descr = "'<f4'", order = 'False', shape = '(4,)') =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe('npy', () => {
  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /0 bytes/],
    ['another magic', Buffer.alloc(64, 'PNG'), /start/],
    ['an unknown version', npy(dict(), 16, 4), /version 4.0/],
    ['a version without its length', npy(dict(), 0, 2).subarray(0, 11), /cut off/],
    ['a header longer than the file', npy(dict(), 16, 1, 9000), /to 9010 of/],
    ['a header of 4 GiB', npy(dict(), 16, 2, 2 ** 32 - 1), /claims 4294967295/],
    ['no dict', npy('[1, 2]'), /header is/],
    ['code', npy("{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}"), /header is/],
    ['a key twice', npy("{'descr': '<f4', 'descr': '<f4', 'shape': (4,)}"), /header is/],
    ['a key too few', npy("{'descr': '<f4', 'shape': (4,)}"), /header is/],
    ['text behind it', npy(`${dict()} x`), /header is/],
    ['no end', npy(dict().slice(0, -2)), /header is/],
    ['a negative extent', npy(dict("'<f4'", 'False', '(-4,)')), /header is/],
    ['an extent of 10^30', npy(dict("'<f4'", 'False', `(${10n ** 30n},)`)), /shape/],
    ['a fraction', npy(dict("'<f4'", 'False', '(4.0,)')), /header is/],
    ['a number for the order', npy(dict("'<f4'", '0')), /header is/],
    ['text', npy(dict("'<U4'")), /no dtype for "<U4"/],
    ['objects', npy(dict("'|O'")), /no dtype/],
    ['dates', npy(dict("'<M8[D]'")), /no dtype/],
    ['complex128', npy(dict("'<c16'")), /no dtype/],
    ['no dtype', npy(dict("''")), /header is/],
    ['records', npy(dict("[('a', '<f4')]")), /header is/],
    ['data cut off', npy(dict(), 15), /needs 16 bytes of data, but has 15/],
    ['data of 2^60 bytes', npy(dict("'<f4'", 'False', `(${2 ** 29}, ${2 ** 29})`)), /shape|bytes of data/],
  ])('with %s is refused', (_, bytes, text) => refused(bytes, 'npy', text));
});

function gguf(parts: { version?: number; tensors?: bigint; metadata?: bigint; rest?: Buffer }): Buffer {
  const head = Buffer.alloc(24);
  head.write('GGUF');
  head.writeUInt32LE(parts.version ?? 3, 4);
  head.writeBigUInt64LE(parts.tensors ?? 0n, 8);
  head.writeBigUInt64LE(parts.metadata ?? 0n, 16);
  return Buffer.concat([head, parts.rest ?? Buffer.alloc(0)]);
}

const u32 = (value: number) => Buffer.from(Uint32Array.of(value).buffer);
const u64 = (...values: (number | bigint)[]) => Buffer.from(BigUint64Array.from(values.map(BigInt)).buffer);
const text = (value: string) => Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
const tensor = (name: string, extents: (number | bigint)[], type: number, offset: number | bigint) =>
  Buffer.concat([text(name), u32(extents.length), u64(...extents), u32(type), u64(offset)]);
const withTensors = (...tensors: Buffer[]) =>
  gguf({ tensors: BigInt(tensors.length), rest: Buffer.concat([...tensors, Buffer.alloc(256)]) });
const withMetadata = (...metadata: Buffer[]) =>
  gguf({ metadata: BigInt(metadata.length), rest: Buffer.concat([...metadata, Buffer.alloc(64)]) });

describe('gguf', () => {
  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /cut off/],
    ['another magic', Buffer.alloc(64), /start/],
    ['version 1', gguf({ version: 1 }), /version 1/],
    ['the other endianness', gguf({ version: 0x03000000 }), /version/],
    ['2^60 arrays', gguf({ tensors: 2n ** 60n }), /claims/],
    ['2^64 - 1 metadata', gguf({ metadata: 2n ** 64n - 1n }), /claims/],
    ['a name of 2^63 bytes', withMetadata(u64(2n ** 63n)), /claims/],
    ['an unknown type of metadata', withMetadata(Buffer.concat([text('a'), u32(13)])), /type 13/],
    ['a list of 2^50 numbers', withMetadata(Buffer.concat([text('a'), u32(9), u32(12), u64(2n ** 50n)])), /claims/],
    ['a list of 2^50 texts', withMetadata(Buffer.concat([text('a'), u32(9), u32(8), u64(2n ** 50n)])), /claims/],
    ['lists of lists', withMetadata(Buffer.concat([text('a'), u32(9), u32(9), u64(1)])), /nests/],
    ['metadata twice', withMetadata(...[0, 1].map(() => Buffer.concat([text('a'), u32(7), Buffer.alloc(1)]))), /twice/],
    ['no alignment', withMetadata(Buffer.concat([text('general.alignment'), u32(4), u32(0)])), /alignment 0/],
    ['a name that is no text', withMetadata(Buffer.concat([u64(1), Buffer.from([255]), u32(7)])), /UTF-8/],
    ['an array twice', withTensors(tensor('a', [1], 0, 0), tensor('a', [1], 0, 32)), /twice/],
    ['shared bytes', withTensors(tensor('a', [16], 0, 0), tensor('b', [16], 0, 32)), /share bytes/],
    ['nine dimensions', withTensors(tensor('a', Array(9).fill(1), 0, 0)), /9 dimensions/],
    [
      '2^32 - 1 dimensions',
      gguf({ tensors: 1n, rest: Buffer.concat([text('a'), u32(2 ** 32 - 1)]) }),
      /claims|dimensions/,
    ],
    ['an extent of 2^63', withTensors(tensor('a', [2n ** 63n], 0, 0)), /shape/],
    ['extents beyond counting', withTensors(tensor('a', [2 ** 31 - 1, 2 ** 31 - 1], 0, 0)), /shape|needs/],
    ['a type that MLX cannot read', withTensors(tensor('a', [32], 6, 0)), /type 6/],
    ['half a block', withTensors(tensor('a', [40], 2, 0)), /no multiple of 32/],
    ['blocks of no dimension', withTensors(tensor('a', [], 2, 0)), /no multiple of 32/],
    ['an offset behind the end', withTensors(tensor('a', [1], 0, 1000)), /needs the bytes/],
    ['an offset of 2^64 - 1', withTensors(tensor('a', [1], 0, 2n ** 64n - 1n)), /lies at/],
  ])('with %s is refused', (_, bytes, expected) => refused(bytes, 'gguf', expected));

  it('whose parts make the same name is refused', () =>
    refused(withTensors(tensor('a.scales', [1], 0, 0), tensor('a.weight', [32], 2, 32)), 'gguf', /"a.scales" twice/));

  it('with a header longer than what is read first is read', () => {
    const list = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`key ${i}`, 'x'.repeat(20_000)]));
    const file = new mx.MemoryFile();
    mx.saveGguf(file, { a: mx.array([1, 2]) }, list);
    const [arrays, metadata] = mx.load(file.bytes(), { format: 'gguf', returnMetadata: true });
    expect({ ...metadata }).toEqual(list);
    expect((arrays.a as Tensor).tolist()).toEqual([1, 2]);
  });
});

const member = npy(dict());

function archive(
  change: (files: { name: string; bytes: Buffer }[]) => void = () => {},
  compress = false,
  limit?: number,
) {
  const files = [
    { name: 'a.npy', bytes: member },
    { name: 'b.npy', bytes: member },
  ];
  change(files);
  const chunks: Uint8Array[] = [];
  const list = files.map(({ name, bytes }) => ({
    name,
    size: bytes.length,
    *content(use: (part: Buffer, last: boolean) => Writing): Writing {
      yield* use(bytes, true);
    },
  }));
  runWriting({ write: (bytes) => void chunks.push(Buffer.from(bytes)) }, writeZip(list, compress, limit));
  return Buffer.concat(chunks);
}

/** A copy with the bytes after the signature's place overwritten. */
function patched(bytes: Buffer, signature: string, at: number, value: Buffer, from = 0): Buffer {
  const copy = Buffer.from(bytes);
  value.copy(copy, copy.indexOf(Buffer.from(signature, 'latin1'), from) + at);
  return copy;
}

const LOCAL = 'PK\x03\x04';
const CENTRAL = 'PK\x01\x02';
const END = 'PK\x05\x06';

/** A deflated entry that claims another size than it has. */
function claiming(size: number): Buffer {
  const data = deflateRawSync(Buffer.alloc(100_000));
  const zipped = archive((files) => files.splice(0, 2, { name: 'a.npy', bytes: Buffer.alloc(100_000) }), true);
  expect(zipped.includes(data.subarray(0, 20))).toBe(true);
  return patched(zipped, CENTRAL, 24, u32(size));
}

describe('npz', () => {
  const good = archive();

  it('that is sound is read, with zip64 records too', () => {
    for (const bytes of [good, archive(undefined, true), archive(undefined, false, 0), archive(undefined, true, 0)]) {
      const loaded = mx.load(bytes, { format: 'npz' });
      expect(Object.keys(loaded)).toEqual(['a', 'b']);
      expect((loaded.a as Tensor).tolist()).toEqual([0, 0, 0, 0]);
    }
    expect(
      mx.load(
        archive((files) => files.splice(0)),
        { format: 'npz' },
      ),
    ).toEqual({});
  });

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /0 bytes/],
    ['no directory', Buffer.alloc(100), /no zip directory/],
    ['an end that was cut off', good.subarray(0, -4), /no zip directory/],
    ['a start that was cut off', good.subarray(10), /directory/],
    ['more entries than the directory holds', patched(good, END, 10, Buffer.from([0xff, 0xff])), /cannot hold|damaged/],
    ['a directory elsewhere', patched(good, END, 16, u32(0)), /directory/],
    ['a part of several', patched(good, END, 4, Buffer.from([1, 0])), /split/],
    ['an encrypted entry', patched(good, CENTRAL, 8, Buffer.from([1, 0])), /encrypted/],
    ['another compression', patched(good, CENTRAL, 10, Buffer.from([12, 0])), /method 12/],
    ['a wrong checksum', patched(good, CENTRAL, 16, u32(1)), /checksum of "a.npy"/],
    ['wrong sizes', patched(good, CENTRAL, 20, u32(5)), /claims/],
    ['data behind the directory', patched(patched(good, CENTRAL, 20, u32(9999)), CENTRAL, 24, u32(9999)), /reaches/],
    ['a local header elsewhere', patched(good, CENTRAL, 42, u32(3)), /local header/],
    ['another local name', patched(good, LOCAL, 30, Buffer.from('x')), /local header/],
    ['a name twice', archive((files) => files.push({ name: 'a.npy', bytes: member })), /"a.npy" twice/],
    ['names that become the same', archive((files) => files.push({ name: 'a', bytes: member })), /"a" twice/],
    ['a file that is no array', archive((files) => files.push({ name: 'readme', bytes: Buffer.alloc(40) })), /start/],
    ['a damaged array', archive((files) => files.push({ name: 'c', bytes: npy(dict(), 3) })), /needs 16 bytes/],
    ['a bomb', claiming(2 ** 32 - 2), /claims 4294967294 bytes/],
    ['more inside than it says', claiming(50_000), /inflate/],
    ['less inside than it says', claiming(100_001), /has 100000 bytes, not 100001/],
    [
      'damaged compression',
      patched(archive(undefined, true), LOCAL, 35, Buffer.alloc(20, 0xff)),
      /inflate|checksum|bytes/,
    ],
    ['zip64 sizes left out', patched(good, CENTRAL, 24, Buffer.alloc(4, 0xff)), /lacks its zip64/],
    ['a zip64 record elsewhere', patched(archive(undefined, false, 0), 'PK\x06\x07', 8, u64(2n ** 63n)), /points to/],
  ])('with %s is refused', (_, bytes, expected) => refused(bytes, 'npz', expected));

  it('whose entries share their data is refused: such archives unpack to more than can be held', () => {
    const second = good.indexOf(Buffer.from(CENTRAL, 'latin1')) + 1;
    const at = good.indexOf(Buffer.from(CENTRAL, 'latin1'), second);
    const both = Buffer.from(good);
    both.writeUInt32LE(0, at + 42);
    return refused(both, 'npz', /share bytes/);
  });

  it('has the checksums that zip means', () => {
    expect(good.readUInt32LE(good.indexOf(Buffer.from(CENTRAL, 'latin1')) + 16)).toBe(crc32(member));
  });
});

/** The path, once what must be there is. */
function prepared(path: string, prepare: () => unknown): string {
  prepare();
  return path;
}

describe('paths', () => {
  const there = (name: string) => join(folder, name);

  it.each<[string, () => string]>([
    ['nothing there', () => there('missing.npy')],
    ['a name for printf', () => there('%n%s%s%n.npy')],
    ['a folder', () => prepared(there('folder.npy'), () => mkdirSync(there('folder.npy')))],
    ['a file for a folder', () => prepared(there('file/x.npy'), () => writeFileSync(there('file'), ''))],
    ['a name too long', () => there(`${'x'.repeat(300)}.npy`)],
    ['an endless device', () => '/dev/zero'],
    [
      'a FIFO that nobody writes to',
      () => prepared(there('fifo.npy'), () => execFileSync('mkfifo', [there('fifo.npy')])),
    ],
  ])('with %s are refused at once', async (_, make) => {
    const path = make();
    for (const format of ['npy', 'npz', 'safetensors', 'gguf'] as const) {
      expect(() => mx.load(path, { format })).toThrow(FileError);
      await expect(mx.loadAsync(path, { format })).rejects.toThrow(path);
    }
  });

  it.skipIf(process.getuid?.() === 0)('without permission are refused', () => {
    writeFileSync(there('closed.npy'), member);
    chmodSync(there('closed.npy'), 0);
    expect(() => mx.load(there('closed.npy'))).toThrow(FileError);
  });

  it('are not guessed at', () => {
    const load = mx.load as (...args: unknown[]) => unknown;
    for (const args of [
      [],
      [''],
      [3],
      [null],
      ['a\0.npy'],
      ['noextension'],
      ['a.NPY'],
      ['a.npy', 'zip'],
      ['a.npy', 3],
    ]) {
      expect(() => load(...args)).toThrow(ArgumentError);
    }
    expect(() => load(new URL('https://example.org/a.npy'))).toThrow(ArgumentError);
    expect(() => load('a.npy', { returnMetadata: true })).toThrow(/npy has no metadata/);
    expect(() => load('a.npy', { fromat: 'npy' })).toThrow(/no option is named "fromat" \(did you mean "format"/);
    expect(() => load('a.npy', { returnMetadata: 1 })).toThrow(ArgumentError);
    expect(() => load('a.npy', { stream: 'cpu' })).toThrow(ArgumentError);
    expect(() => load('a.npy', { implementation: 'both' })).toThrow(ArgumentError);
  });
});
