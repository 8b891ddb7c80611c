import { describe, expect, it } from 'vitest';
import type { Machine } from '../../foundation/system/machine.ts';
import { advice, type Failure } from './advice.ts';

const linux: Machine = {
  platform: 'linux',
  arch: 'x64',
  libc: '2.36',
  runtime: 'Node.js',
  runtimeVersion: '22.0.0',
  translated: false,
};
const said = (machine: Partial<Machine>, causes: string[] = [], more: Partial<Failure> = {}) =>
  advice({
    machine: { ...linux, ...machine },
    causes,
    build: 'npx mlx-router setup',
    checkout: false,
    version: '1.2.3',
    ...more,
  });
const missing = (target: string) => [`@mlx-router/${target}: not installed`];

describe('where no addon can be loaded', () => {
  it.each<[string, Partial<Machine>, RegExp]>([
    ['musl', { libc: 'musl' }, /C library is musl, as on Alpine.*image with glibc/],
    ['Rosetta', { platform: 'darwin', libc: null, translated: true }, /runs under Rosetta: install the one for arm64/],
    ['a Mac with an Intel processor', { platform: 'darwin', libc: null }, /no build for Macs with Intel processors/],
    ['Windows', { platform: 'win32', libc: null }, /WSL 2/],
  ])('%s is named with what to use instead', (_, machine, text) => {
    expect(said(machine, missing('any'))).toMatch(text);
  });

  it('an old glibc is named with the oldest that will do', () => {
    const cause = "/a/mlx_router.node: /lib/libc.so.6: version `GLIBC_2.29' not found (required by /a/libmlx.so)";
    expect(said({ libc: '2.28' }, [cause])).toBe(
      'glibc 2.28 is too old: 2.31 or newer is needed, as in Debian 11 and Ubuntu 20.04',
    );
    const older = "/a/mlx_router.node: /conda/lib/libstdc++.so.6: version `GLIBCXX_3.4.26' not found";
    expect(said({}, [older])).toMatch(/libstdc\+\+ of this process is too old.*LD_LIBRARY_PATH/);
  });

  it('Electron and Deno are told what they forbid', () => {
    const archive = '/app/resources/app.asar/node_modules/@mlx-router/linux-x64/mlx_router.node: cannot open';
    expect(said({ runtime: 'Electron' }, [archive])).toContain('asarUnpack');
    expect(said({ runtime: 'Electron' }, [archive.replace('.asar', '.asar.unpacked')])).not.toContain('asarUnpack');
    expect(said({ runtime: 'Electron' }, ['/a: External buffers are not allowed'])).toContain(
      'child process of Node.js',
    );
    expect(said({ runtime: 'Deno' }, ['/a: NotCapable: Requires ffi access'])).toContain('--allow-ffi');
  });

  it.each<[string, Partial<Machine>, string]>([
    ['npm', {}, 'npm install @mlx-router/linux-x64@1.2.3'],
    ['npm', { arch: 'arm64' }, 'npm install @mlx-router/linux-arm64@1.2.3'],
    ['npm', { platform: 'darwin', arch: 'arm64', libc: null }, 'npm install @mlx-router/darwin-arm64@1.2.3'],
    ['Bun', { runtime: 'Bun' }, 'bun add @mlx-router/linux-x64@1.2.3'],
    ['Deno', { runtime: 'Deno' }, 'deno add npm:@mlx-router/linux-x64@1.2.3'],
  ])('a missing package is installed with %s', (_, machine, command) => {
    const { platform, arch } = { ...linux, ...machine };
    const text = said(machine, missing(`${platform}-${arch}`));
    expect(text).toContain(`"${command}"`);
    expect(text).toMatch(/--omit=optional.*or build it with "npx mlx-router setup"/);
  });

  it('what has no package, and a checkout, are built', () => {
    expect(said({ arch: 'riscv64' })).toBe(
      'there is no package for linux-riscv64: build it with "npx mlx-router setup"',
    );
    expect(said({}, [], { checkout: true, build: 'npm run setup' })).toBe('build it with "npm run setup"');
  });
});
