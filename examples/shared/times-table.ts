import { escape } from './html.ts';
import { FIGURES, type Times } from './times.ts';

/** A way to compute, as a table shows it. */
export interface TimesRow extends Times {
  readonly name: string;
  /** The same work done by Python by itself; undefined where there is nothing to compare with. */
  readonly alone: Times | undefined;
  /** Why it may be slower than that. */
  readonly whySlower?: string | undefined;
}

export interface TimesTable {
  /** What all rows are about: `20 qubits`. */
  readonly title: string;
  /** Of the figures: durations are better when they are less, speeds when they are more. */
  readonly unit: 'ms' | 'sentences/s' | 'frames/s';
  readonly digits: number;
  readonly rows: readonly TimesRow[];
}

/** The texts of a row. */
interface Shown {
  readonly figures: readonly string[];
  readonly beside: string;
  readonly reason: string | undefined;
  readonly isBest: boolean;
}

/** How many times as fast as Python by itself, by the medians. */
function ratioOf({ unit }: TimesTable, { median, alone }: TimesRow): number | undefined {
  if (alone === undefined) return undefined;
  return unit === 'ms' ? alone.median / median : median / alone.median;
}

/** Of large numbers the places behind the point say nothing. */
const figureText = (value: number, digits: number): string => value.toFixed(value < 100 ? digits : 0);

function shown(table: TimesTable, row: TimesRow): Shown {
  const ratio = ratioOf(table, row);
  const medians = table.rows.map(({ median }) => median);
  const beside = ratio === undefined ? '' : `${ratio.toFixed(2)} ×`;
  return {
    figures: FIGURES.map((name) => figureText(row[name], table.digits)),
    beside,
    reason: ratio !== undefined && Number(ratio.toFixed(2)) < 1 ? row.whySlower : undefined,
    isBest: row.median === (table.unit === 'ms' ? Math.min(...medians) : Math.max(...medians)),
  };
}

/** For a terminal. */
export function tablesText(tables: readonly TimesTable[]): string {
  const rows = tables.flatMap((table) => table.rows.map((row) => ({ title: table.title, row, ...shown(table, row) })));
  const widest = (texts: readonly string[]) => Math.max(...texts.map(({ length }) => length)) + 2;
  const [first, second] = [widest(rows.map(({ title }) => title)), widest(rows.map(({ row }) => row.name))];
  const line = (title: string, name: string, cells: readonly string[]) =>
    title.padEnd(first) + name.padEnd(second) + cells.map((cell) => cell.padStart(10)).join('');
  const head = line(tables[0]?.unit ?? '', '', [...FIGURES, 'beside Python'.padStart(15)]);
  const lines = rows.flatMap(({ title, row, figures, beside, reason }) => [
    line(title, row.name, [...figures, beside.padStart(15)]).trimEnd(),
    ...(reason === undefined ? [] : [`${' '.repeat(first)}  ${reason}`]),
  ]);
  return [head, ...lines].join('\n');
}

/** For a page: on a narrow screen each row becomes a block, whose cells then name their columns. */
export function tableHtml(table: TimesTable): string {
  const rows = table.rows.map((row) => {
    const { figures, beside, reason, isBest } = shown(table, row);
    const cells = figures.map((figure, i) => cell(FIGURES[i] as string, figure, isBest && FIGURES[i] === 'median'));
    const why = reason === undefined ? '' : `<tr class="why"><td colspan="6">${escape(reason)}</td></tr>`;
    return `<tr><td>${escape(row.name)}</td>${cells.join('')}${cell('beside Python', beside, false)}</tr>${why}`;
  });
  return `<table class="times"><caption>${escape(table.title)}</caption>
<thead><tr><th>${table.unit}</th>${FIGURES.map((name) => `<th>${name}</th>`).join('')}<th>beside Python</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}

function cell(column: string, text: string, isBest: boolean): string {
  return `<td data-column="${column}"${isBest ? ' class="best"' : ''}>${text}</td>`;
}
