import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  ConfigurationError,
  DisposedError,
  PythonError,
  TensorLostError,
  WorkerDiedError,
} from '../../registry/errors.ts';
import { configure, core as mx, shutdown } from '../index.ts';

// biome-ignore lint/suspicious/noExplicitAny: most tests are about what types would forbid.
type Untyped = any;

let pets: Untyped;

beforeAll(async () => {
  configure({ pythonModules: ['pets'], pythonFolders: [fileURLToPath(new URL('./test-support', import.meta.url))] });
  pets = await mx.python.import('pets');
});

afterAll(() => shutdown());

/** What the promise was rejected with. */
async function rejection(promise: PromiseLike<unknown>): Promise<Error & { pythonClass?: string; traceback?: string }> {
  try {
    await promise;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

describe('attributes and calls', () => {
  it('are paths that cost nothing until they are awaited or called', async () => {
    const path = pets.Dog.kind;
    expect(await path).toBe('dog');
    expect(await pets.VERSION).toBe('1.5');
    expect(await pets.same(1)).toBe(1);
  });

  it('give objects by reference, and the same object the same proxy', async () => {
    const dog = await pets.Dog('Rex', 3);
    expect(await dog.name).toBe('Rex');
    expect(await dog.me()).toBe(dog);
    expect(await dog.me().then((again: Untyped) => again.age)).toBe(3);
    expect(await (await pets.Dog('Ada')).me()).not.toBe(dog);
  });

  it('construct classes with new and without', async () => {
    const dog = await new pets.Dog('Ada', mx.python.kwargs({ tricks: ['roll'] }));
    expect(await dog.tricks).toEqual(['roll']);
  });

  it('take keyword arguments by a marker, so that a dict is a dict', async () => {
    const dog = await pets.Dog('Rex');
    expect(await dog.bark(2, mx.python.kwargs({ loud: true }))).toBe('WUFF WUFF');
    expect(await pets.same({ loud: true })).toEqual({ loud: true });
    expect(await pets.same(1, mx.python.kwargs({ plus: 2, left_out: undefined }))).toEqual([1, { plus: 2 }]);
    expect((await rejection(pets.same(mx.python.kwargs({}), 1))).message).toContain('behind all others');
    expect(() => mx.python.kwargs([] as Untyped)).toThrow(ArgumentError);
  });

  it('pass objects and paths as arguments', async () => {
    const [rex, ada] = await Promise.all([pets.Dog('Rex'), pets.Dog('Ada')]);
    expect(await rex.befriend(ada)).toBe(rex);
    expect(await mx.python.item(rex.friends, 'Ada')).toBe(ada);
    expect(await mx.python.item(rex.friends, 'Ada').bark()).toBe('wuff');
    expect(await pets.same([rex.name, { dog: rex }])).toEqual(['Rex', { dog: rex }]);
  });

  it('are set and deleted by path', async () => {
    const dog = await pets.Dog('Rex');
    await mx.python.set(dog.age, 8);
    await mx.python.set(mx.python.item(dog.friends, 'cat'), [1, 2]);
    expect([await dog.age, await dog.friends]).toEqual([8, { cat: [1, 2] }]);
    await mx.python.delete(mx.python.item(dog.friends, 'cat'));
    await mx.python.delete(dog.name);
    expect(await dog.friends).toEqual({});
    expect(await rejection(dog.name)).toMatchObject({ name: 'PythonError', pythonClass: 'AttributeError' });
    expect(() => {
      dog.age = 9;
    }).toThrow('use await mx.python.set(object.age, value)');
    expect(() => {
      delete dog.age;
    }).toThrow('use await mx.python.delete(object.age)');
    await expect(mx.python.set(dog, 1)).rejects.toThrow('expected a path from an object');
  });

  it('whose names JavaScript keeps for itself are read by get', async () => {
    const dog = await pets.Dog('Rex');
    expect(dog.then).toBeUndefined();
    expect(await mx.python.get<() => string>(dog, 'then')()).toBe('an attribute named then');
  });

  it('run coroutines to their end', async () => {
    expect(await pets.later(5)).toBe(5);
  });
});

describe('await', () => {
  it('does not misfire: an object is no promise, however often it is awaited', async () => {
    const dog = await pets.Dog('Rex');
    expect(await dog).toBe(dog);
    expect(await Promise.resolve(dog)).toBe(dog);
    expect(await (async () => dog)()).toBe(dog);
    expect(await Promise.all([dog, pets])).toEqual([dog, pets]);
  });
});

describe('the text of an object', () => {
  it('costs no round trip, and runs none of its code', async () => {
    const dog = await pets.Dog('Rex');
    expect(inspect(dog)).toBe('[Python pets.Dog]');
    expect(inspect(pets)).toBe('[Python module pets]');
    expect(inspect({ dog: dog.me })).toBe('{ dog: [Python pets.Dog.me, to be awaited or called] }');
    expect(inspect(await pets.Dog)).toBe('[Python class pets.Dog]');
    expect(`${await pets.same}`).toBe('[Python function pets.same]');
    expect(JSON.stringify({ dog })).toBe('{}');
  });

  it("is Python's own where it is asked for", async () => {
    expect(await mx.python.repr(pets.VERSION)).toBe("'1.5'");
    expect(await mx.python.str(pets.VERSION)).toBe('1.5');
    const dog = await pets.Dog('Rex', 0);
    expect(await rejection(mx.python.repr(dog))).toMatchObject({ pythonClass: 'RuntimeError' });
    expect([await mx.python.len(dog), await mx.python.bool(dog)]).toEqual([0, false]);
    expect(await mx.python.dir(dog)).toEqual([
      'age',
      'bark',
      'befriend',
      'friends',
      'kind',
      'me',
      'name',
      'puppy',
      'then',
      'tricks',
    ]);
  });
});

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

describe('iteration', () => {
  it('streams a generator, one request an item', async () => {
    const seen: string[] = [];
    for await (const token of pets.tokens(3)) seen.push(token);
    expect(seen).toEqual(['t0', 't1', 't2']);
  });

  it('closes the generator when the loop is left early', async () => {
    await mx.python.set(mx.python.item(pets.log, new mx.Slice(null, null)), []);
    for await (const token of await pets.tokens(1000)) if (token === 't1') break;
    expect(await pets.log).toEqual(['closed']);
    await expect(
      (async () => {
        for await (const _ of pets.tokens(1000)) throw new Error('mine');
      })(),
    ).rejects.toThrow('mine');
    expect(await pets.log).toEqual(['closed', 'closed']);
  });

  it('goes over what comes by value, objects, asynchronous generators, and paths', async () => {
    const collect = async (iterable: AsyncIterable<unknown>) => {
      const items = [];
      for await (const item of iterable) items.push(item);
      return items;
    };
    expect(await collect(pets.same([1, 2]))).toEqual([1, 2]);
    expect(await collect(pets.ticks(3))).toEqual([0, 1, 2]);
    expect(await collect(pets.VERSION)).toEqual(['1', '.', '5']);
    const puppies = (await collect(await pets.Puppies(2))) as Untyped[];
    expect(await puppies[1].name).toBe('p1');
    await expect(collect(pets.same(3))).rejects.toThrow('expected something to go over');
    await expect(collect(pets.Dog.kind.upper)).rejects.toMatchObject({ pythonClass: 'TypeError' });
  });

  it('can fetch several items in one request', async () => {
    const seen = [];
    for await (const token of mx.python.iterate(await pets.tokens(10), { prefetch: 4, maxWaitMs: 1000 }))
      seen.push(token);
    expect(seen).toHaveLength(10);
    expect(() => mx.python.iterate(pets, { prefetch: 0 })).toThrow('"prefetch"');
  });

  it('gives the items before an error, then the error', async () => {
    for (const options of [{ prefetch: 1 }, { prefetch: 100, maxWaitMs: 1000 }]) {
      const seen: unknown[] = [];
      const error = await rejection(
        (async () => {
          for await (const item of mx.python.iterate(await pets.failing(2), options)) seen.push(item);
        })(),
      );
      expect(seen).toEqual([0, 1]);
      expect(error).toMatchObject({ name: 'PythonError', pythonClass: 'LookupError' });
      expect(error.traceback).toContain('in failing');
    }
  });
});

describe('errors', () => {
  it('have the class, the text and the traceback of Python', async () => {
    const error = await rejection(pets.fail('x'));
    expect(error).toMatchObject({
      pythonClass: 'KeyError',
      message: "pets.fail: KeyError: 'x'",
      implementation: 'python',
    });
    expect(error.traceback).toContain('pets.py');
    expect(error.traceback).not.toContain('mlx_router_worker');
  });

  it('of a module that is not there says how to repair it', async () => {
    expect(await rejection(mx.python.import('pets.nothing'))).toMatchObject({
      pythonClass: 'ModuleNotFoundError',
      message: expect.stringContaining('pythonFolders'),
    });
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

describe('what must not be reached', () => {
  const private_ = ['_secret', '__class__', '__init__', '__dict__', '__globals__', '__reduce__', '__builtins__'];
  const inside = [
    'gi_frame',
    'func_globals',
    'f_globals',
    'cr_frame',
    'tb_frame',
    'mro',
    'os.system',
    'a b',
    '',
    'x\0',
  ];

  it.each([...private_, ...inside])('the name %j, in any place', async (name) => {
    const dog = await pets.Dog('Rex');
    const attempts = [
      () => dog[name],
      () => dog.me[name],
      () => dog.me[name](),
      () => dog[name].name,
      () => pets.same(dog[name]),
      () => pets.same(1, mx.python.kwargs({ [name]: 1 })),
      () => mx.python.get(dog, name),
      () => mx.python.set(dog[name], 1),
      () => mx.python.delete(dog[name]),
      () => mx.python.repr(dog[name]),
    ];
    for (const attempt of attempts) expect(await rejection(attempt())).toBeInstanceOf(ArgumentError);
  });

  it.each(['os', 'sys', 'builtins', 'subprocess', 'operator', 'petsy', 'mlx_router_worker.worker'])(
    'the module %s',
    async (name) => {
      const error = await rejection(mx.python.import(name));
      expect(error).toBeInstanceOf(ConfigurationError);
      expect(error.message).toContain(`the module "${name}" is not allowed`);
    },
  );

  it.each(['', '.', '..pets', 'pets._x', 'pets; import os', '__main__', 'pets\n', '../pets'])(
    'what is no name of a module: %j',
    async (name) => {
      expect(await rejection(mx.python.import(name))).toBeInstanceOf(ArgumentError);
    },
  );

  it('modules that an allowed one has imported or gives away', async () => {
    const attempts = [() => pets.os, () => pets.os.system('true'), () => pets.time.sleep(1), () => pets.leak()];
    for (const attempt of attempts) expect(await rejection(attempt())).toBeInstanceOf(ConfigurationError);
    expect((await rejection(pets.os)).message).toContain('"os" is or comes from the module "os", which is not allowed');
  });

  it('frames that allowed code gives away', async () => {
    const error = await rejection(pets.frame_of(await pets.tokens(1)));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error.message).toContain('is a frame');
  });

  it('what the whole worker shares cannot be changed', async () => {
    for (const path of [pets.VERSION, pets.Dog.kind, pets.same.name]) {
      expect(await rejection(mx.python.set(path, 1))).toBeInstanceOf(ConfigurationError);
    }
  });
});

describe('mlx', () => {
  it('is always allowed, and typed by a description', async () => {
    interface Linear {
      readonly weight: mx.Array;
      (x: mx.Array): mx.Array;
    }
    interface Nn {
      Linear: new (inputs: number, outputs: number) => Linear;
    }
    const nn = await mx.python.import<Nn>('mlx.nn');
    const layer = await new nn.Linear(2, 3);
    const weight: mx.Array = await layer.weight;
    expect(weight.shape).toEqual([3, 2]);
    const x = mx.ones([4, 2]);
    const y: mx.Array = await layer(x);
    expect(y.shape).toEqual([4, 3]);
  });
});

describe('a worker that dies', () => {
  it('takes arrays along that only calls of objects can give, and no others', async () => {
    const mine = mx.array([1, 2]);
    const [same, made] = [await pets.same(mine), await pets.give_array('float32', 2)];
    await expect(pets.exit_now()).rejects.toBeInstanceOf(WorkerDiedError);
    expect(() => made.tolist()).toThrow(TensorLostError);
    await expect(same.data()).rejects.toBeInstanceOf(TensorLostError);
    pets = await mx.python.import('pets');
    await expect(pets.same(made)).rejects.toBeInstanceOf(TensorLostError);
    expect((await pets.same(mine)).tolist()).toEqual([1, 2]);
  });

  it('ends an iteration in the middle with a typed error', async () => {
    const seen: unknown[] = [];
    const error = await rejection(
      (async () => {
        for await (const item of pets.dying(2)) seen.push(item);
      })(),
    );
    expect(seen).toEqual([0, 1]);
    expect(error).toBeInstanceOf(WorkerDiedError);
  });

  it('takes its objects along, which say so; a new import works', async () => {
    const error = await rejection(pets.VERSION);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error.message).toContain('the object (module pets) is gone with its worker');
    pets = await mx.python.import('pets');
    expect(await pets.VERSION).toBe('1.5');
  });
});
