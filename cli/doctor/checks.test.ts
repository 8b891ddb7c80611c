import { afterEach, describe, expect, it, vi } from 'vitest';
import type { BackendStatus } from '../../backend/backend.ts';
import { nativeChecks, pinChecks, pythonChecks } from './backends.ts';
import { machineChecks } from './machine.ts';
import { activeBlas, childrenRunning, libraryNamed, mappedLibraries } from './maps.ts';

afterEach(() => vi.unstubAllEnvs());

const broken = (problem: string, details: BackendStatus['details'] = {}): BackendStatus => ({
  available: false,
  problem,
  details,
});

describe('the repair of the native backend', () => {
  const repair = (problem: string) => nativeChecks(broken(problem))[0]?.repair;

  it('is to unset the variable that turned it off, or named a wrong file', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', 'off');
    expect(repair('it is off')).toBe('unset MLX_ROUTER_ADDON');
    vi.stubEnv('MLX_ROUTER_ADDON', '/some/file.node');
    expect(repair('no such file')).toContain('/some/file.node');
  });

  it('is a set-up, from the beginning where what was built does not fit', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', undefined);
    expect(repair('libmlx.so: cannot open')).toContain('--force');
    expect(repair('it was built against MLX 0.1')).toContain('--force');
    expect(repair('no file')).not.toContain('--force');
  });
});

describe('the repair of the Python backend', () => {
  const worker = { 'worker script': import.meta.filename ?? new URL(import.meta.url).pathname, 'found by': 'test' };
  const repair = (problem: string, python: string | null, script = worker['worker script'], checkout = true) =>
    pythonChecks(broken(problem, { ...worker, python, 'worker script': script }), checkout)[0]?.repair;

  it('depends on what is missing', () => {
    vi.stubEnv('MLX_ROUTER_PYTHON', undefined);
    expect(repair('no Python was found', null)).not.toContain('MLX_ROUTER_PYTHON');
    expect(repair('died', '/usr/bin/python3', '/nonexistent/worker.py')).toContain('install mlx-router again');
    expect(repair('died', '/usr/bin/python3')).toContain('--force');
    vi.stubEnv('MLX_ROUTER_PYTHON', '/usr/bin/python3');
    expect(repair('no Python was found', null)).toContain('unset MLX_ROUTER_PYTHON');
    expect(repair("No module named 'mlx'", '/usr/bin/python3')).toContain('-m pip install "mlx[cpu]==');
    expect(repair('died', '/usr/bin/python3')).toBe('unset MLX_ROUTER_PYTHON');
  });

  it.each([
    ['no Python was found', null],
    ["ModuleNotFoundError: No module named 'msgpack'", '/usr/bin/python3'],
    ['died', '/usr/bin/python3'],
  ])('installs Python alone where there is nothing to build: %s', (problem, python) => {
    vi.stubEnv('MLX_ROUTER_PYTHON', undefined);
    const script = worker['worker script'];
    expect(repair(problem, python, script, false)).toBe('npx mlx-router python install');
    expect(repair(problem, python, script, true)).toContain('npm run setup');
  });
});

describe('the pin', () => {
  const status = (mlxVersion?: string): BackendStatus =>
    mlxVersion === undefined ? broken('') : { available: true, mlxVersion, details: {} };
  const pin = (native?: string, python?: string) => pinChecks(status(native), status(python))[0];

  it('is a problem where one side has another version, whichever it is', () => {
    expect(pin('0.32.2', '0.32.2')).toMatchObject({ state: 'ok' });
    expect(pin('0.32.2')).toMatchObject({ state: 'ok' });
    expect(pin('0.32.1', '0.32.2')).toMatchObject({
      state: 'problem',
      value: expect.stringContaining('native 0.32.1'),
    });
    expect(pin('0.32.2', '0.33.0')).toMatchObject({ state: 'problem', repair: expect.stringContaining('--force') });
    expect(pin()).toMatchObject({ state: 'info', value: expect.stringContaining('no backend to ask') });
  });
});

describe('the machine', () => {
  it('warns where there is no compiler for fused kernels', () => {
    const compiler = () => machineChecks().find(({ name }) => name === 'g++');
    vi.stubEnv('PATH', '/nonexistent');
    expect(compiler()).toMatchObject({ state: process.platform === 'linux' ? 'warning' : 'info' });
  });

  it('knows its Node.js', () => {
    const node = machineChecks().find(({ name }) => name === 'node');
    expect(node).toMatchObject({ state: 'ok', value: expect.stringContaining(process.versions.node) });
  });
});

describe('the libraries of a process', () => {
  it('name the BLAS in use', () => {
    const shim = '/x/libmlxrouter_blas.so';
    expect(activeBlas(undefined).active).toBe('unknown');
    expect(activeBlas(['/x/libmlx.so']).active).toBe('bundled');
    expect(activeBlas([shim])).toMatchObject({
      active: 'bundled',
      evidence: expect.stringContaining('without OpenBLAS'),
    });
    expect(activeBlas([shim, '/y/libscipy_openblas.so']).active).toBe('openblas');
  });

  it('are found by the start of their name', () => {
    expect(libraryNamed(['/a/libmlxc.so', '/a/libmlx.so'], 'libmlx.')).toBe('/a/libmlx.so');
    expect(libraryNamed(undefined, 'libmlx.')).toBeUndefined();
  });

  it('are unknown for a process that has exited', () => {
    expect(mappedLibraries(2 ** 30)).toBeUndefined();
    expect(childrenRunning('there is no such script')).toEqual([]);
  });
});
