import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { beforeEach, describe, expect, it } from 'vitest';
import { collectYoung } from '../handles/collect.ts';
import type { Addon } from './addon.ts';
import { throwingFunction } from './failure.ts';
import { loadAddon } from './loader.ts';

const { addon, path } = loadAddon();
const FLOAT32 = 10;
const owners: object[] = [];

/** The slot of a number the addon hands out, its owner kept alive by the test. */
function own(code: number): number {
  const slot = code < 0 ? ~code : code;
  try {
    owners.push(addon.owner(slot >> 6));
  } catch {
    // The block has its owner already.
  }
  return slot;
}

function floats(values: number[], shape = [values.length]): number {
  return own(addon.create(new Uint8Array(new Float32Array(values).buffer), shape, FLOAT32));
}

function call(name: string, ...args: unknown[]): number | number[] {
  return throwingFunction(addon.functions[name] as Addon['functions'][string])(...args);
}

function caught(run: () => unknown): { code: string; message: string } {
  try {
    run();
  } catch (error) {
    return error as { code: string; message: string };
  }
  throw new Error('expected an error');
}

const live = () => addon.usage()[0];

describe('a stream', () => {
  it.each([[[]], [[undefined]], [[null]], [[-1]], [[0]]])('may be left out: %j', (stream) => {
    const a = floats([1, 2]);
    expect(addon.bytes(own(call('add', a, a, ...stream) as number))).toEqual(new Float32Array([2, 4]).buffer);
  });
});

it('asks no runtime for an int32, since some make one of any value', () => {
  const folder = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(cc|h)$/.test(name));
  expect(files.length).toBeGreaterThan(50);
  const asking = files.filter((name) => readFileSync(join(folder, name), 'utf8').includes('napi_get_value_int32('));
  expect(asking).toEqual([]);
});

describe('arguments', () => {
  const a = floats([1, 2, 3, 4], [2, 2]);

  it.each([
    ['no slot at all', () => call('add', 'x', a), 'ERR_MLX_ARGUMENT'],
    ['a fraction for a slot', () => call('add', a + 0.5, a), 'ERR_MLX_ARGUMENT'],
    ['a list for a slot', () => call('add', [a], a), 'ERR_MLX_ARGUMENT'],
    ['text for a stream', () => call('add', a, a, '0'), 'ERR_MLX_ARGUMENT'],
    ['a fraction for a stream', () => call('add', a, a, 0.5), 'ERR_MLX_ARGUMENT'],
    ['text for a stream to wait for', () => addon.synchronize('0' as never), 'ERR_MLX_ARGUMENT'],
    ['a slot that never was', () => call('add', a, 1 << 20), 'ERR_MLX_DISPOSED'],
    ['a negative slot', () => call('add', a, -5), 'ERR_MLX_DISPOSED'],
    ['an axis out of the range of int', () => call('sum_axis', a, 2 ** 40, false), 'ERR_MLX_ARGUMENT'],
    ['a fraction for an integer', () => call('sum_axis', a, 0.5, false), 'ERR_MLX_ARGUMENT'],
    ['a list of text for integers', () => call('sum_axes', a, ['x'], false), 'ERR_MLX_ARGUMENT'],
    ['a dtype that MLX does not have', () => call('astype', a, 99), 'ERR_MLX_ARGUMENT'],
    ['text with a NUL', () => call('einsum', 'ij\0,jk', [a, a]), 'ERR_MLX_ARGUMENT'],
    ['a missing array', () => call('add', a, undefined), 'ERR_MLX_OPERATION'],
    ['shapes that do not fit', () => call('matmul', a, floats([1, 2, 3])), 'ERR_MLX_OPERATION'],
    ['too few bytes', () => addon.create(new Uint8Array(3), [1], FLOAT32), 'ERR_MLX_ARGUMENT'],
    ['a negative length', () => addon.create(new Uint8Array(0), [-1], FLOAT32), 'ERR_MLX_ARGUMENT'],
    [
      'a shape whose bytes overflow',
      () => addon.create(new Uint8Array(0), [2 ** 31 - 1, 2 ** 31 - 1, 8], 8),
      'ERR_MLX_ARGUMENT',
    ],
    ['an owner asked for twice', () => addon.owner(a >> 6), 'ERR_MLX_ARGUMENT'],
    ['a stream that is not there', () => call('add', a, a, 77), 'ERR_MLX_OPERATION'],
  ])('refuses %s', (_, run, code) => {
    expect(caught(run).code).toBe(code);
  });

  it('treats a message of MLX as text, not as a printf format', () => {
    const file = openSync(fileURLToPath(import.meta.url), 'r');
    const { code, message } = caught(() => addon.fileArrays(file, new Uint8Array(8).fill(255), 1, '%n%s%s%n'));
    closeSync(file);
    expect(code).toBe('ERR_MLX_OPERATION');
    expect(message).toContain('%n%s%s%n');
  });

  it('survives an argument that disposes an earlier one while it is read', () => {
    const victim = floats([1, 2, 3]);
    const trap: number[] = [];
    Object.defineProperty(trap, 0, {
      get: () => {
        addon.free(victim);
        return 0;
      },
    });
    expect(caught(() => call('sum_axes', victim, trap, false)).code).toBe('ERR_MLX_DISPOSED');
  });

  it('leaks nothing when the last argument is refused', () => {
    const before = live();
    for (let i = 0; i < 100; i++) caught(() => call('concatenate_axis', [a, a, a], 'x'));
    expect(live()).toBe(before);
  });
});

