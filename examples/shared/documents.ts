import { readdir, readFile } from 'node:fs/promises';
import { basename, join, relative } from 'node:path';
import { FileError } from '../../mlx/index.ts';

export interface Document {
  /** The path from the folder's parent: `docs/memory.md`. */
  readonly file: string;
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

/** So many sentences of the texts, from everywhere among them; an empty line ends what stands before it. */
export function sentencesOf(texts: readonly string[], count: number): string[] {
  const all = texts.flatMap((text) => text.match(/\p{Lu}(?:[^.!?|`\n]|\n(?!\r?\n)){20,200}[.!?](?=\s|$)/gu) ?? []);
  const sentences = all.length > 0 ? all : texts;
  const step = Math.max(1, sentences.length / count);
  return Array.from({ length: Math.min(count, sentences.length) }, (_, i) => sentences[Math.floor(i * step)] as string);
}
