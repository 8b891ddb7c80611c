// `pack.ts FOLDER` puts into FOLDER what bench/gpu needs on a machine with an NVIDIA GPU and Python, but without Node.js,
// MLX or a network: 60 MB. What takes long to pack is kept in build/gpu.
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { execa } from 'execa';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { keepKind } from './fat-binaries.ts';

/** An H200's kind of GPU, and the Python of the machine. */
const GPU_KIND = 90;
const PYTHON = '3.12';
const PLATFORM = 'manylinux_2_35_x86_64';
const WHEELS = [`mlx==${MLX_VERSION}`, `mlx-cuda-13==${MLX_VERSION}`];
const MLX_LM = 'mlx-lm==0.32.2';

const root = packageRoot();
const work = join(root, 'build', 'gpu');
const run = execa({ cwd: root, stdio: 'inherit' });

async function archive(folder: string, file: string): Promise<void> {
  await run({ env: { XZ_OPT: '-9 -T2' } })`tar -C ${folder} -cJf ${file} .`;
}

async function download(python: string, to: string, packages: readonly string[]): Promise<void> {
  const target = ['--only-binary=:all:', '--python-version', PYTHON, '--implementation', 'cp', '--platform', PLATFORM];
  await run`${python} -m pip download --quiet --no-deps ${target} --platform any --dest ${to} ${packages}`;
}

async function unpackWheels(python: string, packages: readonly string[], to: string): Promise<void> {
  const wheels = `${to}.wheels`;
  await download(python, wheels, packages);
  for (const wheel of readdirSync(wheels)) await run`${python} -m zipfile -e ${join(wheels, wheel)} ${to}`;
}

/** MLX with the kernels of one kind of GPU. */
async function packMlx(python: string, file: string): Promise<void> {
  const folder = join(work, 'mlx');
  await unpackWheels(python, WHEELS, folder);
  const library = join(folder, 'mlx', 'lib', 'libmlx.so');
  const bytes = readFileSync(library);
  keepKind(bytes, GPU_KIND);
  writeFileSync(library, bytes);
  await archive(folder, file);
}

async function packNode(file: string): Promise<void> {
  const folder = join(work, 'node');
  mkdirSync(folder, { recursive: true });
  copyFileSync(process.execPath, join(folder, 'node'));
  await run`strip ${join(folder, 'node')}`;
  await archive(folder, file);
}

async function productionModules(): Promise<string[]> {
  const { stdout } = await execa({ cwd: root, lines: true })`npm ls --omit=dev --all --parseable`;
  return stdout.map((path) => relative(root, path)).filter((path) => path.startsWith('node_modules'));
}

/** This library as it is built, with what measures it, in the places where a checkout has it. */
async function packProject(python: string, file: string): Promise<void> {
  const folder = join(work, 'project');
  const at = (...names: string[]): string => join(folder, ...names);
  rmSync(folder, { recursive: true, force: true });
  const config = join(work, 'tsconfig.json');
  const include = ['mlx', 'lm', 'bench', 'cli', 'python-bridge'].map((room) => join(root, room, '**', '*.ts'));
  const exclude = ['**/*.test.ts', '**/*.test-d.ts', '**/test-support', '**/from-source'];
  const compilerOptions = { outDir: at('dist'), rootDir: root, declaration: false, sourceMap: false };
  mkdirSync(work, { recursive: true });
  writeFileSync(config, JSON.stringify({ extends: '../../tsconfig.build.json', compilerOptions, include, exclude }));
  await run`${process.execPath} node_modules/typescript/bin/tsc -p ${config} --noCheck`;
  const copied = [
    'package.json',
    'python',
    'bench/python',
    'parity-tests/models/reference.py',
    'build/Release',
    'build/blas',
  ];
  for (const path of [...copied, ...(await productionModules())]) {
    cpSync(join(root, path), at(path), { recursive: true, filter: (from) => !from.endsWith('__pycache__') });
  }
  const setUp = JSON.parse(readFileSync(join(root, 'build', 'setup.json'), 'utf8')) as Record<string, unknown>;
  const { addon, guards, blas, mlxCVersion } = setUp;
  // The workers load the guards only for the MLX that they are named for: start.sh unpacks both side by side.
  const mlxLibDir = join('..', 'mlx', 'mlx', 'lib');
  writeFileSync(at('build', 'setup.json'), JSON.stringify({ addon, guards, mlxLibDir, blas, mlxCVersion }));
  const { stdout } = await execa`${python} -c ${'import scipy_openblas32 as o; print(o.get_lib_dir())'}`;
  copyFileSync(join(stdout, 'libscipy_openblas.so'), at('build', 'blas', 'libscipy_openblas.so'));
  const site = join(work, 'site');
  if (!existsSync(site)) await unpackWheels(python, [MLX_LM], site);
  cpSync(site, at('build', 'models', 'site'), { recursive: true });
  await archive(folder, file);
}

const [argument] = process.argv.slice(2);
if (argument === undefined) throw new Error('name the folder to pack into');
const target = resolve(argument);
const python = join(root, '.venv', 'bin', 'python');
mkdirSync(target, { recursive: true });
mkdirSync(work, { recursive: true });
for (const [name, pack] of [
  ['mlx.tar.xz', (file: string) => packMlx(python, file)],
  ['node.tar.xz', packNode],
] as const) {
  const kept = join(work, name);
  if (!existsSync(kept)) await pack(kept);
  copyFileSync(kept, join(target, name));
}
await packProject(python, join(target, 'project.tar.xz'));
copyFileSync(join(root, 'bench', 'gpu', 'start.sh'), join(target, 'start.sh'));
