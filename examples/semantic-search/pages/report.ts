import { escape, page } from '../../shared/html.ts';
import type { Point } from '../../shared/plane.ts';
import { STYLE } from '../../shared/style.ts';
import { tableHtml } from '../../shared/times-table.ts';
import type { Found } from '../search-index.ts';
import { recommendation, type Timing, tableOf } from '../ways.ts';
import { drawFound, drawMap } from './drawing.ts';

export interface Report {
  readonly question: string;
  readonly found: readonly Found[];
  /** Of all passages, and of the question as the last. */
  readonly points: readonly Point[];
  readonly files: number;
  readonly sentences: number;
  readonly timings: readonly Timing[];
}

const OWN_STYLE = `
ol { margin: 0; padding-left: 24px; }
li { padding: 8px 0 12px; overflow-wrap: anywhere; }
li::marker { font-weight: 700; color: var(--accent); }
li pre { white-space: pre-wrap; margin-top: 6px; }
.score { height: 6px; border-radius: 3px; background: var(--rule); margin: 8px 0 6px; max-width: 420px; }
.score span { display: block; height: 100%; border-radius: 3px; background: var(--accent); }
.map svg { max-width: 720px; margin: 12px auto 0; }
.dot { fill: var(--soft); opacity: .45; }
.found { fill: var(--accent); }
.number { fill: var(--card); font-size: 11px; font-weight: 700; }
@media (max-width: 640px) { .found { r: 13px; } .number { font-size: 15px; } }
.question { fill: var(--bad); stroke: var(--card); stroke-width: 2; }
.map + section > table + p { margin-top: 16px; }
.map + section > p:last-child { margin: 0; }
.asked { color: var(--bad); font-weight: 600; }
`;

/** The whole page; it needs nothing but itself. */
export function reportPage({ question, found, points, files, sentences, timings }: Report): string {
  const body = `<h1>${escape(question)}</h1>
<p>The passages whose meaning is nearest to the question's, by an encoder that turns each text into a vector: the score is
the cosine of the angle between the two.</p>
<dl class="facts">
<div><dt>Files</dt><dd>${files.toLocaleString('en')}</dd></div>
<div><dt>Passages</dt><dd>${(points.length - 1).toLocaleString('en')}</dd></div>
<div><dt>Best score</dt><dd>${(found[0]?.score ?? 0).toFixed(3)}</dd></div>
</dl>
<section><h2>Answers</h2><ol>${found.map(drawFound).join('\n')}</ol></section>
<section class="map"><h2>All passages</h2>
<p>On the plane of the two directions in which their vectors differ most. <span class="asked">Red</span> is the question;
near in all dimensions is not always near on a plane.</p>
${drawMap(points, found)}</section>
${timings.length === 0 ? '' : timesSection(sentences, timings)}`;
  return page({ title: `${escape(question)} · Semantic search with mlx-router`, style: `${STYLE}${OWN_STYLE}`, body });
}

function timesSection(sentences: number, timings: readonly Timing[]): string {
  const differences = timings.slice(1).map(({ name, difference }) => {
    return `${name} ${difference === 0 ? 'none' : difference.toExponential(1)}`;
  });
  return `<section><h2>How fast it is</h2>
<p>Sentences a second, with their tokenization: the same ${sentences} sentences of these texts in every way, in turn, round
after round.</p>
${tableHtml(tableOf(timings))}
<p>The largest difference of a number from the native one: ${escape(differences.join(', '))}.</p>
<p>${escape(recommendation(timings))}</p></section>`;
}
