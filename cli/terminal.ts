import { stripVTControlCharacters } from 'node:util';

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'bold';

const CODES: Readonly<Record<Colour, readonly [open: number, close: number]>> = {
  green: [32, 39],
  yellow: [33, 39],
  red: [31, 39],
  dim: [2, 22],
  bold: [1, 22],
};
const WIDEST = 119;

/** Only where a person looks and has not asked for plain text. */
function isColoured(stream: NodeJS.WriteStream = process.stdout): boolean {
  return stream.isTTY === true && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
}

export function paint(text: string, colour: Colour): string {
  const [open, close] = CODES[colour];
  return isColoured() ? `\u001b[${open}m${text}\u001b[${close}m` : text;
}

function visibleLength(text: string): number {
  return stripVTControlCharacters(text).length;
}

export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Aligned columns, no lines; the last column gives way where the whole is too wide. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, i) =>
    Math.max(title.length, ...rows.map((row) => visibleLength(row[i] ?? ''))),
  );
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0);
  const available = Math.min(process.stdout.columns ?? WIDEST, WIDEST);
  widths[last] = Math.max(12, Math.min(widths[last] ?? 0, available - before));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => {
        const width = widths[i] as number;
        const text = i === last ? shorten(cell, width) : cell;
        const gap = ' '.repeat(Math.max(0, width - visibleLength(text)));
        return columns[i]?.right ? gap + text : text + gap;
      })
      .join('  ')
      .trimEnd();
  return [paint(line(columns.map(({ title }) => title)), 'dim'), ...rows.map(line)].join('\n');
}

function shorten(text: string, width: number): string {
  return visibleLength(text) <= width || text.includes('\u001b') ? text : `${text.slice(0, width - 1).trimEnd()}…`;
}

/** Words on lines of at most so many characters, each line indented. */
export function wrap(text: string, indent: string, width = 100): string {
  return text
    .split('\n')
    .flatMap((paragraph) => {
      const lines: string[] = [];
      let line = '';
      for (const word of paragraph.split(' ')) {
        if (line !== '' && line.length + word.length + 1 > width) {
          lines.push(line);
          line = word;
        } else line = line === '' ? word : `${line} ${word}`;
      }
      return [...lines, line];
    })
    .map((line) => indent + line)
    .join('\n');
}

export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** What is said beside the result. */
export function log(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** The one thing on standard output of a command with `--json`. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}
