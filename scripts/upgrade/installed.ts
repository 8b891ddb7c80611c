// Another version of MLX beside the pinned one, in a folder of its own, and what it offers.
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';
import { paths, root } from '../setup/paths.mjs';
import type { Surface } from './surfaces.ts';

/** What MLX's library comes in, by the kind of device that the set-up chose. */
const LIBRARIES: Readonly<Record<string, string>> = { cpu: 'mlx-cpu', cuda: 'mlx-cuda-13', metal: 'mlx-metal' };

/** Where everything about an upgrade to the version lies. */
export const upgradeFolder = (version: string): string => join(paths.build, 'upgrade', version);

/** Installs the wheels of that version apart, unless they are there; gives the folder to import from. */
export function installWheel(version: string, device: string): string {
  const folder = join(upgradeFolder(version), 'site');
  if (existsSync(join(folder, 'mlx', 'lib'))) return folder;
  mkdirSync(folder, { recursive: true });
  const wheels = [`mlx==${version}`, `${LIBRARIES[device] ?? 'mlx-cpu'}==${version}`];
  const options = [
    '--disable-pip-version-check',
    '--no-input',
    '--quiet',
    '--no-deps',
    '--upgrade',
    '--target',
    folder,
  ];
  execaSync(paths.venvPython, ['-m', 'pip', 'install', ...options, ...wheels], { stdio: 'inherit' });
  return folder;
}

/** What the MLX in that folder offers. */
export function describeWheel(folder: string): Surface {
  const script = join(import.meta.dirname, 'describe.py');
  // -I: the working directory has a folder `mlx` of its own.
  const { stdout } = execaSync(paths.venvPython, ['-I', script, folder], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Surface;
}

/** The faults of MLX that docs/workarounds.md lists and that the MLX in that folder does not have, or has otherwise. */
export function faultsGone(folder: string): string[] {
  const { stdout } = execaSync(
    join(paths.venv, 'bin', 'pytest'),
    ['-q', '--tb=no', '-p', 'no:cacheprovider', 'python/tests/test_mlx_faults.py'],
    { cwd: root, env: { PYTHONPATH: folder, COLUMNS: '1000' }, reject: false },
  );
  return [...stdout.matchAll(/^FAILED .*?\[(.*)\](?: - .*)?$/gm)].map(([, name]) => name as string);
}
