import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ConfigurationError } from '../errors/errors.ts';
import { packageRoot } from './package-root.ts';

/**
 * Makes sure of a package that only some programs need, and who needs it installs.
 *
 * @throws ConfigurationError that names the package and the command which installs it.
 */
export function requirePackage(name: string, range: string, purpose: string, root: string = packageRoot()): void {
  try {
    createRequire(join(root, 'package.json')).resolve(name);
  } catch {
    throw new ConfigurationError(`${purpose} needs the package "${name}": run "npm install ${name}@${range}"`);
  }
}
