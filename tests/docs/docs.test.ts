import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it, test } from 'vitest';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { writeTinyModel } from '../../lm/test-support/tiny-model.ts';
import { blocksOf, expectedOutput, slugsOf } from './pages.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** The package's entries, and their sources. */
const ENTRIES: Readonly<Record<string, string>> = {
  'mlx-router': 'mlx/index.ts',
  'mlx-router/nn': 'mlx/nn/index.ts',
  'mlx-router/optimizers': 'mlx/optimizers/index.ts',
  'mlx-router/utils': 'mlx/utils/index.ts',
  'mlx-router/lm': 'lm/index.ts',
  'mlx-router/lm/models': 'lm/models/index.ts',
  'mlx-router/lm/serve': 'lm/serve/index.ts',
  'mlx-router/unsafe': 'mlx/unsafe.ts',
  'mlx-router/parity': 'parity-tests/index.ts',
};
const entry = pathToFileURL(join(root, ENTRIES['mlx-router'] as string)).href;
const require = createRequire(import.meta.url);
const work = mkdtempSync(join(tmpdir(), 'mlx-router-docs-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

// A reader has the packages that the pages import.
symlinkSync(join(root, 'node_modules'), join(work, 'node_modules'));

const markdown = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join(folder, path));
const names = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md', ...markdown('docs')].filter((name) =>
  existsSync(join(root, name)),
);
const pages = names.map((name) => ({ name, text: readFileSync(join(root, name), 'utf8') }));
const runnable = pages.flatMap(({ name, text }) => {
  const blocks = blocksOf(text).filter(({ skipped }) => !skipped);
  return blocks.some(({ language }) => language === 'ts') ? [{ name, blocks }] : [];
});

/** Between the outputs of two blocks, on a line of its own. */
const MARK = '-- next block --';

/** The code with the sources of the package's entries, below that place. */
function imported(code: string, below: string): string {
  return code.replaceAll(/from '(mlx-router[^']*)'/g, (text, name: string) => {
    const source = ENTRIES[name];
    return source === undefined ? text : `from '${below}/${source}'`;
  });
}

/** Runs the blocks of a page one after the other in one process, as a reader would; its Python files lie beside them. */
function runPage(name: string, blocks: ReturnType<typeof blocksOf>): SpawnSyncReturns<string> {
  const folder = join(work, name.replaceAll(/\W/g, '-'));
  mkdirSync(folder);
  // What pages on language models call the folder of a model.
  if (blocks.some(({ code }) => code.includes('./tiny-model'))) writeTinyModel(join(folder, 'tiny-model'));
  const steps: string[] = [];
  for (const { language, line, code, fileName } of blocks) {
    if (language === 'python' && fileName !== undefined) writeFileSync(join(folder, fileName), code);
    if (language !== 'ts') continue;
    const file = `line-${line}.mts`;
    writeFileSync(join(folder, file), imported(code, pathToFileURL(root).href.replace(/\/$/, '')));
    steps.push(`await import('./${file}');`, `console.log(${JSON.stringify(MARK)});`);
  }
  const program = [`import { shutdown } from '${entry}';`, ...steps, 'await shutdown();'].join('\n');
  writeFileSync(join(folder, 'page.mts'), program);
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, MLX_ROUTER_ADDON: undefined };
  return spawnSync(process.execPath, [...SOURCE_OPTIONS, 'page.mts'], {
    cwd: folder,
    env,
    encoding: 'utf8',
    timeout: 110_000,
  });
}

describe('every TypeScript snippet runs and prints what it says', () => {
  for (const { name, blocks } of runnable) {
    it(name, () => {
      const { status, stdout, stderr } = runPage(name, blocks);
      const printed = stdout.split(`${MARK}\n`);
      const snippets = blocks.filter(({ language }) => language === 'ts');
      for (const [i, { line, code }] of snippets.entries()) {
        const expected = expectedOutput(code);
        if (expected === undefined || i >= printed.length - 1) continue;
        expect(printed[i]?.trimEnd(), `${name}:${line}`).toBe(expected);
      }
      expect({ status, stderr, ran: printed.length - 1 }, `${name}: ${stderr}`).toEqual({
        status: 0,
        stderr: '',
        ran: snippets.length,
      });
    });
  }
});

test('the snippets type-check', { timeout: 900_000 }, () => {
  const folder = mkdtempSync(join(root, 'build', 'docs-types-'));
  try {
    for (const { name, blocks } of runnable) {
      for (const { language, line, code } of blocks) {
        if (language !== 'ts') continue;
        const source = imported(code, '../..');
        writeFileSync(join(folder, `${name.replaceAll(/\W/g, '-')}-${line}.mts`), `${source}\nexport {};\n`);
      }
    }
    const options = { allowImportingTsExtensions: true, skipLibCheck: true };
    const config = { extends: '../../tsconfig.json', compilerOptions: options, include: ['*.mts'], exclude: [] };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const compiler = require.resolve('typescript/lib/tsc.js');
    const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder], { cwd: root, encoding: 'utf8' });
    const ours = stdout.split('\n').filter((text) => text.includes('docs-types-'));
    expect(ours).toEqual([]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('every link leads somewhere', () => {
  for (const { name, text } of pages) {
    it(name, () => {
      const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] as string);
      const broken = links.filter((link) => {
        if (/^[a-z]+:/.test(link)) return false;
        const [path = '', anchor] = link.split('#');
        const target = path === '' ? join(root, name) : resolve(root, dirname(name), path);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !slugsOf(readFileSync(target, 'utf8')).includes(anchor);
      });
      expect(broken).toEqual([]);
    });
  }
});

test('pages name no path of a machine', () => {
  const found = pages
    .filter(({ text }) => /(^|[\s('"`])\/(home|root|work|Users)\//m.test(text))
    .map(({ name }) => name);
  expect(found.map((name) => relative('.', name))).toEqual([]);
});
