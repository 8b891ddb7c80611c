import { escape } from '../../shared/html.ts';
import { tableHtml } from '../../shared/times-table.ts';
import { type Timing, tablesOf } from '../timing.ts';

/** Distances of runs from runs; the darker, the larger. */
export function distancesTable(name: string, distances: readonly (readonly number[])[]): string {
  const largest = Math.max(...distances.flat(), 1e-9);
  const head = distances.map((_, i) => `<th>${i + 1}</th>`);
  const rows = distances.map((row, i) => {
    const cells = row.map(
      (distance) => `<td style="--share: ${(distance / largest).toFixed(3)}">${distance.toFixed(2)}</td>`,
    );
    return `<tr><th>${i + 1}</th>${cells.join('')}</tr>`;
  });
  return `<div class="scroll"><table class="distances"><caption>By their ${name}</caption>
<thead><tr><th></th>${head.join('')}</tr></thead><tbody>${rows.join('\n')}</tbody></table></div>`;
}

export function timesSection(timings: readonly Timing[], recommended: readonly string[]): string {
  return `<section><h2>How long it takes</h2>
<p>In milliseconds, measured in turn, round after round: the texts of one run embedded, the diagrams of all runs, all
distances. <em>Python by itself</em> is Python's MLX without this library, in one process, by its own clock.</p>
${tablesOf(timings).map(tableHtml).join('\n')}
<ul class="recommended">${recommended.map((text) => `<li>${escape(text)}</li>`).join('\n')}</ul></section>`;
}
