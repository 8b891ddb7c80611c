#!/usr/bin/env node
// `npm run build`: compiles the product, from scratch, so that nothing of a deleted file stays behind: each source to a
// module below build/modules, and these to the few files of dist/, which is published (ADR 0050). With `--noCheck` types are
// not checked, for a caller that has checked them; `--modules` and `--out` name other folders.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { root } from './setup/paths.mjs';

const LIBRARY = 'mlx/index';
const THREAD = 'python-bridge/io-thread/thread';
/** What runs in a thread or a process of its own; `ownProgram` looks for it. */
const PROGRAMS = [THREAD, 'parity-tests/child', 'parity-tests/modules/child', 'bench/child'];

const { values } = parseArgs({
  options: {
    noCheck: { type: 'boolean', default: false },
    modules: { type: 'string', default: join(root, 'build', 'modules') },
    out: { type: 'string', default: join(root, 'dist') },
  },
});
const [modules, out] = [resolve(values.modules), resolve(values.out)];

function compile() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const options = ['-p', 'tsconfig.build.json', '--outDir', modules, '--declarationDir', out];
  if (values.noCheck) options.push('--noCheck');
  return spawnSync(process.execPath, [tsc, ...options], { cwd: root, stdio: 'inherit' }).status ?? 1;
}

/** The names of the modules that a user of the package, its command or one of its programs begins with. */
function entries() {
  const { bin, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const published = [...Object.values(exports), ...Object.values(bin)].map((entry) => entry.default ?? entry);
  const compiled = published.filter((path) => path.endsWith('.js')).map((path) => relative('dist', path));
  return [...compiled.map((path) => path.replace(/\.js$/, '')), ...PROGRAMS];
}

/** Modules with the maps that lead from them to their sources. */
const mapped = {
  name: 'mapped',
  load(id) {
    if (!existsSync(`${id}.map`)) return null;
    return { code: readFileSync(id, 'utf8'), map: readFileSync(`${id}.map`, 'utf8') };
  },
};

/** What each module imports, noted while they are read. */
const imports = new Map();
const noted = {
  name: 'noted',
  moduleParsed: ({ id, importedIds }) => void imports.set(id, importedIds),
};

/** The modules that an entry imports by and by. */
function closure(entry) {
  const found = new Set([join(modules, `${entry}.js`)]);
  for (const id of found) for (const one of imports.get(id) ?? []) found.add(one);
  return found;
}

/**
 * The library is as few files as can be, since Node takes half a millisecond for each: what the I/O thread needs of it too,
 * what the command needs before it knows whether it needs the library, and the rest.
 */
function parts() {
  const needs = {};
  const isNeeded = (id, by) => {
    needs[by] ??= closure(by);
    return needs[by].has(id);
  };
  const part = (name, priority, by) => ({
    name,
    priority,
    test: (id) => isNeeded(id, LIBRARY) && isNeeded(id, by),
  });
  return [part('thread', 3, THREAD), part('command', 2, 'cli/main'), part('library', 1, LIBRARY)];
}

/** Entries share what they have in common, so a program that imports two of them has one router. */
async function bundle() {
  const bundled = await rolldown({
    input: Object.fromEntries(entries().map((name) => [name, join(modules, `${name}.js`)])),
    platform: 'node',
    // Packages stay outside.
    external: /^[^./]/,
    plugins: [mapped, noted],
  });
  await bundled.write({
    dir: out,
    format: 'esm',
    codeSplitting: { groups: parts() },
    chunkFileNames: 'parts/[name]-[hash].js',
    // Users see the names of classes and functions, and two modules may have the same.
    keepNames: true,
    // They are in the declarations.
    comments: { jsdoc: false },
    sourcemap: true,
    sourcemapExcludeSources: true,
  });
}

for (const folder of [modules, out]) rmSync(folder, { recursive: true, force: true });
process.exitCode = compile();
if (process.exitCode === 0) {
  await bundle();
  chmodSync(join(out, 'cli', 'main.js'), 0o755);
}
