import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const FROM_SOURCE = import.meta.url.endsWith('.ts');

/** In a checkout Node needs the loader that this process has, however it was started. */
export const CHILD_OPTIONS = FROM_SOURCE
  ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
  : process.execArgv;

/** The program `child` beside the module of that address. */
export function childBeside(url: string): string {
  return fileURLToPath(new URL(FROM_SOURCE ? './child.ts' : './child.js', url));
}
