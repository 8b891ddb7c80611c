import type { Failure, OperationReport } from '../operation-report.ts';
import { KINDS, type Kind } from '../transforms/kinds.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-assets.ts';
import { inWords, type ParityReport } from './summary.ts';

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function figure(value: string, label: string, tone = ''): string {
  return `<div class="figure ${tone}"><strong>${escape(value)}</strong><span>${escape(label)}</span></div>`;
}

function failureBlock(failure: Failure): string {
  const answers = [
    ['native', failure.native],
    ['python', failure.python],
  ].filter(([, text]) => text !== '');
  const programs = [
    ['TypeScript', failure.typescript],
    ['Python', failure.pythonSource],
  ].filter(([, text]) => text !== '');
  return `<section class="failure">
<h3>${escape(failure.kind)}</h3>
<p>${escape(failure.message)}</p>
<dl>${answers.map(([side, text]) => `<dt>${side}</dt><dd><code>${escape(text ?? '')}</code></dd>`).join('')}</dl>
${programs.map(([language, text]) => `<h4>${language}</h4><pre>${escape(text ?? '')}</pre>`).join('\n')}
</section>`;
}

function transformCell({ transforms = [] }: OperationReport, wanted: Kind): string {
  const count = transforms.find(({ kind }) => kind === wanted);
  if (count === undefined) return '<td class="number"></td>';
  const { results, refusals, differences, limits } = count;
  const notes = [
    ...(differences > 0 ? [`${differences} held against differences`] : []),
    ...(limits > 0 ? [`${limits} that MLX gets wrong on both sides`] : []),
    ...(refusals > 0 ? [`${refusals} refused alike`] : []),
  ];
  const small =
    refusals + limits === 0
      ? ''
      : ` <small>${refusals > 0 ? `−${refusals}` : ''}${limits > 0 ? ` !${limits}` : ''}</small>`;
  return `<td class="number" title="${notes.join(', ')}">${results}${small}</td>`;
}

function columnsBefore(operation: OperationReport): string {
  const { runs, errorRuns, gradient } = operation;
  if (operation.transforms === undefined) return `<td class="number">${runs}</td><td class="number">${errorRuns}</td>`;
  return `<td>${gradient ?? ''}</td>${KINDS.map((kind) => transformCell(operation, kind)).join('')}`;
}

function rows(operation: OperationReport): string {
  const { name, family, status, dtypes, maxUlp, tolerance, reason, failures, milliseconds } = operation;
  const width = columns(operation.transforms !== undefined).length;
  const main = `<tr class="operation" data-text="${escape(`${name} ${family} ${status}`.toLowerCase())}">
<td><code>${escape(name)}</code></td><td>${family}</td><td><span class="badge ${status}">${status}</span></td>
${columnsBefore(operation)}
<td><span class="dtypes" title="${escape(dtypes.join(', '))}">${dtypes.length}</span></td>
<td class="number">${maxUlp}</td><td>${tolerance === 0 ? 'bit for bit' : `${tolerance} ULP`}</td><td class="number">${milliseconds}</td></tr>`;
  const below = [
    ...(reason === null ? [] : [`<p class="reason">${escape(reason)}</p>`]),
    ...(failures.length === 0
      ? []
      : [
          `<details open><summary>${failures.length === 1 ? 'what differs' : `${failures.length} things differ`}</summary>`,
          ...failures.map(failureBlock),
          '</details>',
        ]),
  ];
  if (below.length === 0) return main;
  return `${main}\n<tr class="details"><td colspan="${width}">${below.join('\n')}</td></tr>`;
}

function familyBars({ operations }: ParityReport): string {
  const families = [...new Set(operations.map(({ family }) => family))];
  const bars = families.map((family) => {
    const own = operations.filter((operation) => operation.family === family);
    const share = (status: OperationReport['status']) =>
      (100 * own.filter((operation) => operation.status === status).length) / own.length;
    const parts = (['passed', 'gap', 'failed'] as const)
      .map((status) => `<i class="${status}" style="width:${share(status)}%"></i>`)
      .join('');
    return `<button type="button" data-family="${family}"><span>${family}</span><span class="bar">${parts}</span><span>${own.length}</span></button>`;
  });
  return `<nav aria-label="families">${bars.join('\n')}</nav>`;
}

