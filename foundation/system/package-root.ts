import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

function nameIn(folder: string): unknown {
  try {
    return (JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { name?: unknown } | null)?.name;
  } catch {
    return undefined;
  }
}

/**
 * The nearest folder above this file that holds the package, from the source as from `dist`. In a bundle, where this
 * file is a part of another, the package that is installed for the bundle; where there is none, the folder that the search
 * began in.
 */
export function packageRoot(from: string = ownFolder()): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (nameIn(folder) === 'mlx-router') return folder;
    if (folder === dirname(folder)) break;
  }
  return installedFor(from) ?? installedFor(process.cwd()) ?? from;
}

/** A bundle in the form of CommonJS has no `import.meta.url`. */
function ownFolder(): string {
  const url: string | undefined = import.meta.url;
  if (url !== undefined) return dirname(fileURLToPath(url));
  return typeof __dirname === 'string' ? __dirname : process.cwd();
}

function installedFor(folder: string): string | null {
  try {
    return dirname(createRequire(join(folder, 'bundle.js')).resolve('mlx-router/package.json'));
  } catch {
    return null;
  }
}
