import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const FROM_SOURCE = import.meta.url.endsWith('.ts');

/** In a checkout Node needs the loader that this process has, however it was started. */
export const CHILD_OPTIONS = FROM_SOURCE
  ? ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href]
  : process.execArgv;
