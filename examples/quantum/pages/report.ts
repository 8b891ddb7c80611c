import { lineChart } from '../../shared/chart.ts';
import { escape, page } from '../../shared/html.ts';
import { STYLE } from '../../shared/style.ts';
import { tableHtml } from '../../shared/times-table.ts';
import type { Check } from '../checks.ts';
import type { Circuit } from '../circuit.ts';
import type { GroundState } from '../eigensolver.ts';
import type { Counts } from '../measure.ts';
import { recommendations, type Timing, tablesOf } from '../timing.ts';
import { drawCircuit } from './drawing.ts';
import { drawHistogram } from './histogram.ts';

export interface Shown {
  readonly title: string;
  readonly text: string;
  readonly circuit: Circuit;
  readonly counts: Counts;
}

export interface Report {
  readonly shots: number;
  readonly programs: readonly Shown[];
  readonly ground: GroundState;
  readonly checks: readonly Check[];
  readonly timings: readonly Timing[];
  readonly seconds: number;
}

const OWN_STYLE = `
.scroll svg { width: auto; max-width: none; }
.program { display: grid; gap: 20px 32px; grid-template-columns: minmax(0, 1fr); }
.bits { fill: var(--ink); font: 13px ui-monospace, monospace; }
.bar { fill: var(--accent); }
.program > svg, .chart svg { max-width: 480px; }
section > ul { margin: 12px 0 0; padding-left: 20px; }
`;

/** The whole page; it needs nothing but itself. */
export function reportPage({ shots, programs, ground, checks, timings, seconds }: Report): string {
  const energy = ground.energies.at(-1) ?? Number.NaN;
  const body = `<h1>Quantum circuits with mlx-router</h1>
<p>A state of n qubits is 2ⁿ complex numbers; an operation is a product with a small matrix. Everything here is computed
so, in complex64, by a simulator of a few hundred lines.</p>
<dl class="facts">
<div><dt>Measurements of each</dt><dd>${shots.toLocaleString('en')}</dd></div>
<div><dt>Energy found</dt><dd>${energy.toFixed(4)}</dd></div>
<div><dt>Exact</dt><dd>${ground.exact.toFixed(4)}</dd></div>
<div><dt>Time</dt><dd>${seconds.toFixed(1)} s</dd></div>
</dl>
${programs.map(programSection).join('\n')}
<section><h2>The ground state of a chain of spins</h2>
<p>${ground.qubits} spins in a field across. A circuit with ${ground.ansatz.angles.size} angles learns, by the gradient
of the energy with respect to the angles, to make the state of least energy; the axis begins at the lowest eigenvalue
of the matrix of ${2 ** ground.qubits} rows.</p>
${lineChart({
  unit: 'step',
  title: 'Energy',
  values: ground.energies,
  low: ground.exact,
  high: Math.max(...ground.energies),
  format: (value) => value.toFixed(3),
  tick: (value) => value.toFixed(2),
})}
<div class="scroll">${drawCircuit(ground.ansatz.circuit())}</div></section>
<section><h2>Checks</h2><ul class="checks">${checks.map(checkItem).join('\n')}</ul></section>
<section><h2>How long it takes</h2>
<p>One circuit of four layers of rotations and CNOTs, from zeros to the state, in milliseconds, measured in turn, so that
what else the machine does meets all of them alike. <em>Python by itself</em> is the same algorithm in Python's MLX, by
Python's own clock.</p>
${tablesOf(timings).map(tableHtml).join('\n')}
<ul>${recommendations(timings)
    .map((text) => `<li>${escape(text)}</li>`)
    .join('\n')}</ul></section>`;
  return page({ title: 'Quantum circuits · mlx-router', style: `${STYLE}${OWN_STYLE}`, body });
}

function programSection({ title, text, circuit, counts }: Shown): string {
  return `<section><h2>${escape(title)}</h2><p>${escape(text)}</p>
<div class="program"><div class="scroll">${drawCircuit(circuit)}</div>
${drawHistogram(counts)}</div></section>`;
}

function checkItem({ name, passed, detail }: Check): string {
  const [kind, mark] = passed === undefined ? ['skipped', '–'] : passed ? ['good', '✓'] : ['bad', '✗'];
  return `<li><b class="${kind}">${mark}</b>${escape(name)}<br><span>${escape(detail)}</span></li>`;
}
