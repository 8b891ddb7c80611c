// What a program pays before its first number, each time in a process of its own, and what is installed for it.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { platformPackage, setUpFiles } from '../../foundation/system/installation.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';

const root = packageRoot();

/** The library as it is published; from a source it is compiled for this. */
function compiledFolder(): string {
  if (!import.meta.url.endsWith('.ts')) return join(root, 'dist');
  const [modules, out] = ['modules', 'dist'].map((name) => join(root, 'build', 'bench', name)) as [string, string];
  const options = ['--noCheck', '--modules', modules, '--out', out];
  execFileSync(process.execPath, [join(root, 'scripts', 'build.mjs'), ...options], { stdio: ['ignore', 2, 2] });
  return out;
}

let compiled: string | undefined;
const compiledLibrary = (): string => {
  compiled ??= compiledFolder();
  return compiled;
};

const native = setUpFiles() ?? platformPackage()?.files ?? null;
const mlx = (): string => {
  const file = process.platform === 'darwin' ? 'libmlx.dylib' : 'libmlx.so';
  const besides = [native?.guards?.mlx, native?.addon && dirname(native.addon)];
  const found = besides.map((folder) => folder && join(folder, file)).find((path) => path && existsSync(path));
  if (!found) throw new Error('there is no libmlx beside the addon');
  return found;
};

/** Runs a program of a module's text; it prints one number. */
function printed(program: string): number {
  const options = ['--input-type=module', '--eval', program];
  return Number(execFileSync(process.execPath, options, { cwd: root, encoding: 'utf8' }));
}

/** Milliseconds from the import of the library to a number that MLX has computed. */
function firstNumber(): number {
  const library = JSON.stringify(new URL(`file://${join(compiledLibrary(), 'mlx', 'index.js')}`).href);
  return printed(`
    const start = performance.now();
    const { core: mx } = await import(${library});
    const number = mx.add(mx.array([1, 2]), 1).index(1).item();
    const milliseconds = performance.now() - start;
    if (number !== 3) throw new Error('wrong number');
    console.log(milliseconds);
  `);
}

/** Milliseconds to load libmlx and its BLAS alone. Node takes neither for an addon, and says so when they are loaded. */
function libraryLoad(): number {
  const files = JSON.stringify([native?.blasShim, mlx()].filter(Boolean));
  return printed(`
    import { constants } from 'node:os';
    const start = performance.now();
    for (const file of ${files}) {
      try {
        process.dlopen({ exports: {} }, file, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL);
      } catch (error) {
        if (!error.message.includes('did not self-register')) throw error;
      }
    }
    console.log(performance.now() - start);
  `);
}

function several(measure: () => number) {
  return (count: number): number[] => Array.from({ length: count }, measure);
}

const isPublished = (path: string): boolean =>
  !/\.test\.|\/tests\/|\/test-support\/|__pycache__|vendor\/mlx-c\/(source|target)/.test(path);

function bytesBelow(path: string): number {
  if (!existsSync(path)) return 0;
  if (!statSync(path).isDirectory()) return statSync(path).size;
  return readdirSync(path, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(isPublished)
    .reduce((sum, file) => sum + statSync(file).size, 0);
}

interface Manifest {
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
}

const manifestOf = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The folder of a package that this one needs: in its own node_modules or in one above. */
function folderOf(name: string, from: string): string | undefined {
  const places = createRequire(join(from, 'package.json')).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(join(folder, 'package.json')));
}

/** The packages that npm brings with this one, each once. */
function dependencyFolders(from: string, found = new Set<string>()): Set<string> {
  for (const name of Object.keys(manifestOf(from).dependencies ?? {})) {
    const folder = folderOf(name, from);
    if (folder === undefined || found.has(folder)) continue;
    found.add(folder);
    dependencyFolders(folder, found);
  }
  return found;
}

/** The OpenBLAS behind the shim, which names it: beside it, or where the set-up has installed it. */
function openBlas(): string[] {
  if (native?.blasShim == null) return [];
  process.dlopen({ exports: {} }, native.addon as string);
  const mapped = readFileSync('/proc/self/maps', 'utf8').split('\n');
  const paths = mapped.map((line) => line.slice(line.indexOf('/')));
  return [...new Set(paths.filter((path) => basename(path).includes('openblas')))];
}

/** Megabytes of the package, of the built files, and of the packages that they need. */
function installedSize(): number {
  const files = (manifestOf(root).files ?? []).filter((entry) => !entry.startsWith('!') && entry !== 'dist');
  const parts = [
    compiledLibrary(),
    ...files.map((entry) => join(root, entry)),
    ...[native?.addon, native?.guards?.library, native?.blasShim, mlx()].filter((path) => path != null),
    ...openBlas(),
    ...dependencyFolders(root),
  ];
  return parts.map(bytesBelow).reduce((sum, bytes) => sum + bytes, 0) / 1e6;
}

export const workloads = {
  import: several(() => Math.max(0, firstNumber() - libraryLoad())),
  'first-number': several(firstNumber),
  'installed-size': installedSize,
};
