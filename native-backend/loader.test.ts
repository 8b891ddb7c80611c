import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { BackendUnavailableError, VersionMismatchError } from '../registry/errors.ts';
import { MLX_VERSION } from '../registry/pins.ts';
import { NativeBackend } from './index.ts';
import { loadAddon } from './loader.ts';

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

  it('of another version of MLX is refused, whatever else there is', () => {
    vi.stubEnv('MLX_ROUTER_ADDON', addonFile('old.cjs', "module.exports = { mlxVersion: '0.1.0' };"));
    expect(loadAddon).toThrow(VersionMismatchError);
    expect(loadAddon).toThrow(`runs on MLX 0.1.0, but this version of mlx-router belongs to MLX ${MLX_VERSION}`);
  });
});
