import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-kernels-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A cache and a temporary folder of its own for each test. */
function places(name: string) {
  const [cache, temporary] = [join(folder, name, 'cache'), join(folder, name, 'temporary')];
  mkdirSync(cache, { recursive: true });
  mkdirSync(temporary);
  return { cache, temporary, environment: { XDG_CACHE_HOME: cache, TMPDIR: temporary, MLX_ROUTER_KERNELS: undefined } };
}

const FUSED = `
  const { tmpdir } = await import('node:os');
  mx.setDefaultDevice(mx.cpu);
  const plain = (a) => mx.sin(mx.exp(a)).multiply(2).add(a);
  const x = mx.array([0, 1, 2]);
  const same = () => mx.arrayEqual(mx.compile(plain)(x), plain(x)).item();
`;

describe.runIf(process.platform === 'linux')('the kernels that MLX compiles', () => {
  it('are kept in a folder of this user alone, and the temporary folder stays what it was', async () => {
    const { cache, temporary, environment } = places('private');
    const found = await askChild<{ same: boolean; temporary: string; kernels: string }>(
      `${FUSED} report({ same: same(), temporary: tmpdir(), kernels: library.internals.nativeBackend.status(true).details.kernels });`,
      environment,
    );
    const kernels = join(cache, 'mlx-router');
    expect(found).toEqual({ same: true, temporary, kernels });
    expect(statSync(kernels).mode & 0o777).toBe(0o700);
    expect(readdirSync(kernels)).toEqual(['mlx']);
    expect(readdirSync(kernels, { recursive: true }).filter((name) => String(name).endsWith('.so'))).not.toEqual([]);
    expect(readdirSync(temporary)).not.toContain('mlx');
  });

  it('are kept elsewhere where the cache is no folder of ours', async () => {
    const { cache, temporary, environment } = places('link');
    const elsewhere = join(folder, 'link', 'elsewhere');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(cache, 'mlx-router'));
    expect(await askChild(`${FUSED} report(same());`, environment)).toBe(true);
    expect(readdirSync(elsewhere)).toEqual([]);
    expect(readdirSync(join(temporary, `mlx-router-${process.getuid?.()}`))).toEqual(['mlx']);
  });

  it('close a folder of ours that was open to others', async () => {
    const { cache, environment } = places('open');
    mkdirSync(join(cache, 'mlx-router'));
    chmodSync(join(cache, 'mlx-router'), 0o777);
    expect(await askChild(`${FUSED} report(same());`, environment)).toBe(true);
    expect(statSync(join(cache, 'mlx-router')).mode & 0o777).toBe(0o700);
  });

  it('are not made without g++: the function runs as it is written', async () => {
    const { cache, environment } = places('none');
    const found = await askChild(`${FUSED} report(same());`, { ...environment, PATH: join(folder, 'nothing') });
    expect(found).toBe(true);
    expect(readdirSync(join(cache, 'mlx-router'))).toEqual([]);
  });
});
