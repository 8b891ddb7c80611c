import { writeForms } from '../report/files.ts';
import { escape, figure } from '../report/html.ts';
import { cell } from '../report/markdown.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from '../report/page-assets.ts';
import { inWords, type ModuleParity } from './report.ts';
import type { RowReport } from './run.ts';
import { WITHOUT_ROW } from './surface.ts';
import { GENERAL_REASONS } from './wrong-reasons.ts';

/** Writes the report in all its forms into the folder, which is made. Gives their paths. */
export function writeModuleReport(report: ModuleParity, folder: string): string[] {
  return writeForms({ json: report, markdown: moduleMarkdown(report), html: modulePage(report) }, folder);
}

function statusOf({ failure }: RowReport): 'passed' | 'failed' {
  return failure === null ? 'passed' : 'failed';
}

/** The report as Markdown: the summary, what differs, a line for each row, and what has none. */
export function moduleMarkdown(report: ModuleParity): string {
  const failed = report.modules.filter(({ failure }) => failure !== null);
  const line = (cells: readonly (string | number)[]) => `| ${cells.map((text) => cell(String(text))).join(' | ')} |`;
  return [
    '# Parity of the modules',
    '',
    `${inWords(report)}. Seed ${report.seed}, ${report.runs} runs of each row.`,
    ...(failed.length === 0 ? [] : ['', '## Differences']),
    ...failed.flatMap(({ name, failure }) => [
      '',
      `### ${name}`,
      '',
      '```text',
      failure?.difference ?? '',
      failure?.sample ?? '',
      '```',
    ]),
    '',
    '## Rows',
    '',
    'Of wrong calls, differences that are meant to be:',
    '',
    ...GENERAL_REASONS.map((reason) => `- ${reason}`),
    '',
    '| row | kind | status | runs | trainings | wrong calls | reasons | ms |',
    '|---|---|---|--:|--:|--:|---|--:|',
    ...report.modules.map((row) =>
      line([
        `\`${row.name}\``,
        row.kind,
        statusOf(row),
        row.runs,
        row.trainings,
        row.wrongCalls,
        row.reasons.join('; '),
        row.milliseconds,
      ]),
    ),
    '',
    '## Without a row',
    '',
    '| name | reason |',
    '|---|---|',
    ...Object.entries(WITHOUT_ROW).map(([name, reason]) => line([`\`${name}\``, reason])),
    '',
  ].join('\n');
}

const COLUMNS: readonly (readonly [title: string, about: string])[] = [
  ['row', ''],
  ['kind', ''],
  ['status', ''],
  ['runs', "right calls, each on native, on Python, and by Python's own"],
  ['trainings', 'layers that were trained for ten steps'],
  ['wrong', 'wrong calls, each on native, on Python, and by Python’s own'],
  ['ms', ''],
];

const NUMBERS: ReadonlySet<string> = new Set(['runs', 'trainings', 'wrong', 'ms']);

function pageRow(row: RowReport): string {
  const { name, kind, runs, trainings, wrongCalls, reasons, failure, milliseconds } = row;
  const status = statusOf(row);
  const numbers = [runs, trainings, wrongCalls, milliseconds].map((count) => `<td class="number">${count}</td>`);
  const main = `<tr class="operation" data-text="${escape(`${name} ${kind} ${status}`.toLowerCase())}">
<td><code>${escape(name)}</code></td><td>${kind}</td><td><span class="badge ${status}">${status}</span></td>${numbers.join('')}</tr>`;
  const below = [
    ...reasons.map((reason) => `<p class="reason">${escape(reason)}</p>`),
    ...(failure === null
      ? []
      : [
          `<section class="failure"><p>${escape(failure.difference)}</p><pre>${escape(failure.sample)}</pre></section>`,
        ]),
  ];
  if (below.length === 0) return main;
  return `${main}\n<tr class="details"><td colspan="${COLUMNS.length}">${below.join('\n')}</td></tr>`;
}

function kindBars({ modules }: ModuleParity): string {
  const bars = [...new Set(modules.map(({ kind }) => kind))].map((kind) => {
    const own = modules.filter((row) => row.kind === kind);
    const parts = (['passed', 'failed'] as const).map((status) => {
      const share = (100 * own.filter((row) => statusOf(row) === status).length) / own.length;
      return `<i class="${status}" style="width:${share}%"></i>`;
    });
    return `<button type="button" data-family="${kind}"><span>${kind}</span><span class="bar">${parts.join('')}</span><span>${own.length}</span></button>`;
  });
  return `<nav aria-label="kinds">${bars.join('\n')}</nav>`;
}

/** The report as one page that needs nothing else: summary, a filter, a line for each row, what differs first. */
export function modulePage(report: ModuleParity): string {
  const { summary, modules, seed, runs } = report;
  const { rows, passed, mismatches, trainings, wrongCalls, milliseconds } = summary;
  const head = COLUMNS.map(([title, about]) => {
    const side = NUMBERS.has(title) ? ' class="number"' : '';
    return `<th scope="col"${side} title="${escape(about)}">${title}</th>`;
  }).join('');
  const without = Object.entries(WITHOUT_ROW).map(
    ([name, reason]) => `<tr><td><code>${escape(name)}</code></td><td>${escape(reason)}</td></tr>`,
  );
  const worstFirst = [...modules].sort((a, b) => Number(a.failure === null) - Number(b.failure === null));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mlx-router parity of modules: ${escape(inWords(report))}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>Parity of the modules</h1>
<p>Every layer, function, loss, initializer, schedule and optimizer was run on the native backend and on Python, and by Python's own class from the same weights. Outputs, gradients, trained parameters, states and what either side reads of the other's files must agree bit for bit; a wrong call must be refused by all.</p>
<div class="figures">
${figure(String(rows), 'rows')}
${figure(summary.runs.toLocaleString('en'), 'runs')}
${figure(trainings.toLocaleString('en'), 'trainings of ten steps')}
${figure(wrongCalls.toLocaleString('en'), 'wrong calls')}
${figure(String(mismatches), mismatches === 1 ? 'mismatch' : 'mismatches', mismatches === 0 ? 'good' : 'bad')}
${figure(String(passed), 'passed', mismatches === 0 ? 'good' : '')}
${figure(`${(milliseconds / 1000).toFixed(1)} s`, `seed ${seed}, ${runs} runs each`)}
</div>
<ul class="reasons">${GENERAL_REASONS.map((reason) => `<li class="reason">${escape(reason)}</li>`).join('')}</ul>
</header>
<main>
${kindBars(report)}
<p class="controls"><label>Filter <input type="search" id="filter" placeholder="name, kind or status" autocomplete="off"></label><output id="shown">${modules.length} shown</output></p>
<div class="table"><table><thead><tr>${head}</tr></thead>
<tbody>
${worstFirst.map(pageRow).join('\n')}
</tbody></table></div>
<h2>Without a row</h2>
<div class="table"><table><thead><tr><th scope="col">name</th><th scope="col">reason</th></tr></thead><tbody>${without.join('\n')}</tbody></table></div>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
