import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { packageRoot } from './package-root.ts';

/** The platforms with a package of built files. */
export const PACKAGED: readonly string[] = ['linux-x64', 'linux-arm64', 'darwin-arm64'];

/** What a set-up has built on this machine, or a package of built files has brought. Paths are whole. */
export interface BuiltFiles {
  /** What brought them: `build/setup.json`, or the name of the package. */
  readonly source: string;
  readonly addon: string | null;
  /** The hash of the addon's sources when it was built here. */
  readonly addonSources: string | null;
  /** The library that stands before MLX in the workers, and which MLX it is for: the folder of a libmlx, or a package of Python with `==` and its version. */
  readonly guards: { readonly library: string; readonly mlx: string } | null;
  readonly blasShim: string | null;
  readonly blas: string | null;
  readonly mlxCVersion: string | null;
  /** The interpreter with MLX; only a set-up has one. */
  readonly python: string | null;
}

/** A package of built files that was looked for: `found` with its files, or `problem`, why it is of no use. */
export interface PlatformPackage {
  readonly name: string;
  readonly folder: string | null;
  readonly files: BuiltFiles | null;
  readonly problem: string | null;
}

type Json = Record<string, unknown>;

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

function filesOf(source: string, folder: string, json: Json, guardsFor: string | null): BuiltFiles {
  const text = (field: string): string | null => (typeof json[field] === 'string' ? (json[field] as string) : null);
  const path = (field: string): string | null => (text(field) === null ? null : resolve(folder, text(field) as string));
  const [library, mlx] = [path('guards'), guardsFor ?? path('mlxLibDir')];
  return {
    source,
    addon: path('addon'),
    addonSources: text('addonSources'),
    guards: library === null || mlx === null ? null : { library, mlx },
    blasShim: path('blasShim'),
    blas: text('blas'),
    mlxCVersion: text('mlxCVersion'),
    python: path('python'),
  };
}

/** What the set-up has built below this folder; null where it has not run, or was interrupted. */
export function setUpFiles(root: string = packageRoot()): BuiltFiles | null {
  try {
    return filesOf('build/setup.json', root, readJson(join(root, 'build', 'setup.json')), null);
  } catch {
    return null;
  }
}

/** The package of built files for this platform; null where there is none for it. */
export function platformPackage(
  root: string = packageRoot(),
  platform: string = `${process.platform}-${process.arch}`,
): PlatformPackage | null {
  return PACKAGED.includes(platform) ? installedPackage(`@mlx-router/${platform}`, root) : null;
}

/** A package that stands beside this one with the same version. */
function installedPackage(name: string, root: string): PlatformPackage {
  let folder: string;
  try {
    folder = dirname(createRequire(join(root, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return { name, folder: null, files: null, problem: 'not installed' };
  }
  try {
    const json = readJson(join(folder, 'platform.json'));
    const version = String(readJson(join(root, 'package.json'))['version']);
    if (json['mlxRouter'] !== version) {
      const problem = `belongs to mlx-router ${json['mlxRouter']}, and this is ${version}`;
      return { name, folder, files: null, problem };
    }
    const guardsFor = typeof json['guardsFor'] === 'string' ? json['guardsFor'] : null;
    return { name, folder, files: filesOf(name, folder, json, guardsFor), problem: null };
  } catch (error) {
    return { name, folder, files: null, problem: `damaged: ${(error as Error).message}` };
  }
}

/** The files of the set-up where there are some, else those of the package; null: neither. */
export function builtFiles(root: string = packageRoot()): BuiltFiles | null {
  return setUpFiles(root) ?? platformPackage(root)?.files ?? null;
}
