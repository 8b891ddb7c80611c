import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { BackendUnavailableError, VersionMismatchError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { setUpCommand } from '../../foundation/system/set-up.ts';
import { isOlderThanSources } from '../sources.mjs';
import type { Addon } from './addon.ts';
import { missingExports } from './exports.ts';
import { throwing } from './failure.ts';

/** What the set-up wrote of this machine; only the fields that this room reads. */
export interface SetupManifest {
  readonly addon?: string;
  /** The hash of the addon's sources when it was built. */
  readonly addonSources?: string;
  readonly blas?: string;
  readonly mlxCVersion?: string;
}

export interface Loaded {
  readonly addon: Addon;
  readonly path: string;
  readonly manifest: SetupManifest;
}

function readManifest(root: string): SetupManifest {
  try {
    return JSON.parse(readFileSync(join(root, 'build', 'setup.json'), 'utf8'));
  } catch {
    return {};
  }
}

/**
 * Loads the addon: the file that MLX_ROUTER_ADDON names, else the one that the set-up built.
 * `off` in the variable stands for none. Every cause is collected into one error that says how to repair it.
 */
export function loadAddon(): Loaded {
  const root = packageRoot();
  const manifest = readManifest(root);
  const wanted = process.env.MLX_ROUTER_ADDON;
  if (wanted === 'off') throw new BackendUnavailableError('the native addon is switched off by MLX_ROUTER_ADDON=off');
  const candidates =
    wanted !== undefined && wanted !== ''
      ? [resolve(wanted)]
      : [
          ...(manifest.addon === undefined ? [] : [join(root, manifest.addon)]),
          join(root, 'build', 'Release', 'mlx_router.node'),
        ];
  const causes: string[] = [];
  for (const path of new Set(candidates)) {
    if (!existsSync(path)) {
      causes.push(`${path}: not there`);
      continue;
    }
    try {
      // An addon that is named explicitly is not checked.
      if (!wanted) checkSources(path, join(root, 'native-backend', 'src'), manifest.addonSources);
      const addon = throwing(createRequire(import.meta.url)(path) as Addon);
      checkVersion(addon);
      checkExports(addon, path);
      return { addon, path, manifest };
    } catch (error) {
      if (error instanceof VersionMismatchError) throw error;
      causes.push(`${path}: ${messageOf(error)}`);
    }
  }
  throw new BackendUnavailableError(
    `the native addon cannot be loaded; build it with "${setUpCommand()}". Tried:\n  ${causes.join('\n  ')}`,
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
