import { core as mx } from '../../../mlx/index.ts';
import { escape, page } from '../../shared/html.ts';
import { mapOf } from '../../shared/plane.ts';
import { STYLE } from '../../shared/style.ts';
import type { Check } from '../checks.ts';
import { type EmbedderName, nameOf } from '../plan.ts';
import type { Experiment, Store } from '../store.ts';
import type { Timing } from '../timing.ts';
import { drawDiagram } from './diagram.ts';
import { COLOURS, clustersBySize, coloursOf, drawMap } from './map.ts';
import { OWN_STYLE } from './style.ts';
import { distancesTable, timesSection } from './tables.ts';

export interface Facts {
  readonly timings: readonly Timing[];
  readonly recommended: readonly string[];
  readonly checks: readonly Check[];
  /** The arrays that went to Python and came back. */
  readonly moves: string;
}

/** The whole page, of what the store has; it needs nothing but itself. */
export function reportPage(store: Store, experiment: Experiment, facts: Facts): string {
  const { plan, runs } = experiment;
  const texts = runs.length * plan.steps;
  const { checks } = facts;
  const body = `<h1>Trajectories and their topology</h1>
<p>A model writes a scene about a text, then describes the scene, and so on: a run. Each of its texts is a point in a
space of embeddings, and the shape of the points tells whether the run wanders, stays, or comes back.</p>
<dl class="facts">
<div><dt>Runs</dt><dd>${runs.length}</dd></div>
<div><dt>Texts</dt><dd>${texts.toLocaleString('en')}</dd></div>
<div><dt>Written by</dt><dd>${escape(plan.writer)}</dd></div>
<div><dt>Homology</dt><dd>${nameOf(plan.homology)}</dd></div>
</dl>
${plan.embedders.map((model) => mapSection(store, experiment, model)).join('\n')}
<section><h2>Runs</h2>
<p>Persistence diagrams: as the points of a run grow into balls, pieces merge and loops appear and fill up. Each is a dot
at its birth and its death, <b class="h0">pieces</b> (H0) and <b class="h1">loops</b> (H1); what is far from the diagonal
lives long. The entropy says how evenly life is divided.</p>
${runSections(store, experiment)}</section>
${plan.embedders.map((model) => distancesSection(store, experiment, model)).join('\n')}
<section><h2>Checks</h2><ul class="checks">${checks.map(checkItem).join('\n')}</ul>
<p class="moves">What crossed on the way: ${escape(facts.moves)}.</p></section>
${facts.timings.length === 0 ? '' : timesSection(facts.timings, facts.recommended)}`;
  return page({ title: 'Trajectories · mlx-router', style: `${STYLE}${OWN_STYLE}`, body });
}

function mapSection(store: Store, experiment: Experiment, model: EmbedderName): string {
  const { plan, runs } = experiment;
  const vectors = mx.concatenate(runs.map((run) => store.vectors(run, model) as mx.Array));
  const labels = store.clusters(experiment, model);
  const texts = runs.flatMap((run) => store.texts(run));
  const clusters = clustersBySize(labels);
  const items = clusters.slice(0, COLOURS).map((label, i) => {
    const rows = labels.flatMap((it, row) => (it === label ? [row] : []));
    const text = texts[middleOf(vectors, rows)] as string;
    return `<li><i class="c${i}"></i><b>${rows.length}</b> ${written(text)}</li>`;
  });
  const noise = labels.filter((label) => label < 0).length;
  return `<section><h2>Clusters by ${escape(model)}</h2>
<p>${clusters.length} clusters by ${nameOf(plan.clusters)}, and ${noise} texts in none, on the plane of the two directions
in which their vectors differ most. Lines are runs. Beside: the text in the middle of each${
    clusters.length > COLOURS ? ` of the ${COLOURS} largest` : ''
  }.</p>
<div class="pair">${drawMap(mapOf(vectors), coloursOf(labels), plan.steps)}
<ul class="clusters">${items.join('\n')}</ul></div></section>`;
}

/** A text as the page shows it: one that the model did not end within its length has an ellipsis. */
const written = (text: string): string => escape(/[.!?"”]$/.test(text) ? text : `${text.replace(/[,;:]$/, '')}…`);

/** Which of the rows is nearest to their mean. */
function middleOf(vectors: mx.Array, rows: readonly number[]): number {
  const place = mx.tidy(() => {
    const own = vectors.index(mx.array([...rows], mx.int32));
    return Number(mx.argmin(mx.linalg.norm(own.subtract(own.mean(0)), { axis: -1 })).item());
  });
  return rows[place] as number;
}

function runSections(store: Store, { plan, runs }: Experiment): string {
  const all = runs.map((run) => plan.embedders.map((model) => store.diagrams(run, model)));
  const deaths = all.flat(2).flatMap(({ pairs }) => (pairs.tolist() as [number, number][]).map(([, death]) => death));
  const longest = Math.max(0.1, ...deaths);
  const sections = runs.map((run, i) => {
    const diagrams = plan.embedders.map((model, j) => drawDiagram(escape(model), all[i]?.[j] ?? [], longest));
    const last = store.texts(run).at(-1) ?? '';
    return `<div class="run"><h3>Run ${i + 1}</h3>
<p>from “${escape(run.text)}”<br>to “${written(last)}”</p>
<div class="diagrams">${diagrams.join('\n')}</div></div>`;
  });
  return `<div class="runs">${sections.join('\n')}</div>`;
}

function distancesSection(store: Store, experiment: Experiment, model: EmbedderName): string {
  const tables = ['pieces', 'loops'].map((name, dimension) =>
    distancesTable(name, store.distances(experiment, model, dimension) ?? []),
  );
  return `<section><h2>How much runs differ, by ${escape(model)}</h2>
<p>Sliced Wasserstein distances of their diagrams: how far pairs have to be moved until two are the same.</p>
<div class="pair">${tables.join('\n')}</div></section>`;
}

function checkItem({ name, passed }: Check): string {
  return `<li><b class="${passed ? 'good' : 'bad'}">${passed ? '✓' : '✗'}</b>${escape(name)}</li>`;
}
