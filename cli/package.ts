import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../registry/package-root.ts';

export const root = packageRoot();

export function packageVersion(): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/** How the set-up is run here: a checkout has its sources, an installed package has not. */
export const SETUP = existsSync(join(root, 'cli', 'main.ts')) ? 'npm run setup' : 'npx mlx-router-setup';

/** With options, which npm wants behind two dashes. */
export function setUpWith(options: string): string {
  return SETUP.startsWith('npm run') ? `${SETUP} -- ${options}` : `${SETUP} ${options}`;
}

/** The field of what set-up wrote of this machine. */
export function setupField(field: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(root, 'build', 'setup.json'), 'utf8'))[field];
  } catch {
    return undefined;
  }
}
