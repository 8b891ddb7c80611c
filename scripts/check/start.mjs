// What an import of the packed library loads. Each file takes Node half a millisecond, and other things that a first
// result does not need takes milliseconds to tens of them (ADR 0050).
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The library, its parts, and msgpackr. */
const MOST_FILES = 10;
const MOST_BYTES = 900_000;

/** The program for a folder where the package is installed; it fails where more is loaded. */
export const program = `
import { Session } from 'node:inspector';
const builtins = new Set(process.moduleLoadList);
const session = new Session();
session.connect();
session.post('Debugger.enable');
const files = [];
session.on('Debugger.scriptParsed', ({ params: { url, length } }) => {
  if (/^(file:|\\/)/.test(url)) files.push({ url, length });
});
const { core: mx } = await import('mlx-router');
if (mx.add(mx.array([1, 2]), 1).index(1).item() !== 3) throw new Error('wrong number');
const bytes = files.reduce((sum, { length }) => sum + length, 0);
const list = files.map(({ url, length }) => length + ' ' + url).join('\\n');
if (files.length < 2) throw new Error('the files that were loaded cannot be seen');
if (files.length > ${MOST_FILES} || bytes > ${MOST_BYTES}) throw new Error('an import loads too much:\\n' + list);
const late = ['child_process', 'crypto', 'zlib'].map((name) => 'NativeModule ' + name);
const early = process.moduleLoadList.filter((name) => late.includes(name) && !builtins.has(name));
if (early.length > 0) throw new Error('an import loads ' + early);
`;

/** The files that the file imports by and by, dynamic imports left out. */
function imported(file, found = new Set()) {
  if (found.has(file)) return found;
  found.add(file);
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^'"]*['"](\.[^'"]+)['"]/gm)) {
    imported(join(dirname(file), path), found);
  }
  return found;
}

/** The I/O thread would have a router of its own, and `doctor` could not say why the library does not load. */
export function checkParts(dist) {
  const isLibrary = (file) => /\/library-[^/]*$/.test(file);
  if (![...imported(join(dist, 'mlx', 'index.js'))].some(isLibrary)) throw new Error('there is no part "library"');
  for (const program of ['python-bridge/io-thread/thread.js', 'cli/main.js']) {
    if ([...imported(join(dist, program))].some(isLibrary)) throw new Error(`dist/${program} loads the whole library`);
  }
}
