import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { ArgumentError, DisposedError, PythonError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import { configure, internals, core as mx, shutdown } from '../index.ts';
import { type Untyped, WITH_PETS } from './test-support/pets.ts';

beforeAll(() => {
  configure({ ...WITH_PETS, poolSize: 2 });
});

afterAll(() => shutdown());

let names = 0;
let name = '';
beforeEach(() => {
  names += 1;
  name = `embedder ${names}`;
});

it('an object is made once in each worker, when it is first called, and found again by its name', async () => {
  const embedder = mx.python.keep(name, 'pets:make_embedder', { args: [10] });
  expect(await embedder.single(1)).toBe(11);
  expect(await embedder.single(1, mx.python.kwargs({ plus: 5 }))).toBe(16);
  expect(await embedder.dimension).toBe(3);
  expect(await mx.python.keep(name, 'pets:make_embedder').single(2)).toBe(12);
  expect(() => mx.python.keep(name, 'pets:Embedder')).toThrow('is kept already');
  expect(`${embedder}`).toBe(`[Python ${name}, kept in every worker]`);
});

it('making it leaves the module to others that have imported it', async () => {
  const pets = await mx.python.import('pets');
  await Promise.all([1, 2, 3].map((x) => mx.python.keep(`${name} ${x}`, 'pets:make_embedder').single(x)));
  expect(await pets.same(1)).toBe(1);
});

it('calls are spread over the pool', async () => {
  const embedder = mx.python.keep(name, 'pets:make_embedder', { kwargs: { delay: 0.3 } });
  const pids = await Promise.all(Array.from({ length: 4 }, () => embedder.pid()));
  expect(new Set(pids).size).toBe(2);
});

it('single calls go together, in their order, and each gets its own result', async () => {
  const embedder: Untyped = mx.python.keep(name, 'pets:make_embedder', { batch: { size: 8, maxWaitMs: 2000 } });
  const results: [number, number][] = await Promise.all(Array.from({ length: 16 }, (_, i) => embedder.embed(i)));
  expect(results.map(([value]) => value)).toEqual(Array.from({ length: 16 }, (_, i) => i));
  const histories = await Promise.all([...Array(8)].map(() => embedder.history(0)));
  expect(histories[0].every((size: number) => size === 8)).toBe(true);
});

it('a batch that is not full goes when its first call has waited long enough', async () => {
  const embedder: Untyped = mx.python.keep(name, 'pets:make_embedder', { batch: { size: 1000, maxWaitMs: 5 } });
  const [[first], [second]] = await Promise.all([embedder.embed(1), embedder.embed(2)]);
  expect([first, second]).toEqual([1, 2]);
});

it('an error of one item fails that call alone, an error of the function all of them', async () => {
  const embedder: Untyped = mx.python.keep(name, 'pets:make_embedder', { batch: { size: 3, maxWaitMs: 2000 } });
  const [good, bad, better] = await Promise.allSettled([embedder.embed(1), embedder.embed(-2), embedder.embed(3)]);
  expect([good.status, better.status]).toEqual(['fulfilled', 'fulfilled']);
  expect(bad).toMatchObject({ status: 'rejected', reason: { pythonClass: 'ValueError' } });
  const all = await Promise.allSettled([1, 2, 3].map((x) => embedder.boom(x)));
  expect(all.every((one) => one.status === 'rejected' && one.reason instanceof PythonError)).toBe(true);
  const short = await Promise.allSettled([1, 2, 3].map((x) => embedder.short(x)));
  expect(short[0]).toMatchObject({ status: 'rejected' });
  expect(String((short[0] as PromiseRejectedResult).reason)).toContain('must give 3 results, received 2');
});

it('a call whose own argument cannot be sent fails alone', async () => {
  const embedder: Untyped = mx.python.keep(name, 'pets:make_embedder', { batch: { size: 3, maxWaitMs: 2000 } });
  const calls = await Promise.allSettled([embedder.embed(1), embedder.embed(Symbol('no')), embedder.embed(3)]);
  expect(calls.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  await expect(embedder.embed(mx.python.kwargs({ xs: 1 }))).rejects.toThrow('positional arguments only');
});

it('a function beside an argument that cannot be sent is not registered', async () => {
  const embedder: Untyped = mx.python.keep(name, 'pets:make_embedder', { batch: { size: 2, maxWaitMs: 2000 } });
  const before = internals.pythonBackend.stats().callbacks;
  for (let i = 0; i < 10; i++) {
    const calls = [embedder.pairs(() => 1, Symbol('no')), embedder.pairs(2, 3)];
    const [bad, good] = await Promise.allSettled(calls);
    expect([bad?.status, good]).toEqual(['rejected', { status: 'fulfilled', value: 6 }]);
  }
  const [bytes, more] = [new Float64Array([1.5]), new Float64Array([2])];
  const mixed = await Promise.allSettled([embedder.pairs(bytes, Symbol('no')), embedder.pairs(more, 3)]);
  expect(mixed[1]).toMatchObject({ status: 'fulfilled' });
  expect(internals.pythonBackend.stats().callbacks).toBeLessThanOrEqual(before);
});

it('arguments may be several, and arrays; an array as the result is taken apart', async () => {
  const embedder: Untyped = mx.python.keep(name, 'pets:make_embedder', { batch: { size: 2, maxWaitMs: 2000 } });
  expect(await Promise.all([embedder.pairs(2, 3), embedder.pairs(4, 5)])).toEqual([6, 20]);
  const rows: mx.Array[] = await Promise.all([embedder.rows(mx.array([1, 2])), embedder.rows(mx.array([3, 4]))]);
  expect(rows.map((row) => row.tolist())).toEqual([
    [2, 4],
    [6, 8],
  ]);
});

it('a factory that fails rejects the calls, and is tried again by the next', async () => {
  const broken = mx.python.keep(name, 'pets:broken_factory');
  await expect(broken.single(1)).rejects.toMatchObject({ pythonClass: 'OSError' });
  await expect(broken.single(1)).rejects.toMatchObject({ pythonClass: 'OSError' });
  await expect(mx.python.keep(`${name} plain`, 'pets:plain_factory').x).rejects.toThrow('received plain data');
  await expect(mx.python.keep(`${name} nothing`, 'pets:nothing').x).rejects.toMatchObject({
    pythonClass: 'AttributeError',
  });
  await expect(mx.python.keep(`${name} os`, 'os:getcwd').x).rejects.toThrow('"os" is not allowed');
});

it('after the exit of a worker it is made again', async () => {
  const embedder = mx.python.keep(name, 'pets:make_embedder', { args: [1] });
  await expect(embedder.exit_now()).rejects.toBeInstanceOf(WorkerDiedError);
  expect(await embedder.single(1)).toBe(2);
});

it('what was released is a typed error', async () => {
  const embedder = mx.python.keep(name, 'pets:make_embedder');
  await embedder.single(1);
  mx.python.release(embedder);
  await expect(embedder.single(1)).rejects.toBeInstanceOf(DisposedError);
  expect(await mx.python.keep(name, 'pets:Embedder', { args: [5] }).single(1)).toBe(6);
});

it('wrong options are named', () => {
  const keep = mx.python.keep as Untyped;
  for (const [args, text] of [
    [['', 'a:b'], 'expected a name'],
    [['x', 'a'], '"module:callable"'],
    [['x', 'a:_b'], '"module:callable"'],
    [['x', 'a:b', { batch: { size: 0 } }], '"batch.size"'],
    [['x', 'a:b', { batch: { size: 1, maxWaitMs: -1 } }], '"batch.maxWaitMs"'],
    [['x', 'a:b', { args: {} }], '"args"'],
    [['x', 'a:b', { timeoutMs: 0 }], '"timeoutMs"'],
  ] as const) {
    expect(() => keep(...args)).toThrow(ArgumentError);
    expect(() => keep(...args)).toThrow(text);
  }
});
