import { afterAll, afterEach, describe, expect, test } from 'vitest';
import {
  ConfigurationError,
  configure,
  internals,
  core as mx,
  ProtocolError,
  registry,
  routing,
  shutdown,
} from '../index.ts';

const { pythonModules, maxFrameBytes } = internals.router.configuration;
afterEach(async () => {
  await shutdown();
  configure({ pythonModules, maxFrameBytes });
});
afterAll(() => shutdown());

describe('what a worker reads when it starts', () => {
  test('may be configured before', () => {
    configure({ pythonModules: ['some_module'] });
    expect(internals.router.configuration.pythonModules).toEqual(['some_module']);
  });

  test('is refused while one runs, and stays as it was', async () => {
    mx.zeros([1], { implementation: 'python' });
    expect(() => configure({ pythonModules: ['late'] })).toThrow(ConfigurationError);
    expect(() => configure({ pythonFolders: ['late'], shadow: 1 })).toThrow(
      /"pythonFolders" is read when Python starts/,
    );
    expect(internals.router.configuration).toMatchObject({ pythonModules, pythonFolders: [], shadow: 0 });
  });

  test('may be given again as it is, beside other changes', () => {
    mx.zeros([1], { implementation: 'python' });
    configure({ pythonModules: [...pythonModules], allowFallback: true });
  });

  test('may change after a shutdown', async () => {
    mx.zeros([1], { implementation: 'python' });
    await shutdown();
    configure({ pythonModules: ['later'] });
    expect(internals.router.configuration.pythonModules).toEqual(['later']);
  });
});

describe('maxFrameBytes', () => {
  test('is kept on both ends, and the error names the operation', async () => {
    configure({ maxFrameBytes: 2 ** 20, sharedMemoryBytes: 0 });
    const large = mx.zeros([2 ** 18]);
    const error = (() => {
      try {
        return mx.abs(large, { implementation: 'python' });
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toMatch(
      /^mx\.abs: a frame of \d+ bytes is over the limit of 1048576; see "maxFrame/,
    );
    // Python may compute what is too large to come back.
    const there = mx.zeros([2 ** 18], { implementation: 'python' });
    expect(() => there.toTypedArray()).toThrow(ProtocolError);
    expect(mx.sum(there, { implementation: 'python' }).item()).toBe(0);
  });
});

describe('the routing table', () => {
  test('has rows for evaluations, and none for what the random sequence does by itself', () => {
    mx.random.seed(1);
    routing.reset();
    mx.eval(mx.random.normal([3]));
    mx.random.normal([3]).tolist();
    const rows = routing.table().map(({ operation, family, calls }) => [operation, family, calls]);
    expect(rows).toEqual([
      ['random.normal', 'random', 2],
      ['eval', 'evaluation', 1],
      ['read', 'evaluation', 1],
    ]);
  });
});

test('a Python module that is nowhere leads to pythonFolders', () => {
  configure({ pythonModules: ['there_is_no_such_module'] });
  const missing = registry.register<number>({ name: 'own.missing', python: 'there_is_no_such_module:f' });
  expect(() => missing(1)).toThrow(/No module named 'there_is_no_such_module'; see "pythonFolders"/);
});

test('shutdown takes options or nothing', async () => {
  await expect(shutdown(5 as never)).rejects.toThrow(/expected options in an object, received the number 5/);
  await expect(shutdown(null as never)).rejects.toMatchObject({ code: 'ERR_MLX_ARGUMENT' });
});
