import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import type { RemotePort, RemoteReference } from '../../backend/remote-objects.ts';
import { ArgumentError, DisposedError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import { collectGarbage } from '../../foundation/test-support/collect-garbage.ts';
import { Handle } from '../../foundation/values/values.ts';
import { backend, own } from '../test-support/backends.ts';
import { ObjectReference } from './object-table.ts';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));

/** References and handles stand for themselves. */
const port: RemotePort = {
  placeOf: (value) => (value instanceof ObjectReference ? { reference: value, path: [] } : undefined),
  handleOf: (value) => (value instanceof Handle ? value : undefined),
  tensor: (handle) => handle,
  object: (reference) => reference,
};

const folder = fileURLToPath(new URL('../../mlx/python/test-support', import.meta.url));
const bridgeFunctions = fileURLToPath(new URL('../test-support', import.meta.url));
const env = { PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };

async function open(poolSize = 1) {
  const python = backend({ allowModules: ['pets'], env, poolSize });
  const objects = python.remoteObjects(port);
  const pets = await objects.import('pets', undefined, {});
  const call = (name: string, ...args: unknown[]) => objects.access(pets).invoke([name], { args, kwargs: {} });
  /** How many objects the worker holds. */
  const held = async () => Number(await objects.look({ reference: pets, path: [] }, 'held' as 'repr'));
  return { python, objects, pets, call, held };
}

it('10,000 references that are dropped leave nothing in the worker', async () => {
  const { objects, call, held } = await open();
  for (let round = 0; round < 100; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => call('Dog', `dog ${i}`)));
  }
  for (let i = 0; i < 200 && objects.size > 1; i++) {
    collectGarbage();
    await turn();
  }
  expect(objects.size).toBe(1);
  expect([await held(), await call('dogs_alive')]).toEqual([1, 0]);
});

it('references that are dropped without a forced collection go too', async () => {
  const { objects, call } = await open();
  let most = 0;
  for (let round = 0; round < 200; round++) {
    await Promise.all(Array.from({ length: 100 }, (_, i) => call('Dog', `dog ${i}`)));
    await turn();
    most = Math.max(most, objects.size);
  }
  expect(most).toBeLessThan(15_000);
});

it('references that are released go at once', async () => {
  const { objects, call, held } = await open();
  const dogs = (await Promise.all(Array.from({ length: 1000 }, () => call('Dog', 'x')))) as RemoteReference[];
  expect([objects.size, await held()]).toEqual([1001, 1001]);
  for (const dog of dogs) objects.release(dog);
  for (const dog of dogs) objects.release(dog);
  expect(objects.size).toBe(1);
  await turn();
  expect(await held()).toBe(1);
  const error = await objects
    .access(dogs[0] as RemoteReference)
    .get(['name'])
    .catch((reason) => reason);
  expect(error).toBeInstanceOf(DisposedError);
});

it('a reference that is released while it is on its way again stays', async () => {
  const { objects, call, held } = await open();
  const dog = (await call('Dog', 'Rex')) as RemoteReference;
  const again = objects.access(dog).invoke(['me'], { args: [], kwargs: {} });
  objects.release(dog);
  const same = (await again) as RemoteReference;
  expect(same).not.toBe(dog);
  await turn();
  expect(await objects.access(same).get(['name'])).toBe('Rex');
  expect(await held()).toBe(2);
});

it('an iteration leaves nothing behind, however it ends', async () => {
  const { objects, pets, call, held } = await open();
  const over = async (name: string, count: number, stop: number) => {
    const reference = (await call(name, count)) as RemoteReference;
    let seen = 0;
    try {
      for await (const _ of objects.iterate({ reference, path: [] }, { count: 2, ms: 10 })) {
        seen += 1;
        if (seen === stop) break;
      }
    } catch {
      // `failing` fails.
    }
    objects.release(reference);
  };
  await over('tokens', 5, -1);
  await over('tokens', 100, 3);
  await over('failing', 3, -1);
  await over('failing', 3, 1);
  await turn();
  expect([objects.size, await held()]).toEqual([1, 1]);
  expect(await objects.access(pets).get(['log'])).toEqual(['closed', 'closed']);
});

