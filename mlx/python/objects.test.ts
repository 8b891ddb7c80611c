import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, TensorLostError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, shutdown } from '../index.ts';
import { type Untyped, WITH_PETS } from './test-support/pets.ts';
import { rejection } from './test-support/rejection.ts';

let pets: Untyped;

beforeAll(async () => {
  configure(WITH_PETS);
  pets = await mx.python.import('pets');
});

afterAll(() => shutdown());

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

describe('a worker that exits', () => {
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
        for await (const item of pets.exiting(2)) seen.push(item);
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
