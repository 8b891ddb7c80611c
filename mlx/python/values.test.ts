import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, DisposedError, PythonError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, shutdown } from '../index.ts';
import { type Untyped, WITH_PETS } from './test-support/pets.ts';
import { rejection } from './test-support/rejection.ts';

let pets: Untyped;

beforeAll(async () => {
  configure(WITH_PETS);
  pets = await mx.python.import('pets');
});

afterAll(() => shutdown());

describe('values', () => {
  it.each<[string, unknown, string]>([
    ['null', null, 'NoneType'],
    ['a boolean', true, 'bool'],
    ['an int', 3, 'int'],
    ['an int of 53 bits', 2 ** 52 + 1, 'int'],
    ['a float', 2.5, 'float'],
    ['a large float', 1e300, 'float'],
    ['infinity', Number.NEGATIVE_INFINITY, 'float'],
    ['NaN', Number.NaN, 'float'],
    ['minus zero', -0, 'float'],
    ['a bigint of 64 bits', 2n ** 64n - 1n, 'int'],
    ['a huge bigint', -(3n ** 5000n), 'int'],
    ['text', 'Größe 🐍 \0', 'str'],
    ['half a surrogate pair', 'a\ud800b\udfff', 'str'],
    ['bytes', Uint8Array.of(0, 255, 3), 'bytes'],
    ['a list', [1, 'two', [null, [2.5]]], 'list'],
    ['a dict', { a: { b: [1] }, 'c d': null }, 'dict'],
    [
      'a dict of any keys',
      new Map<unknown, unknown>([
        [1, 'a'],
        [null, [2]],
      ]),
      'dict',
    ],
    ['a set', new Set([1, 'a']), 'set'],
    ['a complex number', new mx.Complex(1.5, -2), 'complex'],
    ['a dtype', mx.bfloat16, 'Dtype'],
  ])('%s crosses both ways', async (_, value, kind) => {
    expect(await pets.same(value)).toEqual(value);
    expect(await pets.kind_of(value)).toBe(kind);
  });

  it('become other types by markers', async () => {
    const { float, tuple, numpy } = mx.python;
    expect(await pets.kind_of(float(3))).toBe('float');
    expect(Object.is(await pets.same(float(-0)), -0)).toBe(true);
    expect(await pets.kind_of(tuple([1]))).toBe('tuple');
    expect(await pets.same(tuple([1, [2]]))).toEqual([1, [2]]);
    expect(await pets.kind_of(numpy(mx.array([1])))).toBe('ndarray');
    expect(await pets.kind_of(numpy([[1, 2]]))).toBe('ndarray');
    expect(await pets.kind_of(new mx.Slice(1, null))).toBe('slice');
  });

  it('that hold themselves are a typed error, here and there', async () => {
    const cyclic: unknown[] = [1];
    cyclic.push({ again: cyclic });
    expect(await rejection(pets.same(cyclic))).toMatchObject({ name: 'ArgumentError' });
    expect((await rejection(pets.cyclic())).message).toContain('the data holds itself');
  });

  it('that are nested too deep are a typed error, here and there', async () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect((await rejection(pets.same(deep))).message).toContain('nested deeper than 100 levels');
    expect((await rejection(pets.deep(100_000))).message).toContain('nested deeper than 100 levels');
    expect(await rejection(pets.deep(100_000))).toBeInstanceOf(PythonError);
    expect(await pets.deep(98)).toBeDefined();
  });

  it('that have no form are refused by name', async () => {
    for (const [value, text] of [
      [Symbol('x'), 'a symbol'],
      [new Date(0), 'a value of type Date'],
      [pets.same(1), 'a promise (await it first)'],
      [new DataView(new ArrayBuffer(2)), 'DataView'],
    ] as const) {
      const error = await rejection(pets.same([value]));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toContain(text);
    }
  });

  it('whose getters throw are a typed error', async () => {
    const hostile = {
      get bad() {
        throw new Error('no');
      },
    };
    expect(await rejection(pets.same(hostile))).toBeInstanceOf(ArgumentError);
  });

  it('keep hostile keys as data', async () => {
    const keys = await pets.hostile_keys();
    expect(Object.keys(keys)).toEqual(['__proto__', 'constructor', 'then']);
    expect(Object.getPrototypeOf(keys)).toBe(Object.prototype);
    expect(await pets.same(JSON.parse('{"__proto__": 1}'))).toEqual(JSON.parse('{"__proto__": 1}'));
  });

  it('of other classes stay in Python', async () => {
    const ordered = await pets.ordered();
    expect(mx.python.isRemote(ordered)).toBe(true);
    expect(await mx.python.item(ordered, 'a')).toBe(1);
  });
});

