import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { builtFiles } from './built-files.ts';
import { PACKAGED, platformPackage, setUpFiles } from './installation.ts';
import { machineText, thisMachine } from './machine.ts';
import { requirePackage } from './optional-package.ts';
import { packageRoot } from './package-root.ts';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

let root = '';
const json = (path: string, value: unknown) => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), typeof value === 'string' ? value : JSON.stringify(value));
};
/** A package of built files in node_modules. */
function packageOf(name: string, facts: unknown): string {
  json(`node_modules/${name}/package.json`, { name });
  json(`node_modules/${name}/platform.json`, facts);
  return join(root, 'node_modules', name);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'installation-'));
  folders.push(root);
  json('package.json', { name: 'mlx-router', version: '9.9.9' });
});

describe('a package of built files', () => {
  const facts = {
    mlxRouter: '9.9.9',
    mlxCVersion: '0.7.0',
    addon: 'mlx_router.node',
    guards: 'guards.so',
    guardsFor: 'mlx-cpu==0.32.2',
    blasShim: 'blas.so',
    blas: 'OpenBLAS 1',
  };

  it.each(PACKAGED)('for %s is found by the name of the platform', (platform) => {
    const folder = packageOf(`@mlx-router/${platform}`, facts);
    const found = platformPackage(root, platform);
    expect(found).toMatchObject({ name: `@mlx-router/${platform}`, problem: null });
    expect(found?.files).toEqual({
      source: `@mlx-router/${platform}`,
      addon: join(folder, 'mlx_router.node'),
      addonSources: null,
      guards: { library: join(folder, 'guards.so'), mlx: 'mlx-cpu==0.32.2' },
      blasShim: join(folder, 'blas.so'),
      blas: 'OpenBLAS 1',
      mlxCVersion: '0.7.0',
      python: null,
    });
  });

  it('of a Mac has no guards and no BLAS of its own', () => {
    packageOf('@mlx-router/darwin-arm64', { ...facts, guards: null, guardsFor: null, blasShim: null });
    expect(platformPackage(root, 'darwin-arm64')?.files).toMatchObject({ guards: null, blasShim: null });
  });

  it('is said to be missing, of another version, or damaged', () => {
    const problem = () => platformPackage(root, 'linux-x64')?.problem;
    expect(problem()).toBe('not installed');
    packageOf('@mlx-router/linux-x64', { ...facts, mlxRouter: '1.0.0' });
    expect(problem()).toBe('belongs to mlx-router 1.0.0, and this is 9.9.9');
    packageOf('@mlx-router/linux-x64', '{"mlxRouter": ');
    expect(problem()).toMatch(/^damaged: /);
  });

  it.each(['win32-x64', 'darwin-x64', 'linux-riscv64', 'freebsd-x64'])('does not exist for %s', (platform) => {
    expect(platformPackage(root, platform)).toBeNull();
  });

  it('gives way to what the set-up has built', () => {
    const target = `${process.platform}-${process.arch}`;
    packageOf(`@mlx-router/${target}`, facts);
    expect(setUpFiles(root)).toBeNull();
    if (PACKAGED.includes(target)) expect(builtFiles(root)?.source).toBe(`@mlx-router/${target}`);
    json('build/setup.json', {
      addon: 'build/a.node',
      guards: 'build/g.so',
      mlxLibDir: 'mlx/lib',
      python: 'bin/python',
    });
    expect(builtFiles(root)).toMatchObject({
      source: 'build/setup.json',
      addon: join(root, 'build', 'a.node'),
      guards: { library: join(root, 'build', 'g.so'), mlx: join(root, 'mlx', 'lib') },
      python: join(root, 'bin', 'python'),
    });
    json('build/setup.json', '{"addon": ');
    expect(setUpFiles(root)).toBeNull();
  });
});

describe('a package that only some need', () => {
  it('is asked for with the command that installs it', () => {
    expect(() => requirePackage('some-package', '4', 'this', root)).toThrow(
      'this needs the package "some-package": run "npm install some-package@4"',
    );
    json('node_modules/some-package/package.json', { name: 'some-package', main: 'index.js' });
    json('node_modules/some-package/index.js', '');
    expect(() => requirePackage('some-package', '4', 'this', root)).not.toThrow();
  });
});

describe('the folder of the package', () => {
  it('is the installed one where the code is a part of a bundle', () => {
    json('node_modules/mlx-router/package.json', { name: 'mlx-router' });
    json('node_modules/mlx-router/index.js', '');
    json('package.json', { name: 'application' });
    mkdirSync(join(root, 'out', 'server'), { recursive: true });
    expect(packageRoot(join(root, 'out', 'server'))).toBe(join(root, 'node_modules', 'mlx-router'));
  });
});

describe('this machine', () => {
  it('is described in a line', () => {
    const machine = thisMachine();
    expect(machine).toMatchObject({ platform: process.platform, runtime: 'Node.js', translated: false });
    if (process.platform === 'linux') expect(machine.libc).toMatch(/^musl$|^2\.\d+$/);
    expect(machineText(machine)).toContain(`${process.platform} ${process.arch}`);
    expect(machineText({ ...machine, platform: 'darwin', arch: 'x64', libc: null, translated: true })).toMatch(
      /^darwin x64 under Rosetta, Node\.js /,
    );
  });
});
