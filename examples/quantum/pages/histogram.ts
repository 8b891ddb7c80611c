import type { Counts } from '../measure.ts';

const WIDTH = 380;
const ROW = 24;
const CHARACTER = 9;
const NUMBER = 60;
/** The outcomes that came most often are shown. */
const MOST = 16;

/** How often each outcome came, as a bar, in the order of the outcomes. */
export function drawHistogram(counts: Counts): string {
  const shots = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const shown = [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST);
  const most = shown[0]?.[1] ?? 1;
  const left = CHARACTER * (shown[0]?.[0].length ?? 0) + 12;
  const bars = shown
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([bits, count], i) => {
      const length = (WIDTH - left - NUMBER) * (count / most);
      return `<g><title>${bits}: ${count} of ${shots}</title>
<text class="bits" x="${left - 10}" y="${ROW * i + 16}" text-anchor="end">${bits}</text>
<rect class="bar" x="${left}" y="${ROW * i + 3}" width="${length.toFixed(1)}" height="${ROW - 6}" rx="2"/>
<text class="tick" x="${(left + length + 6).toFixed(1)}" y="${ROW * i + 16}">${((100 * count) / shots).toFixed(1)} %</text></g>`;
    });
  const rest = counts.size - shown.length;
  const more =
    rest === 0 ? '' : `<text class="tick" x="${left}" y="${ROW * shown.length + 16}">and ${rest} more</text>`;
  const height = ROW * (shown.length + (rest === 0 ? 0 : 1));
  return `<svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="Outcomes of ${shots} measurements">
${bars.join('\n')}${more}
</svg>`;
}
