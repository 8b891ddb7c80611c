// Tables of figures that programs write into a page of the documentation.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../foundation/system/package-root.ts';

const PAGE = join(packageRoot(), 'docs', 'performance.md');

/** The page with another text between the two marks. @throws Error where it has not both, in this order */
export function between(page: string, [begin, end]: readonly [string, string], text: string): string {
  const [before, after] = [page.indexOf(begin), page.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`the page has not both ${begin} and ${end}`);
  return `${page.slice(0, before + begin.length)}\n\n${text}\n\n${page.slice(after)}`;
}

/** Writes the text into docs/performance.md, between the marks there. */
export function writeBetween(marks: readonly [string, string], text: string): void {
  writeFileSync(PAGE, between(readFileSync(PAGE, 'utf8'), marks, text));
}
