import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from './command.ts';
import { describePython, lacking, lockedVersions, lockPath, nameOf } from './python/environment.ts';
import { activeEnvironment, planInstall } from './python/install.ts';
import { python } from './python.ts';
import { captureOutput } from './test-support/output.ts';

const output = captureOutput();
let folder = '';

/** A program of that name in the only folder of PATH. */
function program(name: string, text: string): string {
  const file = join(folder, 'bin', name);
  mkdirSync(join(folder, 'bin'), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-router-python-'));
  vi.stubEnv('PATH', join(folder, 'bin'));
  for (const name of ['PYTHON', 'VIRTUAL_ENV', 'CONDA_PREFIX']) vi.stubEnv(name, undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

describe('the plan', () => {
  const request = { device: 'cpu', extras: ['ripser'], active: false } as const;

  it('takes uv where it is there, and every lock at once', () => {
    const uv = program('uv', '');
    const place = join(folder, 'new');
    const { tool, steps } = planInstall({ ...request, folder: place });
    expect(tool).toBe('uv');
    expect(steps[0]).toEqual([uv, 'venv', '--quiet', '--python', '>=3.10', place]);
    expect(steps[1]).toEqual(expect.arrayContaining(['--require-hashes', lockPath('cpu'), lockPath('ripser')]));
  });

  it('takes venv and pip else, with a run for each lock', () => {
    const base = program('python3', '');
    const place = join(folder, 'new');
    const { tool, steps } = planInstall({ ...request, folder: place });
    expect(tool).toBe('venv');
    expect(steps.map((step) => step.at(-1))).toEqual([place, lockPath('cpu'), lockPath('ripser')]);
    expect(steps[0]).toEqual([base, '-m', 'venv', place]);
    for (const step of steps.slice(1)) expect(step).toContain('--require-hashes');
  });

  it('goes on with an environment that is there', () => {
    program('uv', '');
    writeFileSync(join(folder, 'pyvenv.cfg'), 'uv = 0.1\n');
    expect(planInstall({ ...request, folder }).steps).toHaveLength(1);
  });

  it('leaves a folder alone that holds something else', () => {
    program('uv', '');
    writeFileSync(join(folder, 'letter.txt'), 'dear reader');
    expect(() => planInstall({ ...request, folder })).toThrow(/something else/);
  });

  it('says what to install where there is no Python', () => {
    expect(() => planInstall({ ...request, folder: join(folder, 'new') })).toThrow(/neither uv nor python3/);
  });

  it('takes the active environment when told to, and conda’s after that of VIRTUAL_ENV', () => {
    expect(() => planInstall({ ...request, active: true })).toThrow(UsageError);
    vi.stubEnv('CONDA_PREFIX', '/conda');
    expect(activeEnvironment()).toEqual({ folder: '/conda', source: 'CONDA_PREFIX' });
    vi.stubEnv('VIRTUAL_ENV', '/active');
    const { python: interpreter, steps } = planInstall({ ...request, active: true });
    expect(interpreter).toBe('/active/bin/python');
    expect(steps.flat()).not.toContain('venv');
  });
});

describe('an environment', () => {
  it('is described by its own Python', () => {
    vi.unstubAllEnvs();
    const found = describePython('python3', ['pip', 'no-such-package']);
    expect(found?.version).toMatch(/^3\./);
    expect(found?.installed['no-such-package']).toBeNull();
    expect(describePython(join(folder, 'nothing'), [])).toBeUndefined();
  });

  it.each([
    ['conda-meta/history', '', 'conda'],
    ['pyvenv.cfg', 'home = /usr\nuv = 0.13.9\n', 'uv'],
    ['pyvenv.cfg', 'home = /usr\n', 'venv'],
  ])('with %s is told by its kind', (file, text, kind) => {
    vi.unstubAllEnvs();
    const prefix = join(folder, 'environment');
    mkdirSync(join(prefix, 'conda-meta'), { recursive: true });
    if (kind !== 'conda') rmSync(join(prefix, 'conda-meta'), { recursive: true });
    writeFileSync(join(prefix, file), text);
    // Python takes its prefix from where it is started; a program that sets it stands for one.
    const starter = program(
      'python',
      `#!/bin/sh\nshift\nexec python3 -I -c "import sys; sys.prefix='${prefix}'; del sys.argv[0]; exec(sys.argv[1], globals())" "$@"\n`,
    );
    const found = describePython(starter, []);
    expect(found).toMatchObject({ kind, prefix });
    expect(found && nameOf(found)).toContain(prefix);
  });

  it('lacks what is not there or has another version', () => {
    const wanted = new Map([
      ['mlx', ['0.32.2']],
      ['numpy', ['2.2.6', '2.4.6']],
      ['msgpack', ['1.2.4']],
    ]);
    const installed = { mlx: null, numpy: '2.4.6', msgpack: '1.0.0' };
    const lacks = lacking({ version: '3.11', prefix: '/', kind: 'venv', installed }, wanted);
    expect(lacks).toEqual(['mlx', 'msgpack 1.2.4 (it has 1.0.0)']);
  });
});

describe('the command', () => {
  it('refuses a wrong line before it does anything', async () => {
    await expect(python.run([])).rejects.toThrow(/python install/);
    await expect(python.run(['install', '--with', 'ripsr'])).rejects.toThrow(/ripser/);
    await expect(python.run(['install', '--device', 'tpu'])).rejects.toThrow(/cpu, cuda, metal/);
    await expect(python.run(['install', '--active', '--path', 'x'])).rejects.toThrow(/two environments/);
  });

  it('stops at the step that fails, and shows it', async () => {
    program('uv', '#!/bin/sh\nexit 3\n');
    expect(await python.run(['install', '--device', 'cpu', '--path', join(folder, 'new')])).toBe(1);
    expect(output.stderr).toContain('the command above failed');
  });
});

it.each(['cpu', 'cuda', 'metal', 'mlx-lm', 'ripser'])('the lock %s has a hash for every package', (name) => {
  const text = readFileSync(lockPath(name), 'utf8');
  const packages = text.split(/^(?=\S)/m);
  expect(packages.length).toBeGreaterThan(3);
  for (const entry of packages) expect(entry).toMatch(/^[\w.-]+==\S+[\s\S]*--hash=sha256:[0-9a-f]{64}/);
});

it('the locks have the versions that pyproject.toml pins', () => {
  const pins = readFileSync(join(import.meta.dirname, '..', 'pyproject.toml'), 'utf8');
  for (const device of ['cpu', 'cuda', 'metal']) {
    const versions = lockedVersions(device);
    expect(pins).toContain(`==${versions.get('mlx')?.[0]}"`);
    for (const name of ['msgpack', 'scipy-openblas32']) expect(pins).toContain(`"${name}==${versions.get(name)?.[0]}`);
    for (const version of versions.get('numpy') ?? []) expect(pins).toContain(`"numpy==${version};`);
  }
});
