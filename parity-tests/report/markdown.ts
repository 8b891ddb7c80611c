import type { OperationReport } from '../operation-report.ts';
import { KINDS } from '../transforms/kinds.ts';
import { inWords, type ParityReport } from './summary.ts';

export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function transformCells({ gradient, transforms = [] }: OperationReport): string[] {
  const cells = KINDS.map((wanted) => {
    const count = transforms.find(({ kind }) => kind === wanted);
    if (count === undefined) return '';
    const refused = count.refusals > 0 ? `, ${count.refusals} refused` : '';
    return `${count.results}${refused}${count.limits > 0 ? `, ${count.limits} wrong in MLX` : ''}`;
  });
  return [gradient ?? '', ...cells];
}

function row(operation: OperationReport): string {
  const { name, family, status, runs, errorRuns, dtypes, maxUlp, tolerance, reason, milliseconds } = operation;
  const bound = reason === null ? `${tolerance}` : `${tolerance}: ${reason}`;
  const cells = [
    `\`${name}\``,
    family,
    status,
    ...(operation.transforms === undefined ? [`${runs}`, `${errorRuns}`] : transformCells(operation)),
    dtypes.join(', '),
    `${maxUlp}`,
    bound,
    `${milliseconds}`,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
}

function head(ofTransforms: boolean): string[] {
  const own = ofTransforms ? ['gradient', ...KINDS] : ['runs', 'wrong calls'];
  const align = own.map((title) => (title === 'gradient' ? '---' : '--:'));
  return [
    `| operation | family | status | ${own.join(' | ')} | dtypes | max ULP | tolerance | ms |`,
    `|---|---|---|${align.join('|')}|---|--:|---|--:|`,
  ];
}

/** The report as Markdown: the summary, what failed, a row for each operation. */
export function markdownReport(report: ParityReport): string {
  const { summary, operations, seed, runs } = report;
  const failures = operations.flatMap((operation) => operation.failures.map((failure) => ({ operation, failure })));
  const versions = Object.entries(summary.versions).map(([what, version]) => `${what} ${version}`);
  return [
    '# Parity of the backends',
    '',
    `${inWords(report)}. Seed ${seed}, ${runs} runs of each operation.`,
    '',
    `${versions.join(' · ')}`,
    ...(failures.length === 0 ? [] : ['', '## Differences']),
    ...failures.flatMap(({ operation, failure }) => [
      '',
      `### ${operation.name}: ${failure.kind}`,
      '',
      failure.message,
      '',
      `- native: ${failure.native}`,
      `- python: ${failure.python}`,
      '',
      '```ts',
      failure.typescript,
      '```',
      '',
      '```python',
      failure.pythonSource,
      '```',
    ]),
    '',
    '## Operations',
    '',
    ...head(operations.some(({ transforms }) => transforms !== undefined)),
    ...operations.map(row),
    '',
  ].join('\n');
}
