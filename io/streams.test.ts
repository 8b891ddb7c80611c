import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, FileError } from '../foundation/errors/errors.ts';
import { SOURCE_OPTIONS } from '../foundation/from-source/options.ts';
import { core as mx } from '../mlx/index.ts';
import type { Tensor } from '../router/tensors/tensor.ts';

type Arrays = Record<string, Tensor>;

const folder = mkdtempSync(join(tmpdir(), 'mlx-streams-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const arrays = () => ({ a: mx.arange(6).reshape([2, 3]), b: mx.array([true]).astype(mx.float32) });

const SAVERS: [string, (file: Writable | string, arrays: Arrays) => Promise<void>][] = [
  ['npz', (file, arrays) => mx.savezAsync(file, arrays)],
  ['npz', (file, arrays) => mx.savezCompressedAsync(file, arrays)],
  ['safetensors', (file, arrays) => mx.saveSafetensorsAsync(file, arrays, { k: 'v' })],
  ['gguf', (file, arrays) => mx.saveGgufAsync(file, arrays, { k: 'v' })],
];

const lists = (loaded: Arrays) => Object.fromEntries(Object.entries(loaded).map(([name, a]) => [name, a.tolist()]));

describe.each(SAVERS)('a stream of %s', (format, save) => {
  it('is written, left open, and read again', async () => {
    const path = join(folder, `stream.${format}`);
    const file = createWriteStream(path);
    await save(file, arrays());
    expect(file.writableEnded).toBe(false);
    file.end();
    await finished(file);
    const expected = lists(arrays());
    expect(lists(await mx.loadAsync(createReadStream(path, { highWaterMark: 7 })))).toEqual(expected);
    expect(lists(await mx.loadAsync(Readable.toWeb(createReadStream(path)) as AsyncIterable<Uint8Array>))).toEqual(
      expected,
    );
    expect(lists(await mx.loadAsync(path))).toEqual(expected);
    expect(lists(await mx.loadAsync(readFileSync(path)))).toEqual(expected);
  });

  it('that is destroyed, fails or has ended is a FileError', async () => {
    const failing = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
    await expect(save(failing, arrays())).rejects.toThrow(/the disk is full/);
    const ended = new PassThrough();
    ended.end();
    await expect(save(ended, arrays())).rejects.toThrow(FileError);
    const stuck = new Writable({ write: () => {} });
    const saving = save(stuck, arrays());
    setTimeout(() => stuck.destroy(), 20);
    await expect(saving).rejects.toThrow(FileError);
    // Errors that come late end no process.
    await new Promise((done) => setTimeout(done, 20));
  });
});

describe('a stream to read', () => {
  it('that fails, holds no bytes or nothing at all is an error', async () => {
    const failing = new Readable({
      read() {
        this.destroy(new Error('the line is cut'));
      },
    });
    await expect(mx.loadAsync(failing)).rejects.toThrow(/the line is cut/);
    await expect(mx.loadAsync(failing)).rejects.toThrow(FileError);
    await expect(mx.loadAsync(Readable.from(['text']) as never)).rejects.toThrow(ArgumentError);
    await expect(mx.loadAsync(Readable.from([]))).rejects.toThrow(FileError);
    await expect(mx.loadAsync({} as never)).rejects.toThrow(ArgumentError);
    expect(() => mx.load(Readable.from([]) as never)).toThrow(ArgumentError);
  });

  it('is recognised by its first bytes', async () => {
    const file = new mx.MemoryFile();
    await mx.saveAsync(file, mx.array([1, 2]));
    expect((await mx.loadAsync<Tensor>(Readable.from([file.bytes()]))).tolist()).toEqual([1, 2]);
    expect((await mx.loadAsync<Tensor>(new Uint8Array(file.bytes()).buffer)).tolist()).toEqual([1, 2]);
  });
});

describe('the promise forms', () => {
  it('keep what was given, whatever happens to it meanwhile', async () => {
    const array = mx.array([1, 2, 3]);
    const named: Arrays = { array };
    const saving = mx.saveSafetensorsAsync(join(folder, 'kept'), named);
    named.other = mx.array(1);
    await saving;
    expect(lists(mx.load(join(folder, 'kept.safetensors')))).toEqual({ array: [1, 2, 3] });
  });

  it('let the event loop turn while they write', async () => {
    const large = mx.zeros([64, 1024, 1024]);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    await mx.saveSafetensorsAsync(join(folder, 'large'), { large });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(3);
  });
});

describe('without the addon', () => {
  it('everything is saved and loaded through Python', async () => {
    const child = fileURLToPath(new URL('test-support/python-only.ts', import.meta.url));
    const path = join(folder, 'from-native.safetensors');
    mx.saveSafetensors(path, arrays());
    const { stdout } = await promisify(execFile)(process.execPath, [...SOURCE_OPTIONS, child, folder, path], {
      env: { ...process.env, MLX_ROUTER_ADDON: 'off' },
      timeout: 50_000,
    });
    const expected = lists(arrays());
    expect(JSON.parse(stdout)).toEqual({
      native: false,
      given: expected,
      npz: expected,
      safetensors: expected,
      gguf: expected,
    });
    for (const format of ['npz', 'safetensors', 'gguf']) {
      expect(lists(mx.load(join(folder, `from-python.${format}`)))).toEqual(expected);
    }
  });
});
