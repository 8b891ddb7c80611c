import { mkdirSync, mkdtempSync, readlinkSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { builtFiles } from './built-files.ts';
import { CUDA_PACKAGED, cudaPackage } from './cuda-package.ts';

const VERSION = '9.9.9';
const facts = {
  mlxRouter: VERSION,
  mlxCVersion: '0.7.0',
  addon: 'mlx_router.node',
  guards: 'guards.so',
  wheel: 'mlx-cuda-13==0.32.2',
};
const plainFacts = { mlxRouter: VERSION, addon: 'mlx_router.node', blasShim: 'blas.so', blas: 'OpenBLAS 1' };

let root = '';
/** No Python of this machine may be found. */
const find = (platform = 'linux-x64') => cudaPackage(root, platform, join(root, 'system'));

function write(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

function packageOf(name: string, facts: unknown): string {
  write(`node_modules/${name}/package.json`, JSON.stringify({ name }));
  write(`node_modules/${name}/platform.json`, JSON.stringify(facts));
  return join(root, 'node_modules', name);
}

/** Both packages of the platform; gives their folders. */
function packages(platform = 'linux-x64') {
  return {
    cuda: packageOf(`@mlx-router/${platform}-cuda`, facts),
    plain: packageOf(`@mlx-router/${platform}`, plainFacts),
  };
}

/** A wheel of MLX for CUDA in a folder of Python's packages. */
function wheel(site: string, version = '0.32.2'): string {
  write(`${site}/mlx/lib/libmlx.so`, '');
  write(`${site}/mlx_cuda_13-${version}.dist-info/METADATA`, '');
  return join(root, site);
}

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cuda-package-')));
  write('package.json', JSON.stringify({ name: 'mlx-router', version: VERSION }));
  for (const name of ['PYTHONPATH', 'MLX_ROUTER_PYTHON', 'MLX_ROUTER_MLX', 'VIRTUAL_ENV', 'CONDA_PREFIX'])
    vi.stubEnv(name, '');
  vi.stubEnv('PATH', join(root, 'bin'));
  vi.stubEnv('HOME', root);
  vi.stubEnv('XDG_CACHE_HOME', join(root, 'cache'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

describe('the package for GPUs of NVIDIA', () => {
  it.each(CUDA_PACKAGED)('for %s is found with MLX in the environment of the package', (platform) => {
    const { cuda, plain } = packages(platform);
    const site = wheel('.venv/lib/python3.12/site-packages');
    const found = find(platform);
    expect(found).toMatchObject({ name: `@mlx-router/${platform}-cuda`, folder: cuda, problem: null });
    const links = dirname(found?.files?.addon as string);
    expect(links).toMatch(/\/cache\/mlx-router\/cuda-\w+$/);
    expect(found?.files).toMatchObject({
      addon: join(links, 'mlx_router.node'),
      guards: { library: join(links, 'guards.so'), mlx: join(site, 'mlx', 'lib') },
      blasShim: join(plain, 'blas.so'),
      blas: 'OpenBLAS 1',
      mlxCVersion: '0.7.0',
    });
    const targets = ['mlx_router.node', 'guards.so', 'site', 'files'].map((name) => readlinkSync(join(links, name)));
    expect(targets).toEqual([join(cuda, 'mlx_router.node'), join(cuda, 'guards.so'), site, plain]);
    // Another process takes the same folder; another wheel gets one of its own.
    expect(find(platform)).toEqual(found);
    vi.stubEnv('MLX_ROUTER_MLX', wheel('other'));
    expect(find(platform)?.files?.addon).not.toBe(found?.files?.addon);
  });

  it('is none where it is not installed, or made for no such platform', () => {
    expect(find()).toBeNull();
    packages('darwin-arm64');
    expect(find('darwin-arm64')).toBeNull();
  });

  it.each([
    ['PYTHONPATH', 'path', 'path'],
    ['VIRTUAL_ENV', 'env', 'env/lib/python3.11/site-packages'],
    ['CONDA_PREFIX', 'conda', 'conda/lib/python3.13/site-packages'],
    ['MLX_ROUTER_PYTHON', 'named/bin/python', 'named/lib/python3.10/site-packages'],
    ['unset', '', 'system/lib/python3.12/dist-packages'],
    ['unset', '', '.local/lib/python3.9/site-packages'],
    ['MLX_ROUTER_MLX', 'given', 'given'],
    ['MLX_ROUTER_MLX', 'given/mlx', 'given'],
  ])('finds MLX by %s=%s', (variable, value, site) => {
    packages();
    vi.stubEnv(variable, join(root, value));
    expect(find()?.problem).toMatch(/^found no mlx-cuda-13 0\.32\.2 in /);
    const folder = wheel(site);
    expect(find()?.files?.guards?.mlx).toBe(join(folder, 'mlx', 'lib'));
  });

  it('says where it looked, and what was there instead', () => {
    packages();
    vi.stubEnv('MLX_ROUTER_MLX', wheel('given', '0.32.9'));
    wheel('.venv/lib/python3.12/site-packages');
    const given = join(root, 'given');
    // What a variable names is not replaced by something else.
    expect(find()).toMatchObject({
      files: null,
      problem: `found no mlx-cuda-13 0.32.2 in MLX_ROUTER_MLX=${given}; ${given} has mlx-cuda-13 0.32.9`,
    });
  });

  it('needs the package of the platform, a wheel with its library, and versions that fit', () => {
    const { cuda } = packages();
    const problem = () => find()?.problem;
    const site = wheel('.venv/lib/python3.12/site-packages');
    expect(problem()).toBeNull();
    rmSync(join(site, 'mlx', 'lib', 'libmlx.so'));
    expect(problem()).toBe(`found no mlx-cuda-13 0.32.2 in ${site}`);
    packageOf('@mlx-router/linux-x64', { ...plainFacts, mlxRouter: '1.0.0' });
    expect(problem()).toBe('needs @mlx-router/linux-x64: belongs to mlx-router 1.0.0, and this is 9.9.9');
    writeFileSync(join(cuda, 'platform.json'), '{');
    expect(problem()).toMatch(/^damaged: /);
  });

  it('is passed over where its links can lie nowhere', () => {
    packages();
    wheel('.venv/lib/python3.12/site-packages');
    write('file', '');
    for (const name of ['XDG_CACHE_HOME', 'HOME', 'TMPDIR']) vi.stubEnv(name, join(root, 'file', 'below'));
    expect(find()?.problem).toContain('XDG_CACHE_HOME or TMPDIR');
  });

  it('comes before the one of the platform, and after the set-up', () => {
    const target = `${process.platform}-${process.arch}`;
    if (!CUDA_PACKAGED.includes(target)) return;
    packages(target);
    expect(builtFiles(root)?.source).toBe(`@mlx-router/${target}`);
    wheel('.venv/lib/python3.12/site-packages');
    expect(builtFiles(root)?.source).toBe(`@mlx-router/${target}-cuda`);
    write('build/setup.json', '{}');
    expect(builtFiles(root)?.source).toBe('build/setup.json');
  });
});