describe('slots', () => {
  let before = 0;
  beforeEach(() => {
    before = live();
  });

  it('frees at once, and freeing twice is no error', () => {
    const slot = floats([1]);
    expect(addon.isAlive(slot)).toBe(true);
    addon.free(slot);
    addon.free(slot);
    expect(addon.isAlive(slot)).toBe(false);
    expect(live()).toBe(before);
    expect(caught(() => addon.describe(slot)).code).toBe('ERR_MLX_DISPOSED');
  });

  it('frees what a scope made but what it keeps, scopes in scopes too', () => {
    addon.beginScope();
    const outer = floats([1]);
    addon.beginScope();
    const inner = floats([2]);
    const kept = floats([3]);
    addon.endScope([kept]);
    expect([outer, inner, kept].map((slot) => addon.isAlive(slot))).toEqual([true, false, true]);
    addon.endScope([]);
    expect([outer, kept].map((slot) => addon.isAlive(slot))).toEqual([false, false]);
    expect(live()).toBe(before);
    expect(caught(() => addon.endScope([])).code).toBe('ERR_MLX_ARGUMENT');
  });

  it('gives a large result a block, and so an owner, of its own', () => {
    const code = addon.create(new Uint8Array(64 * 1024), [16 * 1024], FLOAT32);
    expect(code).toBeLessThan(0);
    own(code);
    addon.free(~code);
  });

  it('gives a small view of something large a block of its own, and accounts what it pins', () => {
    const large = own(addon.create(new Uint8Array(4 << 20), [1 << 20], FLOAT32));
    const bytes = addon.usage()[1];
    const code = call('slice', large, [0], [1], [1]) as number;
    expect(code).toBeLessThan(0);
    own(code);
    expect(addon.usage()[1] - bytes).toBe(4 << 20);
    addon.free(~code);
    addon.free(large);
    expect(addon.usage()[1]).toBe(bytes - (4 << 20));
  });

  it('frees dropped tensors in the same turn, without a tick of the event loop', () => {
    const a = floats([1, 2]);
    const start = live();
    let most = 0;
    const drop = () => {
      for (let i = 0; i < 2000; i++) {
        const slot = call('add', a, a) as number;
        if ((slot & 63) === 0) addon.owner(slot >> 6);
        most = Math.max(most, live());
      }
    };
    drop();
    // V8 may collect in between, too.
    expect(most).toBeGreaterThan(start + 200);
    collectYoung?.();
    collectYoung?.();
    expect(live()).toBeLessThan(start + 200);
  });

  it('reports collected sentinels in the same turn', () => {
    const drop = () => {
      for (let i = 0; i < 1000; i++) addon.sentinel(i);
    };
    addon.drainSentinels();
    drop();
    collectYoung?.();
    collectYoung?.();
    expect(addon.drainSentinels().length).toBeGreaterThan(500);
  });
});

describe('a collection before an evaluation', () => {
  // More than an evaluation leaves uncollected, and fewer than are collected while a graph is built.
  const COUNT = 900;

  /** How many collections there were in the evaluation of a sum of so many small steps. */
  function collectionsOf(build: () => number): number {
    // What others have made is counted no longer.
    addon.setCollector(() => collectYoung?.());
    for (let i = 0; i < 2; i++) addon.eval([build()]);
    const sum = build();
    let count = 0;
    addon.setCollector(() => {
      count++;
    });
    addon.eval([sum]);
    return count;
  }

  function chain(): number {
    let sum = floats([0]);
    for (let i = 0; i < COUNT; i++) sum = own(call('add', sum, sum) as number);
    return sum;
  }

  it('comes where what is dropped may still be held', () => {
    expect(collectionsOf(chain)).toBe(1);
  });

  it('does not come where a scope has freed it', () => {
    const inScope = () => {
      addon.beginScope();
      const sum = chain();
      addon.endScope([sum]);
      return sum;
    };
    expect(collectionsOf(inScope)).toBe(0);
  });
});

it('survives collections while a call fails: nothing is thrown through Node-API', () => {
  const a = floats([1, 2, 3]);
  const b = floats([1, 2]);
  for (let i = 0; i < 20_000; i++) {
    const slot = call('multiply', a, a) as number;
    if ((slot & 63) === 0) addon.owner(slot >> 6);
    const raw = (addon.functions.add as (...args: unknown[]) => unknown)(a, b);
    if (i === 0) expect(raw).toMatchObject({ code: 'ERR_MLX_OPERATION' });
    if (i % 500 === 0) collectYoung?.();
  }
});

it('evaluates off this thread and rejects with the code of MLX', async () => {
  const a = floats([1, 2, 3, 4], [2, 2]);
  const product = own(call('matmul', a, a) as number);
  await addon.evalAsync([product]);
  expect([...new Float32Array(addon.bytes(product))]).toEqual([7, 10, 15, 22]);
});

it('loads into several worker threads, one after the other and at once', async () => {
  const source = `
    const { parentPort, workerData } = require('node:worker_threads');
    const addon = require(workerData);
    const slot = addon.create(new Uint8Array(new Float32Array([1, 2]).buffer), [2], ${FLOAT32});
    const owner = addon.owner(slot >> 6);
    const sum = addon.functions.add(slot, slot);
    parentPort.postMessage([...new Float32Array(addon.bytes(sum))]);
  `;
  const run = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(source, { eval: true, workerData: path });
      let answer: unknown;
      worker.on('message', (message) => {
        answer = message;
      });
      worker.on('error', reject);
      worker.on('exit', (code) => (code === 0 ? resolve(answer) : reject(new Error(`exit ${code}`))));
    });
  for (let i = 0; i < 3; i++) expect(await run()).toEqual([2, 4]);
  expect(await Promise.all([run(), run(), run()])).toEqual([
    [2, 4],
    [2, 4],
    [2, 4],
  ]);
});
