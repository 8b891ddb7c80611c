import { escape } from './html.ts';

const WIDTH = 460;
const HEIGHT = 220;
const LEFT = 48;
const RIGHT = 60;
const TOP = 12;
const BOTTOM = 34;
const GRID_LINES = 4;

export interface Chart {
  readonly title: string;
  /** What there is one value for: `epoch`. */
  readonly unit: string;
  readonly values: readonly number[];
  readonly low: number;
  readonly high: number;
  readonly format: (value: number) => string;
  /** How the axis shows a value; `format` where it is left out. */
  readonly tick?: (value: number) => string;
}

/** A line as SVG, its last value written beside it. */
export function lineChart({ unit, title, values, low, high, format, tick = format }: Chart): string {
  const x = (index: number) => LEFT + ((WIDTH - LEFT - RIGHT) * (index + 0.5)) / values.length;
  const y = (value: number) => {
    const share = (Math.min(high, Math.max(low, value)) - low) / (high - low);
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
  };
  const point = (value: number, index: number) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`;
  const grid = Array.from({ length: GRID_LINES + 1 }, (_, i) => low + ((high - low) * i) / GRID_LINES).map(
    (value) => `<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(value)}" y2="${y(value)}"/>
<text class="tick" x="${LEFT - 8}" y="${y(value) + 4}" text-anchor="end">${tick(value)}</text>`,
  );
  const last = values.length - 1;
  const end = values[last] ?? low;
  const marks = values.map(
    (value, index) =>
      `<circle class="mark" cx="${x(index).toFixed(1)}" cy="${y(value).toFixed(1)}" r="6"><title>${unit} ${index + 1}: ${format(value)}</title></circle>`,
  );
  return `<figure class="chart"><figcaption>${escape(title)}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escape(title)}, ${format(end)} after ${values.length} ${unit}s">
${grid.join('\n')}
<polyline class="line" points="${values.map(point).join(' ')}"/>
<circle class="end" cx="${x(last)}" cy="${y(end)}" r="4"/>
<text class="value" x="${x(last) + 9}" y="${y(end) + 4}">${format(end)}</text>
${ticks(values.length)
  .map((tick) => `<text class="tick" x="${x(tick - 1)}" y="${HEIGHT - 14}" text-anchor="middle">${tick}</text>`)
  .join('\n')}
<text class="tick" x="${WIDTH - RIGHT + 18}" y="${HEIGHT - 14}">${unit}</text>
${marks.join('\n')}
</svg></figure>`;
}

/** A round number above the largest value, for the top of an axis. */
export function roundUp(value: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(value, 1e-6)));
  return ([1, 2, 4, 6, 8, 10].find((factor) => factor * step >= value) ?? 10) * step;
}

function ticks(count: number): number[] {
  const step = Math.max(1, Math.ceil(count / 5));
  return [1, ...Array.from({ length: Math.floor(count / step) }, (_, i) => (i + 1) * step)].filter(
    (tick, i, all) => all.indexOf(tick) === i && (tick === 1 || tick > 1 + step / 3),
  );
}
