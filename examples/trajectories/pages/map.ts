import type { Point } from '../../shared/plane.ts';

const WIDTH = 460;
const HEIGHT = 320;
const MARGIN = 14;
/** Of more texts the dots are smaller. */
const FEW = 500;
/** So many clusters have a colour of their own, the largest first. */
export const COLOURS = 8;

/** All texts on a plane, each in the colour of its cluster; a run is a line through its texts. */
export function drawMap(points: readonly Point[], colours: readonly number[], steps: number): string {
  const place = (axis: 'x' | 'y', size: number) => {
    const values = points.map((point) => point[axis]);
    const [low, high] = [Math.min(...values), Math.max(...values)];
    return (point: Point) => (MARGIN + ((size - 2 * MARGIN) * (point[axis] - low)) / (high - low || 1)).toFixed(1);
  };
  const [x, y] = [place('x', WIDTH), place('y', HEIGHT)];
  const runs = Array.from({ length: points.length / steps }, (_, i) => points.slice(i * steps, (i + 1) * steps));
  const paths = runs.map((run) => `<polyline points="${run.map((point) => `${x(point)},${y(point)}`).join(' ')}"/>`);
  const radius = points.length > FEW ? 2.5 : 4;
  // The smallest cluster comes last, so that no other covers it.
  const order = points.map((_, i) => i).sort((a, b) => (colours[a] as number) - (colours[b] as number));
  const dots = order.map((i) => {
    const [point, colour] = [points[i] as Point, colours[i] as number];
    return `<circle class="c${colour}" cx="${x(point)}" cy="${y(point)}" r="${colour < 0 ? 2.5 : radius}"/>`;
  });
  return `<svg class="map" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${points.length} texts on a plane">
${paths.join('\n')}
${dots.join('\n')}
</svg>`;
}

/** For each text the place of its cluster among the largest; -1 for noise and for the others. */
export function coloursOf(labels: readonly number[]): number[] {
  const largest = clustersBySize(labels).slice(0, COLOURS);
  return labels.map((label) => largest.indexOf(label));
}

/** The labels of clusters, the largest first. */
export function clustersBySize(labels: readonly number[]): number[] {
  const sizes = new Map<number, number>();
  for (const label of labels) if (label >= 0) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  return [...sizes].sort(([, a], [, b]) => b - a).map(([label]) => label);
}
