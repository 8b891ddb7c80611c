import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { UsageError } from '../command.ts';
import { root } from '../package.ts';

const JAVASCRIPT = /\.[cm]?js$/;
const TYPESCRIPT = /\.[cm]?ts$/;

/** The command that runs a program: Node's where it is a file of JavaScript or TypeScript, else the command itself. */
export function commandOf([program, ...args]: readonly string[]): string[] {
  if (program === undefined) throw new UsageError('expected a program to start; see mlx-router launch --help');
  const isTypeScript = TYPESCRIPT.test(program);
  if (!isTypeScript && !JAVASCRIPT.test(program)) return [program, ...args];
  if (!existsSync(program)) throw new UsageError(`there is no program "${program}"`);
  return [process.execPath, ...(isTypeScript ? typeScriptOptions(program) : []), program, ...args];
}

/** What lets Node run the file. In a checkout of this library that is its own, which starts in less time than tsx. */
function typeScriptOptions(program: string): readonly string[] {
  const isOurs = !relative(root, resolve(program)).startsWith('..');
  if (isOurs && existsSync(new URL(SOURCE_OPTIONS[1] as string))) return SOURCE_OPTIONS;
  for (const place of [resolve(program), resolve('package.json')]) {
    try {
      return ['--import', pathToFileURL(createRequire(place).resolve('tsx')).href];
    } catch {
      // It is not installed there.
    }
  }
  // Node that takes the types out by itself says so.
  if ('typescript' in process.features && process.features.typescript) return [];
  throw new UsageError(`"${program}" is TypeScript, which this Node runs with tsx: npm install --save-dev tsx`);
}
