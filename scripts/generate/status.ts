import { FAMILIES, type Operation } from '../../registry/operation.ts';

const START = '<!-- status: written by npm run generate -->';
const END = '<!-- end of status -->';

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

/** The page with the table between its two marks replaced; throws where the marks are missing. */
export function withStatus(page: string, catalogue: readonly Operation[]): string {
  const start = page.indexOf(START);
  const end = page.indexOf(END);
  if (start === -1 || end < start) throw new Error(`README.md has lost its marks: ${START} and ${END}`);
  return `${page.slice(0, start + START.length)}\n${statusTable(catalogue)}\n${page.slice(end)}`;
}
