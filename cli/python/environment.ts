// What kind of environment an interpreter belongs to, and what it has of what the workers need.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../package.ts';

const LOCKS = join(root, 'python', 'locks');
/** What `--with` takes: packages that have a lock of their own. */
export const EXTRAS = ['mlx-lm', 'ripser'] as const;
const START_MS = 30_000;

const ASK = `
import importlib.metadata as metadata, json, os, platform, sys
def version(name):
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
def made_by():
    if os.path.isdir(os.path.join(sys.prefix, "conda-meta")):
        return "conda"
    try:
        with open(os.path.join(sys.prefix, "pyvenv.cfg")) as file:
            return "uv" if any(line.startswith("uv =") for line in file) else "venv"
    except OSError:
        return "system"
print(json.dumps({
    "version": platform.python_version(),
    "prefix": sys.prefix,
    "kind": made_by(),
    "installed": {name: version(name) for name in sys.argv[1:]},
}))
`;

export interface PythonEnvironment {
  readonly version: string;
  readonly prefix: string;
  readonly kind: 'uv' | 'venv' | 'conda' | 'system';
  /** The version of each package asked for; null: it is not there. */
  readonly installed: Readonly<Record<string, string | null>>;
}

/** What that Python says of itself; undefined where it does not answer. */
export function describePython(python: string, packages: readonly string[]): PythonEnvironment | undefined {
  // -I: neither the working directory nor variables bring packages in.
  const { status, stdout } = spawnSync(python, ['-I', '-c', ASK, ...packages], { encoding: 'utf8', timeout: START_MS });
  if (status !== 0) return undefined;
  try {
    return JSON.parse(stdout) as PythonEnvironment;
  } catch {
    return undefined;
  }
}

export const lockPath = (name: string): string => join(LOCKS, `${name}.txt`);

/** The packages of a lock, with the versions that it may have of each. */
export function lockedVersions(name: string): Map<string, string[]> {
  const versions = new Map<string, string[]>();
  for (const [, own = '', version = ''] of readFileSync(lockPath(name), 'utf8').matchAll(/^([\w.-]+)==([\w.+]+)/gm)) {
    versions.set(own, [...(versions.get(own) ?? []), version]);
  }
  return versions;
}

/** Of what the workers need: what is not there, and what is there in a version that nothing was tested with. */
export function lacking(environment: PythonEnvironment, wanted: ReadonlyMap<string, readonly string[]>): string[] {
  return [...wanted].flatMap(([name, versions]) => {
    const version = environment.installed[name];
    if (version === undefined || (version !== null && versions.includes(version))) return [];
    return version === null ? [name] : [`${name} ${versions.join(' or ')} (it has ${version})`];
  });
}

/** How a person calls such an environment. */
export function nameOf({ kind, prefix, version }: PythonEnvironment): string {
  const names = { uv: 'made by uv', venv: 'made by venv', conda: "conda's", system: "the system's" };
  return `Python ${version}, ${names[kind]}, in ${prefix}`;
}
