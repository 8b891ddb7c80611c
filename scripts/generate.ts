import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { formatted } from './generate/format.ts';
import { generatedFiles } from './generate/modules.ts';

/** Writes `mlx/generated` from the catalogue; with `--check` only says whether it is up to date. */
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

if (check) {
  const wrong = [...stale.map(([path]) => path), ...surplus];
  if (wrong.length > 0) {
    console.error(`mlx/generated is not what the catalogue says: ${wrong.join(', ')}\nRun: npm run generate`);
    process.exit(1);
  }
  console.log(`mlx/generated is up to date (${wanted.size} files, ${CATALOGUE.length} operations)`);
} else {
  for (const path of surplus) rmSync(join(folder, path));
  for (const [path, text] of stale) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  console.log(`mlx/generated: ${stale.length} of ${wanted.size} files written, ${surplus.length} removed`);
}
