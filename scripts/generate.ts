import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { formatted } from './generate/format.ts';
import { parityOf, publicModuleNames } from './generate/module-parity.ts';
import { generatedFiles } from './generate/modules.ts';
import { referencePages } from './generate/reference.ts';
import { hostPage } from './generate/reference-host.ts';
import { modelsPage } from './generate/reference-models.ts';
import { modulePages } from './generate/reference-modules.ts';
import { withSettings } from './generate/settings.ts';
import { withStatus } from './generate/status.ts';

/**
 * Writes `mlx/generated`, `docs/reference` and the table of README.md from the catalogue, the pages of `nn`, `optimizers`
 * and `utils` from their sources and rows of parity, and the tables of docs/configuration.md from the settings; `--check` only says whether they are up to date.
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const check = process.argv.includes('--check');

/** Folders that hold nothing else; the other pages hold more. */
const FOLDERS = ['mlx/generated', 'docs/reference'];
const wanted = new Map<string, string>();
for (const [path, text] of generatedFiles(CATALOGUE, (text) => formatted(text, root)))
  wanted.set(`mlx/generated/${path}`, text);
for (const [path, text] of referencePages(CATALOGUE)) wanted.set(`docs/reference/${path}`, text);
wanted.set('docs/reference/host.md', hostPage(root));
for (const [path, text] of modulePages(root, publicModuleNames(), parityOf)) wanted.set(`docs/reference/${path}`, text);
wanted.set('docs/reference/models.md', formatted(modelsPage(), root, 'md'));
const page = (path: string) => readFileSync(join(root, path), 'utf8');
wanted.set('README.md', withStatus(page('README.md'), CATALOGUE));
wanted.set('docs/configuration.md', formatted(withSettings(page('docs/configuration.md'), root), root, 'md'));

const present = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.(ts|md)$/.test(path))
    .map((path) => `${folder}/${path.replaceAll('\\', '/')}`),
);
const surplus = present.filter((path) => !wanted.has(path));
const stale = [...wanted].filter(([path, text]) => {
  const file = join(root, path);
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
});

if (check) {
  const wrong = [...stale.map(([path]) => path), ...surplus];
  if (wrong.length > 0) {
    console.error(`Not what the sources say: ${wrong.join(', ')}\nRun: npm run generate`);
    process.exit(1);
  }
  console.log(`${wanted.size} generated files are up to date (${CATALOGUE.length} operations)`);
} else {
  for (const path of surplus) rmSync(join(root, path));
  for (const [path, text] of stale) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(`${stale.length} of ${wanted.size} generated files written, ${surplus.length} removed`);
}
