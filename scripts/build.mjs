#!/usr/bin/env node
// `npm run build`: compiles the product, from scratch, so that nothing of a deleted file stays behind: each source to a
// module below build/modules, and these to the few files of dist/, which is published (ADR 0049). With `--noCheck` types are
// not checked, for a caller that has checked them; `--modules` and `--out` name other folders.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rolldown } from 'rolldown';
import { root } from './setup/paths.mjs';

/** What runs in a thread or a process of its own; `ownProgram` looks for it. */
const PROGRAMS = ['python-bridge/io-thread/thread', 'parity-tests/child', 'parity-tests/modules/child', 'bench/child'];

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

/** Entries share what they have in common, so a program that imports two of them has one router. */
async function bundle() {
  const bundled = await rolldown({
    input: Object.fromEntries(entries().map((name) => [name, join(modules, `${name}.js`)])),
    platform: 'node',
    // Packages stay outside.
    external: /^[^./]/,
    plugins: [mapped],
  });
  await bundled.write({
    dir: out,
    format: 'esm',
    chunkFileNames: 'parts/[name]-[hash].js',
    // Users see the names of classes and functions, and two modules may have the same.
    keepNames: true,
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
