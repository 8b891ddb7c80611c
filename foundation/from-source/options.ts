import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { packageRoot } from '../system/package-root.ts';

/**
 * Options of Node that let it run a program of this checkout from its TypeScript source, wherever it is started. The loader
 * itself is not built: where this file is, it stands beside the source.
 */
export const SOURCE_OPTIONS: readonly string[] = [
  '--import',
  pathToFileURL(join(packageRoot(), 'foundation', 'from-source', 'register.mjs')).href,
];
