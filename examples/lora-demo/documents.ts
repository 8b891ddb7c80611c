import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Every so many texts one is kept for validation. */
const VALIDATED = 8;
/** About what 160 tokens are. */
const CHARACTERS = 500;

/** The paragraphs of a page, put together to texts of about one length; each begins with the title of the page. */
function textsOf(page: string): string[] {
  const [title = '', ...paragraphs] = page.split(/\n{2,}/).map((text) => text.trim());
  const texts: string[] = [];
  let text = '';
  for (const paragraph of paragraphs) {
    text += `\n\n${paragraph}`;
    if (text.length < CHARACTERS) continue;
    texts.push(title + text);
    text = '';
  }
  return texts;
}

/** Writes `train.jsonl` and `valid.jsonl` from the Markdown pages of a folder. Gives how many lines each has. */
export async function writeDatasets(documents: string, folder: string) {
  const names = (await readdir(documents)).filter((name) => name.endsWith('.md')).sort();
  const pages = await Promise.all(names.map((name) => readFile(join(documents, name), 'utf8')));
  const texts = pages.flatMap(textsOf);
  const sets = {
    train: texts.filter((_, index) => index % VALIDATED !== 0),
    valid: texts.filter((_, index) => index % VALIDATED === 0),
  };
  await mkdir(folder, { recursive: true });
  for (const [name, lines] of Object.entries(sets)) {
    await writeFile(join(folder, `${name}.jsonl`), lines.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  }
  return { train: sets.train.length, valid: sets.valid.length };
}
