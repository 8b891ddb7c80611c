import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DisposedError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, shutdown } from '../index.ts';
import { rejection } from './test-support/rejection.ts';

// biome-ignore lint/suspicious/noExplicitAny: a module without a description.
type Untyped = any;

let pets: Untyped;

beforeAll(async () => {
  configure({ pythonModules: ['pets'], pythonFolders: [fileURLToPath(new URL('./test-support', import.meta.url))] });
  pets = await mx.python.import('pets');
});
afterAll(() => shutdown());

describe('at the end of a session its objects', () => {
  it('are freed, here and in Python, while they are still referenced', async () => {
    const held: Untyped[] = [];
    const alive = await pets.dogs_alive();
    await mx.withSession(async () => {
      held.push(await pets.Dog('Rex'));
      held.push(await pets.Dog('Ada'));
      expect(await held[0].me()).toBe(held[0]);
      expect(await pets.dogs_alive()).toBe(alive + 2);
    });
    expect(await pets.dogs_alive()).toBe(alive);
    for (const use of [() => held[0].name, () => held[0].bark(), () => pets.same(held[1])]) {
      const error = await rejection((async () => use())());
      expect(error).toBeInstanceOf(DisposedError);
      expect(error.message).toMatch(/the object \(pets\.Dog.*\) was freed at the end of its session/);
    }
  });

  it('are freed after a throw, and by the end of a block', async () => {
    const alive = await pets.dogs_alive();
    await expect(
      mx.withSession(async () => {
        await pets.Dog('Rex');
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    let dog: Untyped;
    {
      using session = mx.session();
      dog = await session.run(() => pets.Dog('Ada'));
    }
    expect(await pets.dogs_alive()).toBe(alive);
    await expect((async () => dog.name)()).rejects.toThrow('end of its session');
  });

  it('live on if they are kept, returned, or were there before', async () => {
    const outside = await pets.Dog('Old');
    const { kept, list } = await mx.withSession(async (session) => {
      const [rex, ada] = [await pets.Dog('Rex'), await pets.Dog('Ada')];
      expect(await outside.me()).toBe(outside);
      return { kept: session.keep(rex), list: [ada] };
    });
    expect(await Promise.all([outside.name, kept.name, (list[0] as Untyped).name])).toEqual(['Old', 'Rex', 'Ada']);
  });

  it('of an inner one that it keeps go with the outer one', async () => {
    let dog: Untyped;
    await mx.withSession(async () => {
      dog = await mx.withSession(() => pets.Dog('Rex'));
      expect(await dog.name).toBe('Rex');
    });
    await expect((async () => dog.name)()).rejects.toBeInstanceOf(DisposedError);
  });

  it('are not freed if code outside has got them, too', async () => {
    const owner = await pets.Dog('Rex');
    const session = mx.session();
    const inside: Untyped = await session.run(async () => {
      const ada = await pets.Dog('Ada');
      await owner.befriend(ada);
      return ada;
    });
    const found = await mx.python.item(owner.friends, 'Ada');
    expect(found).toBe(inside);
    session.end();
    expect(await found.name).toBe('Ada');
  });

  it('leave models that are kept under a name, and end iterations with a typed error', async () => {
    const embedder: Untyped = mx.python.keep('of a session', 'pets:make_embedder', { args: [5] });
    expect(await mx.withSession(() => embedder.single(1))).toBe(6);
    expect(await embedder.single(2)).toBe(7);
    const session = mx.session();
    const tokens = await session.run(async () => {
      const iterator = mx.python.iterate(await pets.tokens(5));
      expect((await iterator.next()).value).toBe('t0');
      return iterator;
    });
    session.end();
    await expect(tokens.next()).rejects.toBeInstanceOf(DisposedError);
  });
});
