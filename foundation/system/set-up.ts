import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** How the set-up is run here, with these options: a checkout has its sources, an installed package has not. */
export function setUpCommand(options = ''): string {
  const given = options === '' ? '' : ` ${options}`;
  if (!existsSync(join(packageRoot(), 'cli', 'main.ts'))) return `npx mlx-router setup${given}`;
  // npm wants options behind two dashes.
  return `npm run setup${given && ` --${given}`}`;
}
