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

export type Json = Readonly<Record<string, unknown>>;

/** The problem of a package that is not there. */
export const NOT_INSTALLED = 'not installed';

function readJson(path: string): Json {
  return JSON.parse(readFileSync(path, 'utf8')) as Json;
}

/** The files that a manifest names, relative to its folder. */
export function filesOf(source: string, folder: string, json: Json, guardsFor: string | null): BuiltFiles {
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

/** The package of built files for this platform, looked for from the folder `from`; null where there is none for it. */
export function platformPackage(
  root: string = packageRoot(),
  platform: string = thisPlatform(),
  from: string = root,
): PlatformPackage | null {
  if (!PACKAGED.includes(platform)) return null;
  const { name, folder, facts, problem } = installedPackage(`@mlx-router/${platform}`, root, from);
  if (facts === null) return { name, folder, files: null, problem };
  const guardsFor = typeof facts['guardsFor'] === 'string' ? facts['guardsFor'] : null;
  return { name, folder, files: filesOf(name, folder, facts, guardsFor), problem: null };
}

export const thisPlatform = (): string => `${process.platform}-${process.arch}`;

type Installed = { readonly name: string } & (
  | { readonly folder: string; readonly facts: Json; readonly problem: null }
  | { readonly folder: string | null; readonly facts: null; readonly problem: string }
);

/** A package of the same version that is found from the folder `from`, with what its `platform.json` says. */
export function installedPackage(name: string, root: string, from: string = root): Installed {
  let folder: string;
  try {
    folder = dirname(createRequire(join(from, 'package.json')).resolve(`${name}/package.json`));
  } catch {
    return { name, folder: null, facts: null, problem: NOT_INSTALLED };
  }
  try {
    const facts = readJson(join(folder, 'platform.json'));
    const version = String(readJson(join(root, 'package.json'))['version']);
    if (facts['mlxRouter'] === version) return { name, folder, facts, problem: null };
    const problem = `belongs to mlx-router ${facts['mlxRouter']}, and this is ${version}`;
    return { name, folder, facts: null, problem };
  } catch (error) {
    return { name, folder, facts: null, problem: `damaged: ${(error as Error).message}` };
  }
}
