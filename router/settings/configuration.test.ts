import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ConfigurationError } from '../../foundation/errors/errors.ts';
import { changed, DEFAULTS, fromEnvironment, pendingOverrides } from './configuration.ts';
import type { Configuration } from './settings.ts';

const isOperation = (name: string) => name === 'linalg.svd';
const change = (changes: unknown) => changed(DEFAULTS, changes as Partial<Configuration>, isOperation);

describe('configure', () => {
  it('changes what is named and keeps the rest', () => {
    expect(change({ poolSize: 4, shadow: undefined })).toEqual({ ...DEFAULTS, poolSize: 4 });
    expect(
      change({ implementationOverrides: { 'linalg.svd': 'python', fft: 'native' } }).implementationOverrides,
    ).toEqual({
      'linalg.svd': 'python',
      fft: 'native',
    });
  });

  it.each([
    [{ pollSize: 1 }, 'no setting is named "pollSize" (did you mean "poolSize"?)'],
    [{ constructor: 1 }, 'no setting is named "constructor"'],
    [{ poolSize: 0 }, 'an integer from 1 to 64 for "poolSize", received the number 0'],
    [{ poolSize: 65 }, 'an integer from 1 to 64'],
    [{ maxFrameBytes: 1000 }, 'bytes, an integer from 1048576 to 4294967295'],
    [{ maxFrameBytes: 2 ** 32 }, 'for "maxFrameBytes"'],
    [{ poolSize: 1.5 }, 'for "poolSize"'],
    [{ poolSize: '2' }, 'received the string "2"'],
    [{ shadow: 1.1 }, 'a share from 0 to 1'],
    [{ shadow: Number.NaN }, 'a share from 0 to 1'],
    [{ telemetry: 'all' }, '"off", "metrics" or "spans"'],
    [{ callTimeoutMs: Number.POSITIVE_INFINITY }, 'milliseconds'],
    [{ pythonPath: '' }, 'a path or null'],
    [{ pythonModules: ['os; import x'] }, 'a list of Python module names'],
    [{ pythonModules: [{ toString: (): string => 'os' }] }, 'a list of Python module names'],
    [{ pythonModules: 'os' }, 'a list of Python module names'],
    [{ implementationOverrides: { 'linalg.svd': 'gpu' } }, 'received the string "gpu"'],
    [{ implementationOverrides: { 'linalg.sdv': 'python' } }, '"linalg.sdv" is neither an operation nor a family'],
    [{ implementationOverrides: ['python'] }, 'an object of "native" or "python"'],
    [{ preferNative: Symbol('s') }, 'received a symbol'],
    [null, 'an object of settings'],
  ])('refuses %o', (wrong, message) => {
    expect(() => change(wrong)).toThrow(ConfigurationError);
    expect(() => change(wrong)).toThrow(message);
  });
});

