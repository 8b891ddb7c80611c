import { closeSync, ftruncateSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { askChild } from '../support/children.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-under-way-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Uses of an array `x` whose evaluation is under way, and of `y`, which is built on it. */
const uses: Record<string, string> = {
  'starting what is built on it': 'void mx.asyncEval(y); y.item();',
  'reading what is built on it': 'y.item();',
  'reading it': 'x.item();',
  'evaluating it': 'mx.eval(x);',
  'evaluating what is built on it': 'mx.eval(y);',
  'starting it again': 'void mx.asyncEval(x); void mx.asyncEval(x, y);',
  'reading it later': 'void x.data(); void y.data();',
  'asking for its shape and text': 'String(x); y.shape; String(y);',
  'dropping it': 'x.dispose(); y.item();',
  'dropping all that it is part of': 'x.dispose(); y.dispose();',
  'a derivative over it': 'mx.grad((t) => mx.sum(mx.multiply(t, x)))(y).item();',
  'vectorisation over it': 'mx.vmap((t) => mx.add(t, x.index(0)))(mx.stack([x, y])).tolist();',
  'a compiled function over it': 'compiled(x, y).item();',
  'reading a view of it': 'x.index(mx.Slice(0, 1)).item();',
  'writing into it': 'const z = mx.add(x, 0); void mx.asyncEval(z); z.indexPut_(0, 1); z.item();',
};

describe('an evaluation under way', () => {
  // Where two threads get at one array the process ends, after the name of the last use.
  it('bears each use', async () => {
    const loops = Object.entries(uses).map(
      ([use, code]) => `
        console.error(${JSON.stringify(use)});
        for (let i = 0; i < 500; i++) {
          const x = mx.multiply(mx.add(mx.ones([1]), i), 2);
          void mx.asyncEval(x);
          const y = mx.add(x, 1);
          ${code}
          if (i % 40 === 0) await turn();
        }`,
    );
    const done = await askChild<string>(`
      import { setImmediate as turn } from 'node:timers/promises';
      const compiled = mx.compile((x, y) => mx.multiply(x, y));
      ${loops.join('\n')}
      await turn();
      report('done');
    `);
    expect(done).toBe('done');
  });

  it('gives right values however it is used', async () => {
    for (let i = 0; i < 300; i++) {
      const x = mx.add(mx.arange(100), i);
      const done = mx.asyncEval(x);
      const y = mx.add(x, 1);
      const alsoDone = mx.asyncEval(y);
      expect(y.index(99).item()).toBe(100 + i);
      expect(x.index(0).item()).toBe(i);
      await Promise.all([done, alsoDone]);
      expect((await x.data())[99]).toBe(99 + i);
    }
  });
});

describe('a failure under way', () => {
  const bad = () => mx.linalg.inv(mx.zeros([3, 3]));
  const failed = /failed with error code/;

  it.each([
    ['nothing is done', () => undefined],
    ['something is built on it', (x: mx.Array) => void mx.add(x, 1)],
    ['something else is computed', () => void mx.exp(mx.ones([2])).tolist()],
    ['it is read', (x: mx.Array) => expect(() => x.tolist()).toThrow(failed)],
    ['it is started again', (x: mx.Array) => void mx.asyncEval(x).catch(() => undefined)],
    ['it is dropped', (x: mx.Array) => x.dispose()],
  ])('reaches its promise and mx.synchronize where %s', async (_, use) => {
    for (let i = 0; i < 40; i++) {
      const x = bad();
      const promise = mx.asyncEval(x).then(
        () => 'done',
        (error: Error) => error.message,
      );
      use(x);
      expect(await promise).toMatch(failed);
      const y = bad();
      const second = expect(mx.asyncEval(y)).rejects.toThrow(failed);
      expect(() => mx.synchronize()).toThrow(failed);
      mx.synchronize();
      await second;
      expect(() => y.tolist()).toThrow(failed);
    }
  });

  it.each([
    ['mx.clearCache', () => mx.clearCache()],
    ['mx.setCacheLimit', () => void mx.setCacheLimit(mx.setCacheLimit(1000))],
  ])('reaches its promise and not %s, which waits for every stream', async (_, use) => {
    for (let i = 0; i < 40; i++) {
      void mx.ones([1000]).add(1).tolist();
      const x = bad();
      const second = expect(mx.asyncEval(x, bad())).rejects.toThrow(failed);
      use();
      await second;
      use();
      expect(() => x.tolist()).toThrow(failed);
    }
  });

  it('appears in each text', () => {
    const x = bad();
    for (let i = 0; i < 3; i++) expect(() => String(x)).toThrow(failed);
  });
});

describe('a file that became shorter', () => {
  const lost = /became shorter/;
  let files = 0;
  /** An array of a file whose values can no longer be read. */
  function truncated(): mx.Array {
    const path = join(folder, `${files++}.safetensors`);
    mx.saveSafetensors(path, { x: mx.ones([1000]) });
    const x = (mx.load(path) as Record<string, mx.Array>)['x'] as mx.Array;
    const descriptor = openSync(path, 'r+');
    ftruncateSync(descriptor, 200);
    closeSync(descriptor);
    return x;
  }

  it('fails at each read, with all that is built on it', () => {
    const x = truncated();
    const [y, z] = [mx.add(x, 1), mx.multiply(x, 2)];
    const beside = mx.add(mx.ones([2]), 1);
    expect(() => mx.eval(y, beside)).toThrow(lost);
    for (const array of [y, z, x, mx.sum(y), mx.sum(z)]) {
      for (let i = 0; i < 2; i++) {
        expect(() => array.tolist()).toThrow(expect.objectContaining({ code: 'ERR_MLX_FILE' }));
        expect(() => mx.eval(array)).toThrow(lost);
      }
    }
    expect(beside.tolist()).toEqual([2, 2]);
  });

  it('fails each promise that waits for it', async () => {
    const x = truncated();
    const y = mx.add(x, 1);
    await expect(mx.asyncEval(y)).rejects.toThrow(lost);
    await expect(mx.asyncEval(y)).rejects.toThrow(lost);
    await expect(x.data()).rejects.toThrow(lost);
    expect(() => mx.sum(x).item()).toThrow(lost);
  });

  it('fails no other evaluation that is under way', async () => {
    for (let i = 0; i < 10; i++) {
      const x = truncated();
      // More than threads wait, so that some are asked for after the file has failed.
      const others = Array.from({ length: 12 }, () => mx.matmul(mx.ones([200, 200]), mx.ones([200, 200])));
      const promises = others.map((other) => mx.asyncEval(other));
      const failed = expect(mx.asyncEval(mx.add(x, 1))).rejects.toThrow(lost);
      await Promise.all([...promises, failed]);
      expect(() => x.tolist()).toThrow(lost);
    }
  });

  it('is the error of what fails for want of its values, and of nothing later', async () => {
    const x = truncated();
    const inverse = mx.add(mx.linalg.inv(mx.zeros([3, 3])), x.index(0));
    await expect(mx.asyncEval(inverse)).rejects.toThrow(lost);
    expect(mx.exp(mx.zeros([2])).tolist()).toEqual([1, 1]);
    expect(() => mx.eval(inverse)).toThrow(lost);
    expect(mx.exp(mx.zeros([2])).tolist()).toEqual([1, 1]);
    expect(() => x.tolist()).toThrow(lost);
  });

  it('holds none of what was computed on the way', () => {
    const path = join(folder, 'large.safetensors');
    mx.saveSafetensors(path, Object.fromEntries([...Array(16).keys()].map((i) => [`x${i}`, mx.ones([1 << 20])])));
    const arrays = Object.values(mx.load(path) as Record<string, mx.Array>);
    const sum = arrays.map((x) => mx.sum(mx.add(x, 1))).reduce((a, b) => mx.add(a, b));
    for (const array of arrays) array.dispose();
    mx.resetPeakMemory();
    const before = mx.getActiveMemory();
    expect(sum.item()).toBe(16 * 2 * (1 << 20));
    // MLX allocates for a file when it asks for its bytes, which may be for all of them before the first has come. Were
    // the bytes held, each sum would add another 4 MiB of its own to them.
    expect(mx.getPeakMemory() - before).toBeLessThan(16 * (4 << 20) + (1 << 20));
  });
});
