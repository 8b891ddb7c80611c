import { privateFolder } from '../foundation/system/private-folder.ts';
import { pruneKernels } from './kernel-pruning.ts';

let found: string | null | undefined;

/**
 * The folder of this user alone for the kernels that MLX compiles. undefined where there is none, and on macOS, whose
 * temporary folder is the user's own.
 */
export function kernelFolder(): string | undefined {
  if (process.platform !== 'linux') return undefined;
  if (found === undefined) {
    found = privateFolder() ?? null;
    // A program waits for its first result here, and not for this.
    if (found !== null) setImmediate(pruneKernels, found);
  }
  return found ?? undefined;
}