describe('arrays', () => {
  it('cross by reference: what comes back has never left', async () => {
    const a = mx.array([1, 2, 3]);
    const same = await pets.same(a);
    expect(same.tolist()).toEqual([1, 2, 3]);
    expect([a.residency.python, same.residency]).toMatchObject([true, { native: false, python: true }]);
    expect((await pets.total(a, same)).item()).toBe(12);
    const nested = await pets.same({ list: [a, 1] });
    expect(nested.list[0].tolist()).toEqual([1, 2, 3]);
  });

  it('of NumPy come by value, of every dtype that there is', async () => {
    for (const dtype of ['bool', 'uint8', 'int16', 'uint64', 'float16', 'float32', 'float64', '>i4']) {
      const array = await pets.give_array(dtype, 2);
      expect([array.shape, Number(array.toTypedArray().length)]).toEqual([[2, 1], 2]);
    }
    expect((await pets.give_array('float64', 3)).dtype).toBe(mx.float64);
    expect(mx.python.isRemote(await pets.give_array('complex128', 3))).toBe(true);
  });

  it('typed arrays become NumPy arrays, several of them in one call', async () => {
    const floats = Float64Array.of(1.5, 2.5, 3.5);
    const [first, second] = await pets.same([floats, Int8Array.of(-1, 2), Uint16Array.of(7)]);
    expect([...first.toTypedArray()]).toEqual([1.5, 2.5, 3.5]);
    expect([...second.toTypedArray()]).toEqual([-1, 2]);
    expect(await pets.kind_of(floats.subarray(1))).toBe('ndarray');
    expect(await pets.kind_of(mx.python.numpy(Uint8Array.of(1)))).toBe('ndarray');
  });

  it('that were disposed are a typed error', async () => {
    const a = mx.array([1]);
    a.dispose();
    expect(await rejection(pets.same(a))).toBeInstanceOf(DisposedError);
  });
});

describe('what was made in a pipeline', () => {
  it('is there for the calls of objects after it', async () => {
    const doubled = mx.withImplementation('python', () => mx.pipeline(() => mx.array([1, 2]).multiply(2)));
    expect((await pets.same(doubled)).tolist()).toEqual([2, 4]);
    const inside = await mx.withImplementation('python', () => mx.pipeline(() => pets.same(mx.array([3]).multiply(2))));
    expect(inside.tolist()).toEqual([6]);
  });
});

describe('functions given from JavaScript', () => {
  it('are called with what Python passes, and give back what it takes', async () => {
    const seen: unknown[] = [];
    const result = await pets.call(
      (...args: unknown[]) => {
        seen.push(...args);
        return { sum: 3, list: [1n << 70n, Uint8Array.of(1, 2), 'a\ud800'] };
      },
      1,
      'two',
      Uint8Array.of(255),
      { a: [null] },
    );
    expect(seen).toEqual([1, 'two', Uint8Array.of(255), { a: [null] }]);
    expect(result).toEqual({ sum: 3, list: [1n << 70n, Uint8Array.of(1, 2), 'a\ud800'] });
  });

  it('get objects and arrays by reference, and give them back', async () => {
    const dog = await pets.Dog('Rex');
    expect(await pets.call((given: Untyped) => given.me(), dog)).toBe(dog);
    const doubled = await pets.call((a: mx.Array) => a.multiply(2), mx.array([1, 2]));
    expect(doubled.tolist()).toEqual([2, 4]);
    expect(await pets.each(async (x: number) => (await pets.same(x)) * 10, [1, 2, 3])).toEqual([10, 20, 30]);
  });

  it('get keyword arguments behind the positional ones', async () => {
    const keywords = await pets.call(
      (...args: Untyped[]) => args.at(-1).values.loud,
      1,
      mx.python.kwargs({ loud: true }),
    );
    expect(keywords).toBe(true);
  });

  it('throw through Python, the very same error, or are caught there', async () => {
    const mine = new RangeError('mine');
    const thrower = () => {
      throw mine;
    };
    expect(await rejection(pets.call(thrower))).toBe(mine);
    expect(await pets.shield(thrower)).toContain('mine');
    expect(await rejection(pets.call(() => new Date()))).toBeInstanceOf(ArgumentError);
    expect(await pets.VERSION).toBe('1.5');
  });
});

it('a proxy of the caller that throws when it is looked at is an ArgumentError', async () => {
  const refuse = () => {
    throw new Error('not for you');
  };
  const hostile = new Proxy({}, { getPrototypeOf: refuse, ownKeys: refuse, get: refuse });
  await expect(pets.same(hostile)).rejects.toThrow(ArgumentError);
  await expect(pets.same(hostile, 1)).rejects.toThrow(ArgumentError);
});
