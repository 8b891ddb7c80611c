import { existsSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from './package-root.ts';

/**
 * The file of a program of the package that runs in a thread or a process of its own, such as `parity-tests/child`: as
 * source, compiled by itself, or compiled into files that share their parts, as whoever asks is.
 */
export function ownProgram(name: string, url: string | null | undefined = import.meta.url): string {
  if (url?.startsWith('file:')) {
    const own = fileURLToPath(url);
    for (let folder = dirname(own); folder !== dirname(folder); folder = dirname(folder)) {
      const file = join(folder, `${name}${extname(own)}`);
      if (existsSync(file)) return file;
      // What lies above a package is another's.
      if (existsSync(join(folder, 'package.json'))) break;
    }
  }
  // A bundle of an application has no such file beside it: the installed package has.
  return join(packageRoot(), 'dist', `${name}.js`);
}
