import { execFileSync } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, FileError } from '../foundation/errors/errors.ts';
import { core as mx } from '../mlx/index.ts';
import type { Tensor } from '../router/tensors/tensor.ts';

let folder: string;
const at = (name: string) => join(folder, name);

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'mlx-atomic-')));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** The path, once what must be there is. */
function prepared(path: string, prepare: () => unknown): string {
  prepare();
  return path;
}

const one = () => mx.array([1, 2]);
/** An array whose values cannot be had: the failure comes when the file is already begun. */
const broken = () => mx.linalg.inv(mx.zeros([2, 2]), { stream: mx.cpu });

type Save = (path: string, array: Tensor) => unknown;
const FORMS: [string, Save][] = [
  ['save', (path, array) => mx.save(path, array)],
  ['savez', (path, array) => mx.savez(path, array)],
  ['savezCompressed', (path, array) => mx.savezCompressed(path, array)],
  ['saveSafetensors', (path, array) => mx.saveSafetensors(path, { array })],
  ['saveGguf', (path, array) => mx.saveGguf(path, { array })],
  ['saveAsync', (path, array) => mx.saveAsync(path, array)],
  ['savezAsync', (path, array) => mx.savezAsync(path, array)],
  ['savezCompressedAsync', (path, array) => mx.savezCompressedAsync(path, array)],
  ['saveSafetensorsAsync', (path, array) => mx.saveSafetensorsAsync(path, { array })],
  ['saveGgufAsync', (path, array) => mx.saveGgufAsync(path, { array })],
];

async function failure(run: () => unknown): Promise<unknown> {
  try {
    await run();
  } catch (error) {
    return error;
  }
  throw new Error('expected an error');
}

describe.each(FORMS)('%s', (name, save) => {
  const format = /^savez/.test(name)
    ? 'npz'
    : /Safetensors/.test(name)
      ? 'safetensors'
      : /Gguf/.test(name)
        ? 'gguf'
        : 'npy';

  it('adds the extension, and nothing else is left in the folder', async () => {
    await save(at('x'), one());
    await save(at(`y.${format}`), one());
    await save(at('z.other'), one());
    expect(readdirSync(folder).sort()).toEqual([`x.${format}`, `y.${format}`, `z.other.${format}`]);
  });

  it('leaves the old file, and no other, where an array cannot be computed', async () => {
    const path = at(`x.${format}`);
    await save(path, one());
    const before = readFileSync(path);
    await failure(() => save(path, broken()));
    expect(readFileSync(path).equals(before)).toBe(true);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('gives a new file its usual mode, and a name as long as can be', async () => {
    writeFileSync(at('usual'), '');
    const longest = `${'x'.repeat(254 - format.length)}.${format}`;
    await save(at(longest), one());
    expect(statSync(at(longest)).mode).toBe(statSync(at('usual')).mode);
  });

  it('writes what links point to, there yet or not', async () => {
    mkdirSync(at('far'));
    symlinkSync(join('far', 'target'), at('middle'));
    symlinkSync('middle', at(`link.${format}`));
    for (let i = 0; i < 2; i++) {
      await save(at(`link.${format}`), one());
      expect(lstatSync(at(`link.${format}`)).isSymbolicLink()).toBe(true);
      expect(readdirSync(at('far'))).toEqual(['target']);
    }
    expect(mx.load(at(`link.${format}`))).toBeDefined();
  });

  it.each<[string, () => string]>([
    ['no such folder', () => at('none/x')],
    ['a folder in its place', () => prepared(at('x'), () => mkdirSync(at(`x.${format}`)))],
    ['a FIFO in its place', () => prepared(at('x'), () => execFileSync('mkfifo', [at(`x.${format}`)]))],
    ['a file for a folder', () => prepared(at('f/x'), () => writeFileSync(at('f'), ''))],
    ['links in a circle', () => prepared(at('x'), () => symlinkSync(`x.${format}`, at(`x.${format}`)))],
    ['a name for printf without a folder', () => at('%n%s/%n%s')],
  ])('is a FileError with %s', async (_, make) => {
    const path = make();
    const before = readdirSync(folder);
    expect(await failure(() => save(path, one()))).toBeInstanceOf(FileError);
    expect(readdirSync(folder)).toEqual(before);
  });

  it('takes file: URLs and names that printf would misread', async () => {
    await save(pathToFileURL(at('%n %s ü')) as never, one());
    expect(readdirSync(folder)).toEqual([`%n %s ü.${format}`]);
    expect(mx.load(pathToFileURL(at(`%n %s ü.${format}`)))).toBeDefined();
  });

  it('refuses what is no array, no path, or disposed', async () => {
    const disposed = one();
    disposed.dispose();
    expect(await failure(() => save(at('x'), disposed))).toBeInstanceOf(DisposedError);
    expect(await failure(() => save(at('x'), [1, 2] as never))).toBeInstanceOf(ArgumentError);
    expect(await failure(() => save('', one()))).toBeInstanceOf(ArgumentError);
    expect(await failure(() => save('a\0b', one()))).toBeInstanceOf(ArgumentError);
    expect(await failure(() => save(7 as never, one()))).toBeInstanceOf(ArgumentError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('arguments', () => {
  it('of savez: numbered arrays, then named ones, no name twice', () => {
    mx.savez(at('x'), one(), one(), { b: one() });
    expect(Object.keys(mx.load(at('x.npz'))).sort()).toEqual(['arr_0', 'arr_1', 'b']);
    expect(() => mx.savez(at('y'), one(), { arr_0: one() })).toThrow(/"arr_0" is given twice/);
    mx.savez(at('empty'));
    expect(mx.load(at('empty.npz'))).toEqual({});
  });

  it('that a format cannot hold are refused before the file is begun', () => {
    const a = one();
    const bad: [() => void, RegExp][] = [
      [() => mx.saveSafetensors(at('x'), { __metadata__: a }), /__metadata__/],
      [() => mx.saveSafetensors(at('x'), { a }, { k: 1 } as never), /metadata "k"/],
      [() => mx.saveSafetensors(at('x'), { '\ud800': a }), /half a character/],
      [() => mx.saveSafetensors(at('x'), [a] as never), /object of arrays/],
      [() => mx.savez(at('x'), { 'a\0b': a }), /cannot hold the name/],
      [() => mx.savez(at('x'), { ['x'.repeat(70_000)]: a }), /cannot hold the name/],
      [() => mx.saveGguf(at('x'), { a: mx.ones(Array(9).fill(1)) }), /at most 8 dimensions/],
      [() => mx.saveGguf(at('x'), { a }, { k: mx.ones([2, 2]) }), /at most one dimension/],
      [() => mx.saveGguf(at('x'), { a }, { k: mx.ones([2], mx.float16) }), /no type for the float16/],
      [() => mx.saveGguf(at('x'), { a }, { k: mx.zeros([0]) }), /no empty arrays/],
      [() => mx.saveGguf(at('x'), { a }, { k: ['a', 1] } as never), /metadata "k"/],
    ];
    for (const [run, text] of bad) {
      expect(run).toThrow(ArgumentError);
      expect(run).toThrow(text);
    }
    expect(readdirSync(folder)).toEqual([]);
  });
});
