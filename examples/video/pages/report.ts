import { escape, page, percent } from '../../shared/html.ts';
import { STYLE } from '../../shared/style.ts';
import { tableHtml } from '../../shared/times-table.ts';
import type { Guess } from '../classifier.ts';
import { fastest, recommendation, type Timing, tablesOf } from '../ways.ts';

export interface Report {
  readonly clip: string;
  readonly names: readonly string[];
  /** Of each frame, the likeliest first. */
  readonly guesses: readonly (readonly Guess[])[];
  readonly timings: readonly Timing[];
  /** Frames a second of the whole pipeline. */
  readonly speed: number;
  /** Frames a second of the clip. */
  readonly rate: number;
}

const OWN_STYLE = `
.clip img { display: block; width: 100%; max-width: 720px; height: auto; margin: 12px auto 0; border-radius: 6px; }
.seen td:nth-child(2) { width: 100%; white-space: normal; }
.times + p { margin-top: 16px; }
`;

/** The whole page; beside it lies the animated picture that it shows. */
export function reportPage({ clip, names, guesses, timings, speed, rate }: Report): string {
  const best = fastest(timings);
  const body = `<h1>Video annotation with mlx-router</h1>
<p>EfficientNet-Lite0 looks at the square in the middle of each frame of ${escape(clip)} and says which of 1,000 things
it shows. While one batch is computed, the next is decoded and the one before is drawn.</p>
<dl class="facts">
<div><dt>Frames</dt><dd>${guesses.length}</dd></div>
<div><dt>All stages</dt><dd>${speed.toFixed(1)} /s</dd></div>
<div><dt>The network alone</dt><dd>${best.median.toFixed(1)} /s</dd></div>
</dl>
<section class="clip"><h2>The clip</h2><img src="annotated.webp" alt="The clip with three labels below each frame"></section>
<section><h2>What was seen</h2><p>The likeliest label at the start of each second.</p>
<div class="scroll"><table class="routing seen"><thead><tr><th>second</th><th>label</th><th>probability</th></tr></thead>
<tbody>${guesses
    .filter((_, i) => i % rate === 0)
    .map(
      ([guess], second) =>
        `<tr><td>${second}</td><td>${escape(names[guess?.label ?? -1] ?? '')}</td><td>${percent(guess?.probability ?? 0)}</td></tr>`,
    )
    .join('\n')}</tbody></table></div></section>
<section><h2>How fast it is</h2>
<p>Frames a second of the network alone, measured in turn. The pool works on as many batches at once as it has workers.
<em>Python by itself</em> is the same network in Python's MLX, by Python's own clock. Batches larger than one that took long are left out.</p>
${tablesOf(timings).map(tableHtml).join('\n')}
<p>${escape(recommendation(timings))}</p></section>`;
  return page({ title: 'Video annotation · mlx-router', style: `${STYLE}${OWN_STYLE}`, body });
}
