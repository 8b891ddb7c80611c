import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { ConfigurationError, configure, internals, core as mx, shutdown } from './index.ts';

const { pythonModules } = internals.router.configuration;
afterEach(async () => {
  await shutdown();
  configure({ pythonModules });
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
