import { CLASSES } from '../dataset.ts';

const DIGITS = Array.from({ length: CLASSES }, (_, digit) => digit);

/** How often each digit (row) was read as each digit (column). */
export function confusionCounts(readings: readonly { label: number; predicted: number }[]): number[][] {
  return DIGITS.map((label) =>
    DIGITS.map((digit) => readings.filter((reading) => reading.label === label && reading.predicted === digit).length),
  );
}

/** The counts as a table, darker where there are more; mistakes in the colour of mistakes. */
export function confusionTable(counts: readonly (readonly number[])[]): string {
  const rows = counts.map((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    const cells = row.map((count, digit) => {
      if (count === 0) return '<td class="none">·</td>';
      const share = Math.round(15 + (70 * count) / total);
      const kind = label === digit ? 'right' : 'mistake';
      return `<td class="${kind}" style="--share:${share}%" title="${count} of ${total}: a ${label} read as ${digit}">${count}</td>`;
    });
    return `<tr><th scope="row">${label}</th>${cells.join('')}</tr>`;
  });
  const head = DIGITS.map((digit) => `<th scope="col">${digit}</th>`).join('');
  return `<table class="confusion"><caption>Row: what it is. Column: what was read.</caption>
<thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('\n')}</tbody></table>`;
}
