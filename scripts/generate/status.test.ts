import { expect, test } from 'vitest';
import { CATALOGUE } from '../../registry/catalogue/index.ts';
import { statusTable, withStatus } from './status.ts';

const PAGE = 'before\n<!-- status: written by npm run generate -->\nold\n<!-- end of status -->\nafter\n';

test('counts an operation as native only where it is', () => {
  const [first, second] = CATALOGUE.filter(({ family, native }) => family === 'unary' && native !== null);
  if (first === undefined || second === undefined) throw new Error('the catalogue has no unary operations');
  const table = statusTable([first, { ...second, native: null }]);
  expect(table).toContain(`| unary | 2 | 1 | \`${second.name}\` |`);
  expect(table).toContain('| **all** | 2 | 1 | 1 |');
  expect(table).not.toContain('| linalg');
});

test('replaces what stands between the marks, and changes nothing the second time', () => {
  const page = withStatus(PAGE, CATALOGUE);
  expect(page).not.toContain('old');
  expect(page.startsWith('before\n')).toBe(true);
  expect(page.endsWith('\nafter\n')).toBe(true);
  expect(withStatus(page, CATALOGUE)).toBe(page);
});

test('a page without marks is an error, not a page without a table', () => {
  expect(() => withStatus('nothing', CATALOGUE)).toThrow(/lost its marks/);
});
