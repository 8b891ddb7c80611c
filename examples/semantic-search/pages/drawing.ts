import { escape } from '../../shared/html.ts';
import type { Point } from '../../shared/plane.ts';
import type { Found } from '../search-index.ts';

const WIDTH = 460;
const HEIGHT = 320;
const MARGIN = 16;

/** A point for each passage, those found with their numbers, and the question among them. */
export function drawMap(points: readonly Point[], found: readonly Found[]): string {
  const place = (axis: 'x' | 'y', size: number) => {
    const values = points.map((point) => point[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (point: Point) => (MARGIN + ((size - 2 * MARGIN) * (point[axis] - low)) / (high - low || 1)).toFixed(1);
  };
  const [x, y] = [place('x', WIDTH), place('y', HEIGHT)];
  const question = points.at(-1) as Point;
  const dots = points.slice(0, -1).map((point) => `<circle class="dot" cx="${x(point)}" cy="${y(point)}" r="2"/>`);
  // The best comes last, so that no other covers it.
  const marks = found
    .map(({ place }, i) => {
      const point = points[place] as Point;
      return `<circle class="found" cx="${x(point)}" cy="${y(point)}" r="9"/>
<text class="number" x="${x(point)}" y="${Number(y(point)) + 4}" text-anchor="middle">${i + 1}</text>`;
    })
    .reverse();
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${points.length - 1} passages and the question on a plane">
${dots.join('\n')}
<circle class="question" cx="${x(question)}" cy="${y(question)}" r="6"/>
${marks.join('\n')}
</svg>`;
}

/** A passage with its number, its place and a bar as long as its score. */
export function drawFound({ passage: { file, heading, text }, score }: Found): string {
  const width = (100 * Math.max(0, Math.min(1, score))).toFixed(1);
  return `<li><div class="score"><span style="width: ${width}%"></span></div>
<b>${score.toFixed(3)}</b> ${escape(file)}${heading === '' ? '' : ` · ${escape(heading)}`}
<pre>${escape(flowing(text))}</pre></li>`;
}

/** Lines of prose as one, so that they break where the page is full; tables without what aligns them; code as it is. */
function flowing(text: string): string {
  const parts = text.split('```');
  const row = (line: string) => line.replace(/ {2,}|-{4,}/g, (run) => (run[0] === '-' ? '---' : ' '));
  const prose = (part: string) => part.replace(/(?<=\S)\n(?=[^\n|*#-])/g, ' ').replace(/^\|.*$/gm, row);
  return parts.map((part, i) => (i % 2 === 0 ? prose(part) : part)).join('```');
}