it('an iteration that is forgotten in the middle is closed', async () => {
  const { objects, call, held } = await open();
  await (async () => {
    const reference = (await call('tokens', 100)) as RemoteReference;
    await objects.iterate({ reference, path: [] }, { count: 1, ms: 0 }).next();
  })();
  for (let i = 0; i < 200 && objects.size > 1; i++) {
    collectGarbage();
    await turn();
  }
  expect([objects.size, await held()]).toEqual([1, 1]);
});

it('what an answer held is released when the answer cannot be sent', async () => {
  const { call, held } = await open();
  await expect(call('cyclic')).rejects.toThrow('holds itself');
  expect(await held()).toBe(1);
});

it('the objects of a worker that exited say so, and cost nothing any more', async () => {
  const { objects, pets, call } = await open();
  const dog = (await call('Dog', 'Rex')) as ObjectReference;
  await expect(call('exit_now')).rejects.toBeInstanceOf(WorkerDiedError);
  await expect(objects.access(dog).get(['name'])).rejects.toThrow('is gone with its worker');
  await expect(objects.import('pets', pets, {})).rejects.toBeInstanceOf(WorkerDiedError);
  const again = await objects.import('pets', undefined, {});
  expect(again).not.toBe(pets);
  objects.release(dog);
  expect(dog.holder.objects).toBe(1);
});

it('objects do not move: a call in another worker refuses them, and brings tensors along', async () => {
  const { python, objects, pets, call } = await open(2);
  const sleeping = objects.access(pets).invoke(['sleep'], { args: [1], kwargs: {} });
  const elsewhere = python.remoteObjects(port);
  const others = await elsewhere.import('pets', undefined, {});
  expect(others.worker).not.toBe(pets.worker);
  await sleeping;
  const dog = await call('Dog', 'Rex');
  const foreign = objects.access(others);
  await expect(foreign.invoke(['same'], { args: [[dog]], kwargs: {} })).rejects.toBeInstanceOf(ArgumentError);
  await expect(foreign.invoke(['same'], { args: [dog], kwargs: {} })).rejects.toThrow('objects do not move');
  const tensor = (await call('give_array', 'float32', 3)) as Handle;
  expect(python.workers.locate(tensor)).toMatchObject({ worker: pets.worker });
  const back = (await foreign.invoke(['same'], { args: [{ deep: [tensor] }], kwargs: {} })) as { deep: Handle[] };
  expect(python.workers.locate(back.deep[0] as Handle)).toMatchObject({ worker: others.worker });
});

it('what waits behind a call that is no longer awaited is asked again where that call costs the worker', async () => {
  const python = backend({
    allowModules: ['bridge_functions'],
    env: { PYTHONPATH: `${bridgeFunctions}:${folder}`, PYTHONDONTWRITEBYTECODE: '1' },
    callTimeoutMs: 1500,
  });
  const objects = python.remoteObjects(port);
  await objects.import('bridge_functions', undefined, {});
  const controller = new AbortController();
  const call = python.prepare(own('sleep')).runAsync([[600], {}], { stream: undefined, signal: controller.signal });
  // Sent while the worker is blocked; what is abandoned then is not all that it has to do.
  const imported = objects.import('bridge_functions', undefined, { timeoutMs: 60_000 });
  const description = {
    factory: 'bridge_functions:Counter',
    args: [],
    kwargs: {},
    batch: undefined,
    timeoutMs: 60_000,
  };
  const kept = objects.keep('counter', description).invoke(['next'], { args: [], kwargs: {} });
  controller.abort();
  await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  expect(objects.access(await imported)).toBeDefined();
  expect(await kept).toBe(1);
  expect(python.stats().restarts).toBe(1);
});
