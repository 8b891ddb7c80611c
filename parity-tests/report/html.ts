import type { Failure, OperationReport } from '../check.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-assets.ts';
import { inWords, type ParityReport } from './summary.ts';

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function figure(value: string, label: string, tone = ''): string {
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

function tolerance({ tolerance: ulp, reason }: OperationReport): string {
  const bound = ulp === 0 ? 'bit for bit' : `${ulp} ULP`;
  return reason === null ? bound : `${bound}<br><small>${escape(reason)}</small>`;
}

function rows(operation: OperationReport): string {
  const { name, family, status, runs, errorRuns, dtypes, maxUlp, failures, milliseconds } = operation;
  const main = `<tr class="operation" data-text="${escape(`${name} ${family} ${status}`.toLowerCase())}">
<td><code>${escape(name)}</code></td><td>${family}</td><td><span class="badge ${status}">${status}</span></td>
<td class="number">${runs}</td><td class="number">${errorRuns}</td>
<td><span class="dtypes" title="${escape(dtypes.join(', '))}">${dtypes.length}</span></td>
<td class="number">${maxUlp}</td><td>${tolerance(operation)}</td><td class="number">${milliseconds}</td></tr>`;
  if (failures.length === 0) return main;
  return `${main}
<tr class="details"><td colspan="9"><details open><summary>${failures.length === 1 ? 'what differs' : `${failures.length} things differ`}</summary>
${failures.map(failureBlock).join('\n')}</details></td></tr>`;
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

const COLUMNS = [
  ['operation', ''],
  ['family', ''],
  ['status', ''],
  ['runs', 'right calls, each on both backends'],
  ['wrong', 'wrong calls, each on both backends'],
  ['dtypes', 'how many dtypes were tried; point at the number to see which'],
  ['max ULP', 'the greatest difference seen'],
  ['tolerance', 'and its reason'],
  ['ms', ''],
] as const;

/** The report as one page that needs nothing else: summary, a filter, a row for each operation, programs for what differs. */
export function htmlReport(report: ParityReport): string {
  const { summary, operations, seed, runs } = report;
  const { passed, failed, gaps, mismatches, calls, milliseconds, versions } = summary;
  const head = COLUMNS.map(([title, about]) => `<th scope="col" title="${about}">${title}</th>`).join('');
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
<h1>Parity of the backends</h1>
<p>Every call was made by the native addon and by Python's <code>mlx</code>, from the same bytes. Results must agree bit for bit, errors in class and text.</p>
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
