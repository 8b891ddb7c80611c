import { lineChart, roundUp } from '../../shared/chart.ts';
import { escape, page, percent } from '../../shared/html.ts';
import type { Check } from '../checks.ts';
import type { PythonStep } from '../features.ts';
import { COLUMNS, isNumber } from '../routing-table.ts';
import type { Epoch } from '../train.ts';
import { confusionCounts, confusionTable } from './confusion.ts';
import { beforeAndAfter, digitTiles, type FirstLayer, filterImages, type Reading } from './pictures.ts';
import { STYLE } from './style.ts';

const SHOWN = 24;

export interface Report {
  readonly seed: number;
  readonly seconds: number;
  /** The network as it prints itself, and how many weights it has. */
  readonly model: string;
  readonly weights: number;
  readonly history: readonly Epoch[];
  /** Every digit of the test. */
  readonly readings: readonly Reading[];
  readonly layer: FirstLayer;
  readonly step: PythonStep;
  readonly checks: readonly Check[];
  readonly routing: readonly (readonly string[])[];
  readonly transfers: string;
}

/** The whole page; it needs nothing but itself. */
export function reportPage(report: Report): string {
  const { history, readings, checks } = report;
  const right = readings.filter(({ label, predicted }) => label === predicted).length;
  const epochs = history.length;
  const worst = Math.min(...history.map(({ accuracy }) => accuracy));
  const body = `<h1>Reading handwritten digits with mlx-router</h1>
<p>A small convolution network, written and trained in TypeScript with <code>nn</code> and <code>optimizers</code>. Each
call went to the native addon where the operation is ported, and to Python where it is not.</p>
<dl class="facts">
<div><dt>Test accuracy</dt><dd>${percent(right / readings.length)}</dd></div>
<div><dt>Read rightly</dt><dd>${right} of ${readings.length}</dd></div>
<div><dt>Epochs</dt><dd>${epochs}</dd></div>
<div><dt>Seed</dt><dd>${report.seed}</dd></div>
<div><dt>Time</dt><dd>${report.seconds.toFixed(1)} s</dd></div>
</dl>
<section class="pair">
${lineChart({
  unit: 'epoch',
  title: 'Loss on the training set',
  values: history.map(({ loss }) => loss),
  low: 0,
  high: roundUp(Math.max(...history.map(({ loss }) => loss))),
  format: (value) => value.toPrecision(2),
  tick: (value) => String(Number(value.toPrecision(3))),
})}
${lineChart({
  unit: 'epoch',
  title: 'Accuracy on the test set',
  values: history.map(({ accuracy }) => accuracy),
  low: worst > 0.8 ? 0.8 : 0,
  high: 1,
  format: percent,
  tick: (value) => `${Math.round(100 * value)} %`,
})}
</section>
<section><h2>The network</h2>
<p>${report.weights.toLocaleString('en')} weights, drawn at random and changed by AdamW, whose learning rate rises for a
tenth of the steps and then falls along a cosine. A step is compiled once.</p>
<pre>${escape(report.model)}</pre></section>
<section><h2>Digits of the test</h2>
<p>As the network saw them. Wrong ones are framed, with what they are.</p>
${digitTiles(sample(readings))}</section>
<div class="pair">
<section><h2>Confusion</h2><div class="scroll">${confusionTable(confusionCounts(readings))}</div></section>
<section><h2>The step in Python</h2>
<p>${escape(report.step.text)}</p>
${report.step.after.length === 0 ? '' : beforeAndAfter(report.step.before, report.step.after)}
<h2>Checks</h2><ul class="checks">${checks.map(checkItem).join('\n')}</ul></section>
</div>
<section><h2>What the first layer sees</h2>
<p>A digit of the test, the ${report.layer.filters.length} filters of 3×3 pixels, and below each what it makes of the digit: orange above zero,
blue below.</p>
${filterImages(report.layer)}</section>
<section><h2>Where the calls went</h2>
<p>Time inside the backend. Native calls build a graph, which is computed at the next read; Python calls cross to a
worker and back. ${escape(report.transfers)}</p>
<div class="scroll">${routingTable(report.routing)}</div></section>
<footer>Data: E. Alpaydin, C. Kaynak, <a href="https://doi.org/10.24432/C50P49">Optical Recognition of Handwritten
Digits</a>, UCI Machine Learning Repository, 1998, CC BY 4.0.</footer>`;
  return page({ title: 'Handwritten digits · mlx-router', style: STYLE, body });
}

/** Wrong ones, half of the places at most, and others from all over; in the order of the test. */
export function sample(readings: readonly Reading[]): Reading[] {
  const isWrong = ({ label, predicted }: Reading) => label !== predicted;
  const wrong = readings.filter(isWrong).slice(0, SHOWN / 2);
  const right = readings.filter((reading) => !isWrong(reading));
  const places = Math.min(right.length, SHOWN - wrong.length);
  const spread = Array.from({ length: places }, (_, i) => right[Math.floor((i * right.length) / places)] as Reading);
  const shown = new Set([...wrong, ...spread]);
  return readings.filter((reading) => shown.has(reading));
}

function checkItem({ name, passed, detail }: Check): string {
  const [kind, mark] = passed === undefined ? ['skipped', '–'] : passed ? ['good', '✓'] : ['bad', '✗'];
  return `<li><b class="${kind}">${mark}</b>${escape(name)}<br><span>${escape(detail)}</span></li>`;
}

function routingTable(rows: readonly (readonly string[])[]): string {
  const cell = (tag: string, text: string, column: number) => {
    const kind = isNumber(column) ? 'number' : text === 'python' ? 'python' : '';
    return `<${tag}${kind === '' ? '' : ` class="${kind}"`}>${escape(text)}</${tag}>`;
  };
  const head = COLUMNS.map((name, column) => cell('th', name, column)).join('');
  const body = rows.map((row) => `<tr>${row.map((text, column) => cell('td', text, column)).join('')}</tr>`);
  return `<table class="routing"><thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table>`;
}
