import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, ConfigurationError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, shutdown } from '../index.ts';
import { type Untyped, WITH_PETS } from './test-support/pets.ts';
import { rejection } from './test-support/rejection.ts';

let pets: Untyped;

beforeAll(async () => {
  configure(WITH_PETS);
  pets = await mx.python.import('pets');
});

afterAll(() => shutdown());

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
