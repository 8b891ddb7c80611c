export interface Block {
  readonly language: string;
  /** Of the first line of code, counted from 1. */
  readonly line: number;
  readonly code: string;
  /** What a first line `# name.py` calls it. */
  readonly fileName: string | undefined;
  /** Whether `<!-- not run: reason -->` stands above it. */
  readonly skipped: boolean;
}

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): Block[] {
  const blocks: Block[] = [];
  const lines = page.split('\n');
  for (let i = 0; i < lines.length; i++) {
    const language = /^```(\w+)$/.exec(lines[i] as string)?.[1];
    if (language === undefined) continue;
    const end = lines.indexOf('```', i + 1);
    if (end === -1) throw new Error(`the block that begins at line ${i + 1} has no end`);
    const code = lines.slice(i + 1, end).join('\n');
    const above = lines.slice(0, i).filter((line) => line.trim() !== '');
    const skipped = /^<!-- not run: .+ -->$/.test(above.at(-1) ?? '');
    const fileName = /^# (\w+\.py)$/m.exec(code.split('\n', 1)[0] as string)?.[1];
    blocks.push({ language, line: i + 2, code, fileName, skipped });
    i = end;
  }
  return blocks;
}

/** What the `// → …` comments of the code say that it prints, all of it; undefined where there is none. */
export function expectedOutput(code: string): string | undefined {
  const printed: string[] = [];
  let going = false;
  for (const line of code.split('\n')) {
    const first = /\/\/ → (.*)$/.exec(line)?.[1];
    const more: string | undefined = going ? /^\/\/ {3}(.*)$/.exec(line)?.[1] : undefined;
    going = first !== undefined || more !== undefined;
    if (first !== undefined) printed.push(first);
    else if (more !== undefined) printed.push(more);
  }
  return printed.length === 0 ? undefined : printed.join('\n').trimEnd();
}

/** The anchors of a page's headings, as GitHub makes them. */
export function slugsOf(page: string): string[] {
  return [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
