import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  compatSource,
  compatVersions,
  isNewerThanOldest,
  isProvided,
  PROVIDED_VERSIONS,
} from '../../native-backend/compat/old-systems.mjs';
import { buildCompat, checkOldSystems } from './compat.mjs';
import { changeElf, isElf, readElf } from './elf.mjs';
import { mainManifest, platformManifest } from './manifests.mjs';
import { targets } from './targets.mjs';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-elf-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function library(name, source, ...options) {
  const [code, output] = [join(folder, `${name}.c`), join(folder, `${name}.so`)];
  writeFileSync(code, source);
  execFileSync('cc', ['-shared', '-fPIC', '-nostartfiles', '-o', output, code, ...options]);
  return output;
}

describe.runIf(process.platform === 'linux')('a library', () => {
  it('is told to look for others elsewhere, under other names', () => {
    const other = library(
      'libotherwithalongname',
      'int answer(void) { return 42; }',
      '-Wl,-soname,libotherwithalongname.so',
    );
    const flags = ['-Wl,--disable-new-dtags', '-Wl,-rpath,$ORIGIN/../far/away', '-Wl,--no-as-needed', other];
    const bytes = readFileSync(library('libfirst', 'int answer(void); int ask(void) { return answer(); }', ...flags));
    expect(readElf(bytes)).toMatchObject({ runpath: '$ORIGIN/../far/away', soname: undefined });
    expect(readElf(bytes).needed).toContain('libotherwithalongname.so');
    changeElf(bytes, { needed: { 'libotherwithalongname.so': 'libshort.so' }, runpath: '$ORIGIN' });
    expect(readElf(bytes)).toMatchObject({ runpath: '$ORIGIN' });
    expect(readElf(bytes).needed).toContain('libshort.so');
    const longer = { needed: { 'libshort.so': 'libmuchlonger.so' } };
    expect(() => changeElf(bytes, longer)).toThrow('"libshort.so" in the library has no room for "libmuchlonger.so"');
  });

  it('may do without versions that an old system lacks', () => {
    const bytes = readFileSync(library('libuser', '#include <stdio.h>\nint say(void) { return puts("x"); }'));
    const [version] = readElf(bytes).versions;
    expect(version).toMatchObject({ library: 'libc.so.6', weak: false });
    expect(readElf(bytes).wanted).toContain(`puts@${version.name}`);
    changeElf(bytes, { optional: (name) => name === version.name });
    expect(readElf(bytes).versions[0]).toMatchObject({ name: version.name, weak: true });
  });

  it('that asks for what neither an old system nor the package has is refused', async () => {
    const output = join(folder, 'libmlxrouter_compat.so');
    await buildCompat({ arch: process.arch, work: folder, output, compiler: 'cc' });
    const bytes = readFileSync(output);
    expect(readElf(bytes).soname).toBe('libmlxrouter_compat.so');
    // The oldest system has all that it needs itself.
    expect(readElf(bytes).versions.filter(({ name }) => isNewerThanOldest(name))).toEqual([]);
    expect(() => checkOldSystems('compat', bytes)).not.toThrow();
    const newer = library('libnewer', 'void closefrom(int); void end(void) { closefrom(3); }');
    expect(() => checkOldSystems('libnewer', readFileSync(newer))).toThrow('closefrom@GLIBC_2.34');
  });

  it('must be one', () => {
    expect(isElf(Buffer.from('no library'))).toBe(false);
    expect(() => readElf(Buffer.alloc(100))).toThrow('no shared library of Linux');
    const bytes = readFileSync(join(folder, 'libuser.so'));
    expect(() => readElf(Buffer.concat([bytes.subarray(0, 64), Buffer.alloc(64)]))).toThrow();
  });
});

describe('what old systems lack', () => {
  it('is told by version', () => {
    const asked = ['GLIBC_2.31', 'GLIBC_2.4', 'GLIBC_2.34', 'GLIBCXX_3.4.28', 'GLIBCXX_3.4.30', 'GCC_4.0.0'];
    expect(asked.filter(isNewerThanOldest)).toEqual(['GLIBC_2.34', 'GLIBCXX_3.4.30']);
    expect(isProvided('dlopen@GLIBC_2.34')).toBe(true);
    expect(isProvided('__libc_single_threaded@GLIBC_2.32')).toBe(true);
    expect(isProvided('dlopen@GLIBC_2.2.5')).toBe(false);
    expect(PROVIDED_VERSIONS.every(isNewerThanOldest)).toBe(true);
  });

  it.each(['x64', 'arm64'])('is made of what they have: %s', (arch) => {
    const source = compatSource(arch);
    expect(source).toMatch(/^\.symver provided_\d+, dlopen@@GLIBC_2\.34$/m);
    expect(source).toMatch(/^\.symver older_\d+, __fxstat@GLIBC_2\.(2\.5|17)$/m);
    // Without this note the loader makes the process's stack executable.
    expect(source).toContain('.note.GNU-stack');
    expect(compatVersions()).toMatch(/^GLIBC_2\.35 \{ \};$/m);
  });
});

describe('the published manifests', () => {
  const ours = { name: 'mlx-router', version: '1.2.3', license: 'MIT', engines: { node: '>=20' }, scripts: { a: 'b' } };

  it('ask for the package of each platform, which says where it fits', () => {
    const main = mainManifest(ours);
    expect(Object.keys(main.optionalDependencies)).toEqual(
      Object.keys(targets).map((target) => `@mlx-router/${target}`),
    );
    expect(JSON.parse(JSON.stringify(main))).not.toHaveProperty('scripts');
    expect(platformManifest(ours, 'linux-arm64', ['a'])).toMatchObject({
      name: '@mlx-router/linux-arm64',
      version: '1.2.3',
      os: ['linux'],
      cpu: ['arm64'],
      libc: ['glibc'],
      files: ['a'],
    });
    expect(platformManifest(ours, 'darwin-arm64', [])).not.toHaveProperty('libc');
  });

  it('for GPUs are of the same version where they are installed, and bring that of their platform', () => {
    const main = mainManifest({ ...ours, peerDependencies: { other: '1' } });
    const name = '@mlx-router/linux-x64-cuda';
    expect(main.optionalDependencies).not.toHaveProperty(name);
    expect(main.peerDependencies).toMatchObject({ other: '1', [name]: '1.2.3' });
    expect(main.peerDependenciesMeta).toMatchObject({ [name]: { optional: true } });
    expect(platformManifest(ours, 'linux-x64-cuda', [])).toMatchObject({
      name,
      os: ['linux'],
      cpu: ['x64'],
      libc: ['glibc'],
      dependencies: { '@mlx-router/linux-x64': '1.2.3' },
    });
    expect(platformManifest(ours, 'linux-x64', [])).not.toHaveProperty('dependencies');
  });
});
