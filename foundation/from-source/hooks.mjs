// Hooks of Node's module loader, which run in a thread of their own.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { threadId } from 'node:worker_threads';

const TYPESCRIPT = /\.m?ts$/;
const ROOT = new URL('../../', import.meta.url);
/** One file for each source: the digest of what it was made from, then the JavaScript. */
const CACHE = new URL('build/from-source/', ROOT);
const require = createRequire(import.meta.url);

const OPTIONS = { loader: 'ts', format: 'esm', target: 'node20', sourcemap: 'inline', sourcesContent: false };
const { version } = require('esbuild/package.json');

const digest = (text) => createHash('sha1').update(text).digest('hex');
const HOW = JSON.stringify([OPTIONS, version]);

function compiled(url, source) {
  return require('esbuild').transformSync(source, { ...OPTIONS, sourcefile: fileURLToPath(url) }).code;
}

function keep(file, text) {
  // Other processes read it, and may write the same just now.
  const draft = new URL(`${file.href}.${process.pid}.${threadId}`);
  try {
    mkdirSync(CACHE, { recursive: true });
    writeFileSync(draft, text);
    renameSync(draft, file);
  } catch {
    // In a checkout that nobody may write to, each process compiles for itself.
  }
}

function javascript(url) {
  const source = readFileSync(new URL(url), 'utf8');
  if (!url.startsWith(ROOT.href)) return compiled(url, source);
  const key = digest(HOW + source);
  const file = new URL(`${digest(url)}.js`, CACHE);
  try {
    const kept = readFileSync(file, 'utf8');
    if (kept.startsWith(key)) return kept.slice(key.length);
  } catch {
    // It is the first time.
  }
  const code = compiled(url, source);
  keep(file, key + code);
  return code;
}

/** The sources name each other by their whole file names: nothing is to be looked for. */
export function resolve(specifier, context, next) {
  if (!specifier.startsWith('.') || !TYPESCRIPT.test(specifier) || context.parentURL === undefined)
    return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: 'module', shortCircuit: true };
}

export function load(url, context, next) {
  if (!url.startsWith('file:') || !TYPESCRIPT.test(url)) return next(url, context);
  return { format: 'module', source: javascript(url), shortCircuit: true };
}
