import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { formatted } from './generate/format.ts';
import { generatedFiles } from './generate/modules.ts';
import { withStatus } from './generate/status.ts';

/** Writes `mlx/generated` and the table of README.md from the catalogue; `--check` only says whether they are up to date. */
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const folder = join(root, 'mlx', 'generated');
const check = process.argv.includes('--check');

const wanted = new Map([...generatedFiles(CATALOGUE)].map(([path, text]) => [path, formatted(text, root)]));
const present = existsSync(folder)
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'))
  : [];
const surplus = present.filter((path) => !wanted.has(path));
const stale = [...wanted].filter(([path, text]) => {
  const file = join(folder, path);
  return !existsSync(file) || readFileSync(file, 'utf8') !== text;
});

const readme = join(root, 'README.md');
const page = readFileSync(readme, 'utf8');
const wantedPage = withStatus(page, CATALOGUE);

if (check) {
  const files = [...stale.map(([path]) => path), ...surplus].map((path) => `mlx/generated/${path}`);
  const wrong = page === wantedPage ? files : [...files, 'README.md'];
  if (wrong.length > 0) {
    console.error(`Not what the catalogue says: ${wrong.join(', ')}\nRun: npm run generate`);
    process.exit(1);
  }
  console.log(`mlx/generated and README.md are up to date (${wanted.size} files, ${CATALOGUE.length} operations)`);
} else {
  for (const path of surplus) rmSync(join(folder, path));
  for (const [path, text] of stale) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  if (page !== wantedPage) writeFileSync(readme, wantedPage);
  console.log(`mlx/generated: ${stale.length} of ${wanted.size} files written, ${surplus.length} removed`);
}
