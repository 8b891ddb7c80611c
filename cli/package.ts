import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { builtFiles } from '../foundation/system/built-files.ts';
import { packageRoot } from '../foundation/system/package-root.ts';

export const root = packageRoot();

export { packageVersion } from '../foundation/system/set-up.ts';

/** What BLAS the built files bring: its name, and the library that puts it before MLX's. */
export function builtBlas(): { readonly name: string | null; readonly shim: string | null } {
  const files = builtFiles(root);
  return { name: files?.blas ?? null, shim: files?.blasShim ?? null };
}

/** The field of what set-up wrote of this machine. */
export function setupField(field: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(root, 'build', 'setup.json'), 'utf8'))[field];
  } catch {
    return undefined;
  }
}
