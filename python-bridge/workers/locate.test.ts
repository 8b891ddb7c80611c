import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { locatePython } from './locate.ts';

let root = '';

function executable(...path: string[]): string {
  const file = join(root, ...path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o755);
  return file;
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'locate-'));
  writeFileSync(join(root, 'package.json'), '{"name": "mlx-router"}');
  vi.stubEnv('MLX_ROUTER_PYTHON', '');
  vi.stubEnv('MLX_ROUTER_BLAS', undefined);
  vi.stubEnv('PATH', join(root, 'path'));
  vi.stubEnv('VIRTUAL_ENV', undefined);
  vi.stubEnv('CONDA_PREFIX', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

describe('Python', () => {
  it('is that of an active environment before PATH, and a missing one is passed over', () => {
    const onPath = executable('path', 'python3');
    vi.stubEnv('CONDA_PREFIX', join(root, 'conda'));
    expect(locatePython(undefined, root).python).toBe(onPath);
    const conda = executable('conda', 'bin', 'python');
    expect(locatePython(undefined, root)).toMatchObject({ python: conda, source: 'CONDA_PREFIX' });
    vi.stubEnv('VIRTUAL_ENV', join(root, 'active'));
    const active = executable('active', 'bin', 'python');
    expect(locatePython(undefined, root)).toMatchObject({ python: active, source: 'VIRTUAL_ENV' });
    const own = executable('.venv', 'bin', 'python');
    expect(locatePython(undefined, root)).toMatchObject({ python: own, source: '.venv' });
  });

  it('is taken from the option, the environment, the set-up, .venv, PATH, in this order', () => {
    expect(locatePython(undefined, root).python).toBeNull();
    const onPath = executable('path', 'python3');
    expect(locatePython(undefined, root)).toMatchObject({ python: onPath, source: 'PATH' });
    const venv = executable('.venv', 'bin', 'python');
    expect(locatePython(undefined, root)).toMatchObject({ python: venv, source: '.venv' });
    const setUp = executable('elsewhere', 'python');
    mkdirSync(join(root, 'build'));
    const written = {
      python: 'elsewhere/python',
      blasShim: 'build/shim.so',
      guards: 'build/guards.so',
      mlxLibDir: 'mlx/lib',
    };
    writeFileSync(join(root, 'build', 'setup.json'), JSON.stringify(written));
    expect(locatePython(undefined, root)).toMatchObject({
      python: setUp,
      blas: join(root, 'build', 'shim.so'),
      guards: { library: join(root, 'build', 'guards.so'), mlx: join(root, 'mlx', 'lib') },
    });
    const fromEnvironment = executable('environment', 'python');
    vi.stubEnv('MLX_ROUTER_PYTHON', fromEnvironment);
    expect(locatePython(undefined, root)).toMatchObject({ python: fromEnvironment, source: 'MLX_ROUTER_PYTHON' });
    const option = executable('option', 'python');
    expect(locatePython(option, root).python).toBe(option);
    expect(locatePython('python3', root).python).toBe(onPath);
  });

  it('that was named but is not there is not replaced by another', () => {
    executable('path', 'python3');
    expect(locatePython('/nowhere/python', root)).toMatchObject({
      python: null,
      source: expect.stringContaining('/nowhere/python'),
    });
    vi.stubEnv('MLX_ROUTER_PYTHON', 'nopython');
    expect(locatePython(undefined, root).python).toBeNull();
  });

  it('is found although the set-up has left half a manifest', () => {
    const onPath = executable('path', 'python3');
    mkdirSync(join(root, 'build'));
    writeFileSync(join(root, 'build', 'setup.json'), '{"python": ');
    expect(locatePython(undefined, root)).toMatchObject({ python: onPath, blas: null });
  });
});

describe('the package', () => {
  it('is the nearest folder above with its name', () => {
    const deep = join(root, 'dist', 'python-bridge');
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(root, 'dist', 'package.json'), '{"name": "something-else"}');
    expect(packageRoot(deep)).toBe(root);
    expect(locatePython(undefined, packageRoot(deep)).script).toBe(join(root, 'python', 'mlx_worker.py'));
  });
});
