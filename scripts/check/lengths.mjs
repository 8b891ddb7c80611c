// Says which source files are longer than a reader can hold in mind.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../setup/paths.mjs';

/** The limit of every source file, generated ones too. */
export const MOST_LINES = 400;
const SOURCES = ['ts', 'mts', 'cts', 'mjs', 'cjs', 'js', 'py', 'cc', 'h'];

/** The tracked files of a folder that are source and have more lines than they may, the longest first. */
export function overlongFiles(folder, most = MOST_LINES) {
  const patterns = SOURCES.map((ending) => `*.${ending}`);
  const options = { cwd: folder, encoding: 'utf8', maxBuffer: 2 ** 26 };
  return execFileSync('git', ['ls-files', '-z', '--', ...patterns], options)
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(folder, path)))
    .map((path) => ({ path, lines: linesOf(readFileSync(join(folder, path), 'utf8')) }))
    .filter(({ lines }) => lines > most)
    .sort((one, other) => other.lines - one.lines);
}

function linesOf(text) {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const overlong = overlongFiles(root);
  for (const { path, lines } of overlong) {
    console.error(`${path} has ${lines} lines, expected at most ${MOST_LINES}: split it by what its parts are about`);
  }
  process.exitCode = overlong.length === 0 ? 0 : 1;
}
