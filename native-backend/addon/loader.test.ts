import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { BackendUnavailableError, VersionMismatchError } from '../../foundation/errors/errors.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { NativeBackend } from '../index.ts';
import { sourcesHash } from '../sources.mjs';
import { checkSources, loadAddon } from './loader.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-loader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => vi.unstubAllEnvs());

/** A module in place of the addon. */
function addonFile(name: string, code: string): string {
  const path = join(folder, name);
  writeFileSync(path, code);
  return path;
}

describe('the addon', () => {
  it('is the one that the set-up built, of the pinned version', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', '');
    expect(loadAddon()).toMatchObject({ addon: { mlxVersion: MLX_VERSION }, path: expect.stringMatching(/\.node$/) });
  });

  it('may be switched off', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', 'off');
    expect(loadAddon).toThrow(BackendUnavailableError);
    expect(loadAddon).toThrow('MLX_ROUTER_ADDON=off');
    const status = new NativeBackend().status(true);
    expect(status).toMatchObject({ available: false, problem: expect.stringContaining('MLX_ROUTER_ADDON=off') });
  });

  it('that is not there, or is none, is named with its cause', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', join(folder, 'none.node'));
    expect(loadAddon).toThrow(/npm run setup.*Tried:\n {2}.*none\.node: not there/s);
    vi.stubEnv('MLX_ROUTER_ADDON', addonFile('text.node', 'no machine code'));
    expect(loadAddon).toThrow(BackendUnavailableError);
    expect(loadAddon).toThrow(/text\.node: (?!not there)/);
  });

  it('of an older mlx-router is refused before it is called', () => {
    const code = `module.exports = { mlxVersion: '${MLX_VERSION}', functions: {}, signatures: {} };`;
    vi.stubEnv('MLX_ROUTER_ADDON', addonFile('lacking.cjs', code));
    expect(loadAddon).toThrow(VersionMismatchError);
    expect(loadAddon).toThrow(
      /lacking\.cjs belongs to another version of mlx-router: it has no .*\bdtype\b.*npm run setup/,
    );
    const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    expect(new NativeBackend().status(true).available).toBe(false);
    expect(warn).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('npm run setup'), 'MlxRouterWarning');
    warn.mockRestore();
  });

  it('of this platform’s package is loaded where the set-up has built none', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', '');
    const root = join(folder, 'installed');
    const name = `@mlx-router/${process.platform}-${process.arch}`;
    const place = join(root, 'node_modules', name);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(root, 'package.json'), '{"name": "mlx-router", "version": "9.9.9"}');
    writeFileSync(join(place, 'package.json'), JSON.stringify({ name }));
    const { path } = loadAddon();
    writeFileSync(join(place, 'platform.json'), JSON.stringify({ mlxRouter: '9.9.9', addon: path }));
    const loaded = loadAddon(root);
    expect(loaded).toMatchObject({ path, files: { source: name } });
    writeFileSync(join(place, 'platform.json'), JSON.stringify({ mlxRouter: '9.9.8', addon: path }));
    const tried = `Tried:\n  ${name}: belongs to mlx-router 9.9.8, and this is 9.9.9\n  ${root}`;
    expect(() => loadAddon(root)).toThrow(tried);
    // Node remembers what it has found in a folder.
    const bare = join(folder, 'bare');
    mkdirSync(bare);
    expect(() => loadAddon(bare)).toThrow(`${name}: not installed`);
    expect(() => loadAddon(bare)).toThrow(`cannot be loaded on ${process.platform} ${process.arch}`);
  });

  it.runIf(process.platform === 'linux')('of the package for GPUs is loaded by its links, or its fault is told', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', '');
    const { path } = loadAddon();
    const root = join(folder, 'gpu');
    const plain = `@mlx-router/${process.platform}-${process.arch}`;
    const cuda = `${plain}-cuda`;
    const facts = { mlxRouter: '9.9.9', addon: path };
    for (const [name, more] of [
      [plain, {}],
      [cuda, { addon: 'mlx_router.node', wheel: `mlx-cuda-13==${MLX_VERSION}` }],
    ] as const) {
      const place = join(root, 'node_modules', name);
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'package.json'), JSON.stringify({ name }));
      writeFileSync(join(place, 'platform.json'), JSON.stringify({ ...facts, ...more }));
    }
    writeFileSync(join(root, 'package.json'), '{"name": "mlx-router", "version": "9.9.9"}');
    vi.stubEnv('XDG_CACHE_HOME', join(folder, 'cache'));
    vi.stubEnv('MLX_ROUTER_MLX', join(folder, 'site'));
    const without = loadAddon(root);
    expect(without).toMatchObject({ path, files: { source: plain }, passedOver: { name: cuda } });
    expect(without.passedOver?.cause).toMatch(/^found no mlx-cuda-13/);

    mkdirSync(join(folder, 'site', 'mlx', 'lib'), { recursive: true });
    mkdirSync(join(folder, 'site', `mlx_cuda_13-${MLX_VERSION}.dist-info`));
    writeFileSync(join(folder, 'site', 'mlx', 'lib', 'libmlx.so'), '');
    const broken = join(root, 'node_modules', cuda, 'mlx_router.node');
    writeFileSync(broken, 'no machine code');
    expect(loadAddon(root).passedOver?.cause).toMatch(/cuda-\w+\/mlx_router\.node: file too short$/);
    rmSync(broken);
    symlinkSync(path, broken);
    const loaded = loadAddon(root);
    expect(loaded).toMatchObject({ files: { source: cuda }, passedOver: null, addon: { mlxVersion: MLX_VERSION } });
    expect(loaded.path).toMatch(/cuda-\w+\/mlx_router\.node$/);
    // Its exports are those of the first time, as with `require`.
    expect(loadAddon(root).addon.signatures).toBe(loaded.addon.signatures);
  });

  it('that was built from other sources is refused, whatever their times are', () => {
    const sources = join(folder, 'src', 'ops');
    mkdirSync(sources, { recursive: true });
    const file = join(sources, 'a.cc');
    writeFileSync(file, 'one');
    const addon = addonFile('built.node', '');
    const noted = sourcesHash(join(folder, 'src')) ?? undefined;
    const check = (hash: string | undefined) => () => checkSources(addon, join(folder, 'src'), hash);
    const later = new Date(Date.now() + 60_000);
    // A checkout of the same contents touches them.
    utimesSync(file, later, later);
    expect(check(noted)).not.toThrow();
    expect(check(undefined)).toThrow(VersionMismatchError);
    writeFileSync(file, 'two');
    utimesSync(file, later, later);
    expect(check(noted)).toThrow(/built\.node was built from other sources than those in .*src; run "npm run setup"/);
    // Where there are no sources there is nothing to be older than.
    expect(() => checkSources(addon, join(folder, 'none'), noted)).not.toThrow();
  });

  it('is recognised by the hash of its sources that the set-up noted', () => {
    const { addonSources } = JSON.parse(readFileSync(join(packageRoot(), 'build', 'setup.json'), 'utf8'));
    expect(addonSources).toMatch(/^[0-9a-f]{64}$/);
    expect(sourcesHash(join(packageRoot(), 'native-backend', 'src'))).toBe(addonSources);
  });

  it('of another version of MLX is refused, whatever else there is', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', addonFile('old.cjs', "module.exports = { mlxVersion: '0.1.0' };"));
    expect(loadAddon).toThrow(VersionMismatchError);
    expect(loadAddon).toThrow(`runs on MLX 0.1.0, but this version of mlx-router belongs to MLX ${MLX_VERSION}`);
  });
});
