import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { BackendUnavailableError, VersionMismatchError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { type BuiltFiles, platformPackage, setUpFiles } from '../../foundation/system/installation.ts';
import { machineText, thisMachine } from '../../foundation/system/machine.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { isCheckout, packageVersion, setUpCommand } from '../../foundation/system/set-up.ts';
import { isOlderThanSources } from '../sources.mjs';
import type { Addon } from './addon.ts';
import { advice } from './advice.ts';
import { missingExports } from './exports.ts';
import { throwing } from './failure.ts';

export interface Loaded {
  readonly addon: Addon;
  readonly path: string;
  /** What belongs to the addon; null where the caller named it. */
  readonly files: BuiltFiles | null;
}

interface Candidate {
  readonly path: string;
  readonly files: BuiltFiles | null;
  /** Whether its sources may stand beside it. */
  readonly built: boolean;
}

/** The files to try, in order, and what is missing among the places to look at. */
function candidates(root: string): { files: Candidate[]; causes: string[] } {
  const wanted = process.env.MLX_ROUTER_ADDON;
  if (wanted) return { files: [{ path: resolve(wanted), files: null, built: false }], causes: [] };
  const files: Candidate[] = [];
  const causes: string[] = [];
  const setUp = setUpFiles(root);
  if (setUp?.addon) files.push({ path: setUp.addon, files: setUp, built: true });
  const packaged = platformPackage(root);
  if (packaged?.files?.addon) files.push({ path: packaged.files.addon, files: packaged.files, built: false });
  else if (packaged !== null) causes.push(`${packaged.name}: ${packaged.problem ?? 'names no addon'}`);
  const left = join(root, 'build', 'Release', 'mlx_router.node');
  if (left !== setUp?.addon) files.push({ path: left, files: setUp, built: true });
  return { files, causes };
}

/**
 * Loads the addon: the file that MLX_ROUTER_ADDON names, else the one that the set-up built, else the one of this
 * platform's package. `off` in the variable stands for none. Every cause is collected into one error that says what was
 * looked for, why nothing fits, and how to repair it.
 */
export function loadAddon(root: string = packageRoot()): Loaded {
  if (process.env.MLX_ROUTER_ADDON === 'off') {
    throw new BackendUnavailableError('the native addon is switched off by MLX_ROUTER_ADDON=off');
  }
  const { files, causes } = candidates(root);
  for (const { path, files: belonging, built } of files) {
    if (!existsSync(path)) {
      causes.push(`${path}: not there`);
      continue;
    }
    try {
      if (built) checkSources(path, join(root, 'native-backend', 'src'), belonging?.addonSources ?? undefined);
      const addon = throwing(createRequire(join(root, 'package.json'))(path) as Addon);
      checkVersion(addon);
      checkExports(addon, path);
      return { addon, path, files: belonging };
    } catch (error) {
      if (error instanceof VersionMismatchError) throw error;
      causes.push(`${path}: ${messageOf(error)}`);
    }
  }
  const [machine, build, checkout] = [thisMachine(), setUpCommand(), isCheckout()];
  const repair = advice({ machine, causes, build, checkout, version: packageVersion() });
  throw new BackendUnavailableError(
    `the native addon cannot be loaded on ${machineText(machine)}: ${repair}. Tried:\n  ${causes.join('\n  ')}`,
  );
}

/** Of an older addon some functions are not there, and others take other arguments. */
export function checkSources(path: string, sources: string, noted: string | undefined): void {
  if (!isOlderThanSources(path, sources, noted)) return;
  throw new VersionMismatchError(
    `the native addon ${path} was built from other sources than those in ${sources}; run "${setUpCommand()}"`,
  );
}

function checkExports(addon: Addon, path: string): void {
  const missing = missingExports(addon);
  if (missing.length === 0) return;
  throw new VersionMismatchError(
    `the native addon ${path} belongs to another version of mlx-router: it has no ${missing.join(', ')}; ` +
      `run "${setUpCommand('--force')}"`,
  );
}

function checkVersion(addon: Addon): void {
  if (addon.mlxVersion === MLX_VERSION) return;
  throw new VersionMismatchError(
    `the native addon runs on MLX ${addon.mlxVersion}, but this version of mlx-router belongs to MLX ${MLX_VERSION}; ` +
      `run "${setUpCommand('--force')}"`,
  );
}
