import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { FileError } from '../../mlx/index.ts';

export interface Document {
  /** The path from the folder's parent: `docs/memory.md`. */
  readonly file: string;
  readonly text: string;
}

export interface Passage {
  readonly file: string;
  /** The headings that it stands under: `Memory › Sessions`. */
  readonly heading: string;
  readonly text: string;
}

/** All .md and .txt files of the folders, and with `recursive` of those inside. Those that are empty are left out.
 * @throws FileError if a folder cannot be read, or there is no text in any. */
export async function readDocuments(folders: readonly string[], recursive: boolean): Promise<Document[]> {
  const documents = (await Promise.all(folders.map((folder) => documentsOf(folder, recursive)))).flat();
  if (documents.length > 0) return documents;
  throw new FileError(`there is no .md or .txt file with text in ${folders.join(', ')}`);
}

async function documentsOf(folder: string, recursive: boolean): Promise<Document[]> {
  try {
    const entries = await readdir(folder, { recursive, withFileTypes: true });
    const paths = entries
      .filter((entry) => entry.isFile() && /\.(md|txt)$/i.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
    const documents = paths.map(async (path) => ({
      file: join(basename(folder), relative(folder, path)),
      text: await readFile(path, 'utf8'),
    }));
    return (await Promise.all(documents)).filter(({ text }) => text.trim() !== '');
  } catch (error) {
    throw new FileError(`${folder} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Tells texts from others, so that an index is made again when they change. */
export function digestOf(documents: readonly Document[]): string {
  return createHash('sha256').update(JSON.stringify(documents)).digest('hex');
}

/** The parts of a text of which each fits into what a model reads at once, under their headings. */
export function passagesOf({ file, text }: Document, fits: (text: string) => boolean): Passage[] {
  return sectionsOf(text).flatMap(({ heading, text }) =>
    [...packed(text, (part) => fits(embeddedText({ heading, text: part })))].map((part) => ({
      file,
      heading,
      text: part,
    })),
  );
}

/** What the model reads of a passage. */
export function embeddedText({ heading, text }: Pick<Passage, 'heading' | 'text'>): string {
  return heading === '' ? text : `${heading}\n${text}`;
}

/** A Markdown text, divided at its headings; lines of code that begin with # are none. */
function sectionsOf(text: string): { heading: string; text: string }[] {
  const sections = [{ heading: '', text: '' }];
  const headings: string[] = [];
  let isCode = false;
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('```')) isCode = !isCode;
    const [, marks, title] = (!isCode && /^(#{1,6}) +(.+)$/.exec(line)) || [];
    if (marks === undefined || title === undefined) {
      (sections.at(-1) as { text: string }).text += `${line}\n`;
    } else {
      headings.length = Math.min(headings.length, marks.length - 1);
      headings.push(title);
      sections.push({ heading: headings.join(' › '), text: '' });
    }
  }
  return sections.map(({ heading, text }) => ({ heading, text: text.trim() })).filter(({ text }) => text !== '');
}

/** Paragraphs joined as long as they fit; what is too long by itself is divided at its lines, then at its words. */
function* packed(text: string, fits: (text: string) => boolean, separators = ['\n\n', '\n', ' ']): Generator<string> {
  const [separator, ...finer] = separators;
  if (separator === undefined || fits(text)) {
    yield text;
    return;
  }
  let joined = '';
  for (const part of text.split(separator)) {
    if (part.trim() === '') continue;
    const longer = joined === '' ? part : joined + separator + part;
    if (fits(longer)) {
      joined = longer;
      continue;
    }
    if (joined !== '') yield joined;
    joined = fits(part) ? part : '';
    if (joined === '') yield* packed(part, fits, finer);
  }
  if (joined !== '') yield joined;
}

/** So many sentences of the passages, from everywhere among them. */
export function sentencesOf(passages: readonly Passage[], count: number): string[] {
  const all = passages.flatMap(({ text }) => text.match(/\p{Lu}[^.!?|`]{20,200}[.!?](?=\s|$)/gu) ?? []);
  const sentences = all.length > 0 ? all : passages.map(({ text }) => text);
  const step = Math.max(1, sentences.length / count);
  return Array.from({ length: Math.min(count, sentences.length) }, (_, i) => sentences[Math.floor(i * step)] as string);
}
