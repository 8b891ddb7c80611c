import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import {
  guarded,
  selectRoutines,
  supportsArchitecture,
  trampolines,
} from '../../../native-backend/blas/trampolines.mjs';
import { SetupFailure } from '../failure.mjs';
import { paths } from '../paths.mjs';
import { capture } from '../process.mjs';

const sourceFolder = join(paths.native, 'blas');
const kernels = join(paths.native, 'src', 'kernels');
const shim = join(paths.blas, 'libmlxrouter_blas.so');

async function symbols(library, which) {
  const { code, stdout, stderr } = await capture('nm', ['-D', `--${which}-only`, library]);
  if (code !== 0) throw new SetupFailure(`nm could not read ${library}: ${stderr}`, 'apt-get install binutils');
  return stdout.split('\n').flatMap((line) => line.trim().split(/\s+/).at(-1)?.split('@')[0] || []);
}

export const blas = {
  name: 'blas',
  title: 'BLAS shim',
  doing: 'building',
  tools: ['node', 'compiler'],
  inputs: ({ python }) => ({
    values: [python.wheel, python.mlxVersion, python.openblas, python.openblasVersion],
    files: [sourceFolder, ...['lanes.h', 'parallel.h', 'parallel.cc'].map((name) => join(kernels, name))],
  }),
  done: (result) => result.shim === null || existsSync(result.shim),
  async run({ context, log }) {
    const { wheel, openblas, openblasVersion, device } = context.python;
    // Accelerate serves macOS; elsewhere the wheel's own BLAS stays where OpenBLAS has no wheel.
    if (process.platform !== 'linux') return { shim: null, name: 'Accelerate' };
    if (!openblas || !supportsArchitecture(process.arch)) return { shim: null, name: `bundled (${device} wheel)` };

    const folder = join(openblas, 'lib');
    const target = join(folder, readdirSync(folder).find((file) => /^lib.*openblas.*\.so/.test(file)) ?? '');
    const wanted = await symbols(join(wheel, 'lib', 'libmlx.so'), 'undefined');
    const { redirected, unmatched } = selectRoutines(wanted, await symbols(target, 'defined'));
    // Half of the routines from one BLAS and half from another would still be right, but mixing them was not asked for.
    if (unmatched.length > 0) throw new SetupFailure(`OpenBLAS lacks ${unmatched.join(', ')}`);
    if (redirected.length === 0) return { shim: null, name: `bundled (${device} wheel)` };

    mkdirSync(paths.blas, { recursive: true });
    const source = join(paths.blas, 'trampolines.s');
    const jumps = redirected.filter((name) => !guarded.includes(name));
    writeFileSync(source, trampolines(jumps, process.arch));
    const partial = `${shim}.partial`;
    const rpath = `$ORIGIN/${relative(dirname(shim), folder)}`;
    const link = ['-Wl,--enable-new-dtags', '-Wl,-z,now', '-Wl,--no-undefined', `-Wl,-rpath,${rpath}`];
    const flags = ['-std=c++20', '-O3', '-DNDEBUG', '-Wall', '-Wextra', '-fvisibility=hidden', '-fPIC'];
    flags.push(`-I${join(paths.native, 'src')}`, '-pthread');
    const own = readdirSync(sourceFolder).flatMap((file) => (file.endsWith('.cc') ? [join(sourceFolder, file)] : []));
    const args = [...flags, '-shared', '-Wl,-soname,libmlxrouter_blas.so', ...link];
    await log.run(context.tools.compiler.command, [
      ...args,
      '-o',
      partial,
      ...own,
      join(kernels, 'parallel.cc'),
      source,
      target,
    ]);
    renameSync(partial, shim);
    return { shim, name: `OpenBLAS ${openblasVersion}`, routines: redirected.length };
  },
  describe: (result) => (result.shim ? `${result.name}, ${result.routines} routines` : `not needed: ${result.name}`),
};
