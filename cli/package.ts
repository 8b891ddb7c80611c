import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../foundation/system/package-root.ts';

export const root = packageRoot();

export function packageVersion(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** The field of what set-up wrote of this machine. */
export function setupField(field: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(root, 'build', 'setup.json'), 'utf8'))[field];
  } catch {
    return undefined;
  }
}