function worstFirst(operations: readonly OperationReport[]): OperationReport[] {
  const order = { failed: 0, gap: 1, passed: 2 };
  return [...operations].sort((one, other) => order[one.status] - order[other.status]);
}

type Column = readonly [title: string, about: string];

const CALL_COLUMNS: readonly Column[] = [
  ['runs', 'right calls, each on both backends'],
  ['wrong', 'wrong calls, each on both backends'],
];

const TRANSFORM_COLUMNS: readonly Column[] = [
  ['gradient', 'as the catalogue has it'],
  ...KINDS.map((kind): Column => [kind, 'calls that agree; − refused alike; ! wrong in MLX on both sides']),
];

function columns(ofTransforms: boolean): readonly Column[] {
  return [...FRONT_COLUMNS, ...(ofTransforms ? TRANSFORM_COLUMNS : CALL_COLUMNS), ...BACK_COLUMNS];
}

const FRONT_COLUMNS: readonly Column[] = [
  ['operation', ''],
  ['family', ''],
  ['status', ''],
];

const BACK_COLUMNS: readonly Column[] = [
  ['dtypes', 'how many dtypes were tried; point at the number to see which'],
  ['max ULP', 'the greatest difference seen'],
  ['tolerance', 'its reason stands below'],
  ['ms', ''],
];

const NUMBERS: ReadonlySet<string> = new Set(['runs', 'wrong', 'max ULP', 'ms', ...KINDS]);

const ABOUT_CALLS =
  "Every call was made by the native addon and by Python's <code>mlx</code>, from the same bytes. Results must agree bit for bit, errors in class and text.";
const ABOUT_TRANSFORMS =
  "Every transform was taken by the native addon and by Python's <code>mlx</code> of the same calls, and must agree bit for bit. Derivatives are also held against differences, <code>vmap</code> against a loop, <code>compile</code> against the call without it: where MLX itself is wrong there, alike on both sides, the operation is a known gap with its reason.";

/** The report as one page that needs nothing else: summary, a filter, a row for each operation, programs for what differs. */
export function htmlReport(report: ParityReport): string {
  const { summary, operations, seed, runs } = report;
  const { passed, failed, gaps, mismatches, calls, milliseconds, versions } = summary;
  const ofTransforms = operations.some(({ transforms }) => transforms !== undefined);
  const head = columns(ofTransforms)
    .map(([title, about]) => {
      const side = NUMBERS.has(title) ? ' class="number"' : '';
      return `<th scope="col"${side} title="${about}">${title}</th>`;
    })
    .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>mlx-router parity: ${escape(inWords(report))}</title>
<style>${PAGE_STYLE}</style>
</head>
<body>
<header>
<h1>${ofTransforms ? 'Parity of the transforms' : 'Parity of the backends'}</h1>
<p>${ofTransforms ? ABOUT_TRANSFORMS : ABOUT_CALLS}</p>
<div class="figures">
${figure(String(summary.operations), 'operations')}
${figure(calls.toLocaleString('en'), 'calls on both')}
${figure(String(mismatches), mismatches === 1 ? 'mismatch' : 'mismatches', mismatches === 0 ? 'good' : 'bad')}
${figure(String(passed), 'passed', failed === 0 ? 'good' : '')}
${figure(String(gaps), gaps === 1 ? 'known gap' : 'known gaps')}
${figure(`${(milliseconds / 1000).toFixed(1)} s`, `seed ${seed}, ${runs} runs each`)}
</div>
<p class="versions">${Object.entries(versions)
    .map(([what, version]) => `<span>${escape(what)} <b>${escape(version)}</b></span>`)
    .join('')}</p>
</header>
<main>
${familyBars(report)}
<p class="controls"><label>Filter <input type="search" id="filter" placeholder="name, family or status" autocomplete="off"></label><output id="shown">${operations.length} shown</output></p>
<div class="table"><table><thead><tr>${head}</tr></thead>
<tbody>
${worstFirst(operations).map(rows).join('\n')}
</tbody></table></div>
</main>
<script>${PAGE_SCRIPT}</script>
</body>
</html>
`;
}
