import { createHash } from 'node:crypto';
import type { Document } from '../shared/documents.ts';

export interface Passage {
  readonly file: string;
  /** The headings that it stands under: `Memory › Sessions`. */
  readonly heading: string;
  readonly text: string;
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
