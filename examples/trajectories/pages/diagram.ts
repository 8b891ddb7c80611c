import type { Diagram } from '../store.ts';

const SIZE = 220;
const LEFT = 34;
const BOTTOM = 28;
const TOP = 8;
const SPAN = SIZE - LEFT - TOP;

/** Of one run and model: a point for each piece and each loop, at its birth and its death, up to `longest`. */
export function drawDiagram(title: string, diagrams: readonly Diagram[], longest: number): string {
  const x = (value: number) => (LEFT + (SPAN * value) / longest).toFixed(1);
  const y = (value: number) => (TOP + SPAN - (SPAN * value) / longest).toFixed(1);
  const points = diagrams.flatMap(({ pairs }, dimension) =>
    (pairs.tolist() as [number, number][]).map(
      ([birth, death]) => `<circle class="h${dimension}" cx="${x(birth)}" cy="${y(death)}" r="3.5"/>`,
    ),
  );
  const ticks = [0, longest / 2, longest].map((value) => {
    const text = value.toFixed(1);
    return `<line class="grid" x1="${x(0)}" x2="${x(longest)}" y1="${y(value)}" y2="${y(value)}"/>
<text class="tick" x="${LEFT - 6}" y="${Number(y(value)) + 4}" text-anchor="end">${text}</text>
<text class="tick" x="${x(value)}" y="${SIZE - BOTTOM + 20}" text-anchor="middle">${text}</text>`;
  });
  const entropies = diagrams.map(({ entropy }, dimension) => `H${dimension}&nbsp;${entropy.toFixed(2)}`).join(', ');
  return `<figure class="diagram"><svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${title}: persistence diagram">
${ticks.join('\n')}
<line class="diagonal" x1="${x(0)}" y1="${y(0)}" x2="${x(longest)}" y2="${y(longest)}"/>
${points.join('\n')}
</svg><figcaption>${title}<br><span>entropies ${entropies}</span></figcaption></figure>`;
}
