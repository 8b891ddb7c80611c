import { existsSync, mkdirSync, readlinkSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import {
  filesOf,
  installedPackage,
  NOT_INSTALLED,
  type PlatformPackage,
  platformPackage,
  thisPlatform,
} from './installation.ts';
import { crypto } from './late-modules.ts';
import { packageRoot } from './package-root.ts';
import { privateFolder } from './private-folder.ts';
import { namesIn, pythonSites, SITE_SOURCES } from './python-sites.ts';

/** The platforms whose package has one for GPUs of NVIDIA beside it. */
export const CUDA_PACKAGED: readonly string[] = ['linux-x64', 'linux-arm64'];

/** Names the wheel of MLX where it is not found by itself: the folder of Python's packages, or `mlx` in it. */
const VARIABLE = 'MLX_ROUTER_MLX';

/**
 * The package with the addon for GPUs of NVIDIA; null where none is installed. MLX itself is a wheel of Python, 1 GB with
 * the libraries that it needs, so it stays where pip has put it. The files are given below a folder of links: there they find
 * the wheel's library and, in the platform's own package, the BLAS.
 */
export function cudaPackage(
  root: string = packageRoot(),
  platform: string = thisPlatform(),
  system = '/usr/local',
): PlatformPackage | null {
  if (!CUDA_PACKAGED.includes(platform)) return null;
  const { name, folder, facts, problem } = installedPackage(`@mlx-router/${platform}-cuda`, root);
  if (facts === null) return problem === NOT_INSTALLED ? null : { name, folder, files: null, problem };
  const unusable = (problem: string): PlatformPackage => ({ name, folder, files: null, problem });
  const plain = platformPackage(root, platform, folder);
  if (plain?.files == null) return unusable(`needs ${plain?.name}: ${plain?.problem}`);
  const wheel = findWheel(String(facts['wheel']), root, system);
  if (wheel.site === null) return unusable(wheel.problem);
  const own = filesOf(name, folder, facts, join(wheel.site, 'mlx', 'lib'));
  const files = [own.addon, own.guards?.library].filter((path) => path != null);
  const links = linkFolder({
    ...Object.fromEntries(files.map((path) => [basename(path), path])),
    site: wheel.site,
    files: plain.folder as string,
  });
  if (links === undefined) {
    return unusable('there is no folder of this user alone for links: let XDG_CACHE_HOME or TMPDIR name one');
  }
  const { blasShim, blas } = plain.files;
  const linked = filesOf(name, links, facts, join(wheel.site, 'mlx', 'lib'));
  return { name, folder, files: { ...linked, blasShim, blas }, problem: null };
}

type Wheel = { readonly site: string } | { readonly site: null; readonly problem: string };

/** Where the wheel is installed, as `mlx-cuda-13==0.32.2`. */
function findWheel(wanted: string, root: string, system: string): Wheel {
  const [name = '', version = ''] = wanted.split('==');
  const given = process.env[VARIABLE];
  const sites = given ? namedSites(given) : pythonSites(root, system);
  const others: string[] = [];
  for (const site of sites) {
    const found = namesIn(site).flatMap((entry) => versionOf(entry, name));
    if (found.includes(version) && existsSync(join(site, 'mlx', 'lib', 'libmlx.so'))) return { site };
    others.push(...found.filter((other) => other !== version).map((other) => `; ${site} has ${name} ${other}`));
  }
  const places = given ? `${VARIABLE}=${given}` : sites.join(', ') || `any folder of packages (by ${SITE_SOURCES})`;
  return { site: null, problem: `found no ${name} ${version} in ${places}${others.join('')}` };
}

function namedSites(given: string): string[] {
  const folder = resolve(given);
  return basename(folder) === 'mlx' ? [dirname(folder), folder] : [folder];
}

/** The version that the name of a folder with a wheel's description says. */
function versionOf(entry: string, name: string): string[] {
  const start = `${name.replaceAll('-', '_')}-`;
  const end = '.dist-info';
  return entry.startsWith(start) && entry.endsWith(end) ? [entry.slice(start.length, -end.length)] : [];
}

/** A folder with these links, the same one for the same links; undefined where it cannot be made. */
function linkFolder(links: Readonly<Record<string, string>>): string | undefined {
  const parent = privateFolder();
  if (parent === undefined) return undefined;
  const key = crypto().createHash('sha256').update(JSON.stringify(links)).digest('hex').slice(0, 16);
  const folder = join(parent, `cuda-${key}`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const [name, target] of Object.entries(links)) link(join(folder, name), target);
    return folder;
  } catch {
    return undefined;
  }
}

function link(path: string, target: string): void {
  try {
    symlinkSync(target, path);
  } catch (error) {
    // An earlier process has made it, or another makes it now.
    if (readlinkSync(path) !== target) throw error;
  }
}
