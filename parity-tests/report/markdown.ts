import type { OperationReport } from '../check.ts';
import { inWords, type ParityReport } from './summary.ts';

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function row(operation: OperationReport): string {
  const { name, family, status, runs, errorRuns, dtypes, maxUlp, tolerance, reason, milliseconds } = operation;
  const bound = reason === null ? `${tolerance}` : `${tolerance}: ${reason}`;
  const cells = [
    `\`${name}\``,
    family,
    status,
    `${runs}`,
    `${errorRuns}`,
    dtypes.join(', '),
    `${maxUlp}`,
    bound,
    `${milliseconds}`,
  ];
  return `| ${cells.map(cell).join(' | ')} |`;
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
    '| operation | family | status | runs | wrong calls | dtypes | max ULP | tolerance | ms |',
    '|---|---|---|--:|--:|---|--:|---|--:|',
    ...operations.map(row),
    '',
  ].join('\n');
}