describe('the environment', () => {
  it('has a variable for every setting', () => {
    const changes = fromEnvironment({
      MLX_ROUTER_PREFER_NATIVE: '0',
      MLX_ROUTER_ALLOW_FALLBACK: 'False',
      MLX_ROUTER_OVERRIDES: 'linalg.svd=python, fft = native',
      MLX_ROUTER_TELEMETRY: 'spans',
      MLX_ROUTER_SHADOW: '0.25',
      MLX_ROUTER_CHECK_BOUNDS: 'true',
      MLX_ROUTER_POOL_SIZE: '3',
      MLX_ROUTER_SPARE_WORKERS: '1',
      MLX_ROUTER_MAX_QUEUE: '10',
      MLX_ROUTER_WORKER_MAX_REQUESTS: '1000',
      MLX_ROUTER_WORKER_MAX_AGE_MS: '60000',
      MLX_ROUTER_WORKER_MAX_RESIDENT_BYTES: '2000000000',
      MLX_ROUTER_CALL_TIMEOUT_MS: '500',
      MLX_ROUTER_MAX_FRAME_BYTES: '2000000',
      MLX_ROUTER_SHARED_MEMORY_BYTES: '0',
      MLX_ROUTER_WORKER_MEMORY_BYTES: '1000000000',
      MLX_ROUTER_PYTHON: '/opt/python',
      MLX_ROUTER_PYTHON_MODULES: 'my_package.tda, other',
      MLX_ROUTER_PYTHON_ERRORS: 'deferred',
      MLX_ROUTER_RECOVERY: '0',
      MLX_ROUTER_RECOVERY_BYTES: '1024',
      MLX_ROUTER_PYTHON_FOLDERS: ['a', 'b'].join(delimiter),
      MLX_ROUTER_WORKER_ENVIRONMENT: 'AWS_*, HF_TOKEN',
    });
    expect(change(changes)).toEqual({
      spareWorkers: 1,
      maxQueue: 10,
      workerMaxRequests: 1000,
      workerMaxAgeMs: 60_000,
      workerMaxResidentBytes: 2_000_000_000,
      pythonErrors: 'deferred',
      preferNative: false,
      allowFallback: false,
      implementationOverrides: { 'linalg.svd': 'python', fft: 'native' },
      telemetry: 'spans',
      shadow: 0.25,
      checkBounds: true,
      poolSize: 3,
      callTimeoutMs: 500,
      maxFrameBytes: 2_000_000,
      sharedMemoryBytes: 0,
      workerMemoryBytes: 1_000_000_000,
      pythonPath: '/opt/python',
      recovery: false,
      recoveryBytes: 1024,
      pythonModules: ['my_package.tda', 'other'],
      pythonFolders: ['a', 'b'],
      workerEnvironment: ['AWS_*', 'HF_TOKEN'],
    });
    expect(Object.keys(changes).sort()).toEqual(Object.keys(DEFAULTS).sort());
  });

  it('takes all of the environment for workers by one word', () => {
    expect(fromEnvironment({ MLX_ROUTER_WORKER_ENVIRONMENT: 'inherit' })).toEqual({ workerEnvironment: 'inherit' });
    expect(() => fromEnvironment({ MLX_ROUTER_WORKER_ENVIRONMENT: 'A*B' })).toThrow(
      /MLX_ROUTER_WORKER_ENVIRONMENT: expected "inherit", a list of names/,
    );
  });

  it.each(['all', ['*'], ['A=B'], [''], [1], { A: 1 }, { '': 'x' }, { A: 'x\0' }, null, 5])(
    'refuses %j as the environment of workers',
    (workerEnvironment) => {
      expect(() => change({ workerEnvironment: workerEnvironment as never })).toThrow(
        /expected "inherit", a list of names of variables, or an object of variables for "workerEnvironment"/,
      );
    },
  );

  it('changes nothing where variables are missing or empty', () => {
    expect(fromEnvironment({ MLX_ROUTER_POOL_SIZE: '', HOME: '/' })).toEqual({});
  });

  it.each([
    [{ MLX_ROUTER_PREFER_NATIVE: 'yes' }, 'MLX_ROUTER_PREFER_NATIVE: expected 1, true, 0 or false, received "yes"'],
    [{ MLX_ROUTER_POOL_SIZE: 'two' }, 'MLX_ROUTER_POOL_SIZE: expected an integer from 1 to 64, received "two"'],
    [{ MLX_ROUTER_SHADOW: '10%' }, 'MLX_ROUTER_SHADOW: expected a share from 0 to 1, received "10%"'],
    [{ MLX_ROUTER_OVERRIDES: 'fft' }, 'MLX_ROUTER_OVERRIDES: expected "operation=native" or "operation=python"'],
    [{ MLX_ROUTER_OVERRIDES: 'fft=gpu' }, 'received "fft=gpu"'],
    [{ MLX_ROUTER_TELEMETRY: 'loud' }, 'MLX_ROUTER_TELEMETRY: expected "off", "metrics" or "spans", received "loud"'],
    [{ MLX_ROUTER_PYTHON_MODULES: 'a-b' }, 'MLX_ROUTER_PYTHON_MODULES: expected a list of Python module names'],
  ])('refuses %o by the name of the variable', (environment, message) => {
    expect(() => fromEnvironment(environment)).toThrow(ConfigurationError);
    expect(() => fromEnvironment(environment)).toThrow(message);
  });

  const pending = (text: string) => pendingOverrides(fromEnvironment({ MLX_ROUTER_OVERRIDES: text }), isOperation);

  it('may override operations that are registered later', () => {
    expect([...pending('tda.persistence=python,linalg.svd=python,fft=native')]).toEqual(['tda.persistence']);
    expect([...pendingOverrides({}, isOperation)]).toEqual([]);
  });

  it.each(['nothing', 'linalg.sdv', 'random.nothing'])(
    'refuses the override of %s, which can be nobody else',
    (name) => {
      expect(() => pending(`${name}=python`)).toThrow(ConfigurationError);
      expect(() => pending(`${name}=python`)).toThrow(`MLX_ROUTER_OVERRIDES: "${name}" is neither an operation`);
    },
  );
});
