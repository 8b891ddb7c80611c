import { FAMILIES, type Operation } from '../../registry/operation.ts';
import { between } from './marks.ts';

/** The table of README.md: how many operations each family has, and how many of them natively. */
export function statusTable(catalogue: readonly Operation[]): string {
  const rows = FAMILIES.flatMap((family) => {
    const operations = catalogue.filter((operation) => operation.family === family);
    return operations.length === 0 ? [] : [row(family, operations)];
  });
  return [
    '| family | operations | native | Python only |',
    '|---|--:|--:|---|',
    ...rows,
    row('**all**', catalogue),
  ].join('\n');
}

function row(title: string, operations: readonly Operation[]): string {
  const unported = operations.filter(({ native }) => native === null);
  const names = unported.map(({ name }) => `\`${name}\``).join(', ');
  const listed = title === '**all**' ? String(unported.length) : names;
  return `| ${title} | ${operations.length} | ${operations.length - unported.length} | ${listed} |`;
}

export function withStatus(page: string, catalogue: readonly Operation[]): string {
  return between(page, 'status', statusTable(catalogue));
}
