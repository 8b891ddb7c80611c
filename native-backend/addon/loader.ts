import { existsSync, lstatSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { BackendUnavailableError, VersionMismatchError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { withBlasEnvironment } from '../../foundation/system/blas-threads.ts';
import { cudaPackage } from '../../foundation/system/cuda-package.ts';
import {
  type BuiltFiles,
  type PlatformPackage,
  platformPackage,
  setUpFiles,
} from '../../foundation/system/installation.ts';
import { machineText, thisMachine } from '../../foundation/system/machine.ts';
import { packageRoot } from '../../foundation/system/package-root.ts';
import { MLX_VERSION } from '../../foundation/system/pins.ts';
import { isCheckout, packageVersion, setUpCommand } from '../../foundation/system/set-up.ts';
import { isOlderThanSources } from '../sources.mjs';
import type { Addon } from './addon.ts';
import { advice } from './advice.ts';
import { cudaRepair } from './cuda-advice.ts';
import { missingExports } from './exports.ts';
import { throwing } from './failure.ts';

export interface Loaded {
  readonly addon: Addon;
  readonly path: string;
  /** What belongs to the addon; null where the caller named it. */
  readonly files: BuiltFiles | null;
  /** That the package for GPUs of NVIDIA is installed, but of no use; null: it is in use, or not installed. */
  readonly passedOver: PassedOver | null;
}

export interface PassedOver {
  readonly name: string;
  readonly cause: string;
  readonly repair: string;
}

interface Candidate {
  readonly path: string;
  readonly files: BuiltFiles | null;
  /** Whether its sources may stand beside it. */
  readonly built: boolean;
}

/** What was tried: the files, in order, or what is missing where one was looked for. */
type Try = Candidate | { readonly problem: string };

function tries(root: string): Try[] {
  const wanted = process.env.MLX_ROUTER_ADDON;
  if (wanted) return [{ path: resolve(wanted), files: null, built: false }];
  const setUp = setUpFiles(root);
  const left = join(root, 'build', 'Release', 'mlx_router.node');
  return [
    ...(setUp?.addon ? [{ path: setUp.addon, files: setUp, built: true }] : []),
    ...[cudaPackage(root), platformPackage(root)].flatMap((found) => (found === null ? [] : [tryPackage(found)])),
    ...(left === setUp?.addon ? [] : [{ path: left, files: setUp, built: true }]),
  ];
}

function tryPackage({ name, files, problem }: PlatformPackage): Try {
  if (files?.addon) return { path: files.addon, files, built: false };
  return { problem: `${name}: ${problem ?? 'names no addon'}` };
}

/**
 * Loads the addon: the file that MLX_ROUTER_ADDON names, else the one that the set-up built, else the one for GPUs of
 * NVIDIA, else the one of this platform's package. `off` in the variable stands for none. Every cause is collected into one
 * error that says what was looked for, why nothing fits, and how to repair it.
 */
export function loadAddon(root: string = packageRoot()): Loaded {
  if (process.env.MLX_ROUTER_ADDON === 'off') {
    throw new BackendUnavailableError('the native addon is switched off by MLX_ROUTER_ADDON=off');
  }
  const causes: string[] = [];
  for (const one of tries(root)) {
    const tried = 'problem' in one ? one.problem : tryFile(one, root);
    if (typeof tried !== 'string') return { ...tried, passedOver: passedOver(causes) };
    causes.push(tried);
  }
  const [machine, build, checkout] = [thisMachine(), setUpCommand(), isCheckout()];
  const repair = advice({ machine, causes, build, checkout, version: packageVersion() });
  throw new BackendUnavailableError(
    `the native addon cannot be loaded on ${machineText(machine)}: ${repair}. Tried:\n  ${causes.join('\n  ')}`,
  );
}

/** The loaded addon, or why the file is of no use. */
function tryFile({ path, files, built }: Candidate, root: string): Omit<Loaded, 'passedOver'> | string {
  const source = files === null || built ? '' : `${files.source}: `;
  if (!existsSync(path)) return `${source}${path}: not there`;
  try {
    if (built) checkSources(path, join(root, 'native-backend', 'src'), files?.addonSources ?? undefined);
    const addon = throwing(withBlasEnvironment(() => open(path, root)));
    checkVersion(addon);
    checkExports(addon, path);
    return { addon, path, files };
  } catch (error) {
    if (error instanceof VersionMismatchError) throw error;
    // The dynamic loader's messages begin with the path themselves.
    const message = messageOf(error);
    return `${source}${message.startsWith(path) ? '' : `${path}: `}${message}`;
  }
}

const opened = new Map<string, Addon>();

/**
 * Loads the file by this very path. `require` would follow a link first, and an addon that is linked beside the libraries of
 * its choice finds others where it really lies.
 */
function open(path: string, root: string): Addon {
  if (!lstatSync(path).isSymbolicLink()) return createRequire(join(root, 'package.json'))(path) as Addon;
  let addon = opened.get(path);
  if (addon === undefined) {
    const module = { exports: {} };
    process.dlopen(module, path);
    addon = module.exports as Addon;
    opened.set(path, addon);
  }
  return addon;
}

function passedOver(causes: readonly string[]): PassedOver | null {
  for (const one of causes) {
    const [, name, cause] = CUDA_CAUSE.exec(one) ?? [];
    if (name !== undefined && cause !== undefined) {
      return { name, cause, repair: cudaRepair(name, cause, packageVersion()) };
    }
  }
  return null;
}

const CUDA_CAUSE = /^(@mlx-router\/[\w-]+-cuda): (.*)/s;

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
