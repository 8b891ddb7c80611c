import type { Failure, OperationReport } from '../operation-report.ts';

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}

/** One failure in full: what differs, both answers, a program in each language that shows it. */
export function failureText(operation: OperationReport, failure: Failure): string {
  const { name, status, reason } = operation;
  const known = status === 'gap' ? ` (known gap: ${reason})` : '';
  const lines = [`${name}: ${failure.kind}${known}: ${failure.message}`];
  if (failure.native !== '') lines.push(`  native: ${failure.native}`);
  if (failure.python !== '') lines.push(`  python: ${failure.python}`);
  const path = failure.path === null ? '' : ` --path ${failure.path}`;
  const transforms = operation.transforms === undefined ? '' : ' --transforms';
  lines.push(`  again:  mlx-router parity${transforms} --op ${name} --seed ${failure.seed}${path}`);
  if (failure.typescript !== '') lines.push('  TypeScript:', indent(failure.typescript));
  if (failure.pythonSource !== '') lines.push('  Python:', indent(failure.pythonSource));
  return lines.join('\n');
}
