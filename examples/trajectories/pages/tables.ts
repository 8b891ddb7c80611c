import { escape } from '../../shared/html.ts';
import { figureCells, figureHeads } from '../../shared/times.ts';
import { STEPS, type Timing } from '../timing.ts';

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
  const tables = STEPS.map((name) => timesTable(timings.filter(({ step }) => step === name)));
  return `<section><h2>How long it takes</h2>
<p>In milliseconds, measured in turn, round after round: the texts of one run embedded, the diagrams of all runs, all
distances. <em>Python by itself</em> is Python's MLX without this library, in one process, by its own clock.</p>
<div class="scroll">${tables.join('\n')}</div>
<ul class="recommended">${recommended.map((text) => `<li>${escape(text)}</li>`).join('\n')}</ul></section>`;
}

function timesTable(timings: readonly Timing[]): string {
  if (timings[0] === undefined) return '';
  const best = Math.min(...timings.map(({ median }) => median));
  const rows = timings.map((timing) => {
    const why = timing.reason === undefined ? '' : `<tr class="why"><td colspan="6">${escape(timing.reason)}</td></tr>`;
    return `<tr><td>${timing.side}</td>${figureCells(timing, best, 1)}<td>${timing.ratio.toFixed(2)} ×</td></tr>${why}`;
  });
  return `<table class="times"><caption>${timings[0].step}</caption>
<thead><tr><th>where</th>${figureHeads}<th>beside Python</th></tr></thead>
<tbody>${rows.join('\n')}</tbody></table>`;
}
