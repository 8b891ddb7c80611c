import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** Whether the library runs in its own sources: an installed package has none. */
export function isCheckout(): boolean {
  return existsSync(join(packageRoot(), 'cli', 'main.ts'));
}

export function packageVersion(): string {
  return JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')).version;
}

/** How the set-up is run here, with these options. */
export function setUpCommand(options = ''): string {
  const given = options === '' ? '' : ` ${options}`;
  if (!isCheckout()) return `npx mlx-router setup${given}`;
  // npm wants options behind two dashes.
  return `npm run setup${given && ` --${given}`}`;
}

/** How the workers' Python is made here: beside an installed package nothing has to be built for it. */
export function pythonCommand(options = '', checkout = isCheckout()): string {
  return checkout ? setUpCommand(options) : 'npx mlx-router python install';
}
