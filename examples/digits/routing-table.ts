import type { Tally } from '../../mlx/index.ts';

export const COLUMNS = ['operation', 'calls', 'backend', 'reason', 'ms'] as const;

/** How many rows are shown whatever they are, and how many at most. */
const FIRST = 8;
const MOST = 24;

/** One row for each way that an operation went, most calls first. */
export function routingRows(tallies: readonly Tally[]): string[][] {
  return tallies.map(({ operation, calls, implementation, reason, milliseconds }) => [
    operation,
    calls.toLocaleString('en'),
    implementation,
    reason,
    milliseconds.toFixed(2),
  ]);
}

/** The first rows, and those of Python, under their headings, numbers to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const backend = COLUMNS.indexOf('backend');
  const shown = rows.filter((row, i) => i < FIRST || row[backend] === 'python').slice(0, MOST);
  const all = [COLUMNS, ...shown];
  const widths = COLUMNS.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const lines = all.map((row) =>
    row.map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0))).join('  '),
  );
  if (shown.length < rows.length) lines.push(`and ${rows.length - shown.length} more`);
  return lines.map((line) => `  ${line.trimEnd()}`).join('\n');
}

/** Whether a column holds numbers. */
export function isNumber(column: number): boolean {
  return COLUMNS[column] === 'calls' || COLUMNS[column] === 'ms';
}
