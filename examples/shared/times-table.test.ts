import { describe, expect, test } from 'vitest';
import { summary } from './times.ts';
import { type TimesTable, tableHtml, tablesText } from './times-table.ts';

const alone = summary([100, 200]);
const rows = [
  { name: 'native', ...summary([200, 300]), alone, whySlower: 'far & wide' },
  { name: 'pool', ...summary([50]), alone, whySlower: 'not far' },
  { name: 'Python by itself', ...alone, alone },
  { name: 'another', ...summary([1000]), alone: undefined },
];
const table = (unit: TimesTable['unit']): TimesTable => ({ title: 'a step', unit, digits: 1, rows });

describe('a table of ways', () => {
  test('has how many times as fast each is, and why where it is slower', () => {
    const lines = tablesText([table('ms')]).split('\n');
    expect(lines.map((line) => line.replace(/ +/g, ' '))).toEqual([
      'ms average median minimum maximum beside Python',
      'a step native 250 250 200 300 0.60 ×',
      ' far & wide',
      'a step pool 50.0 50.0 50.0 50.0 3.00 ×',
      'a step Python by itself 150 150 100 200 1.00 ×',
      'a step another 1000 1000 1000 1000',
    ]);
  });

  test('of speeds has the other one as the slower', () => {
    const text = tablesText([table('frames/s')]);
    expect(text).toMatch(/native .+ 1\.67 ×\n/);
    expect(text).toMatch(/pool .+ 0\.33 ×\n +not far\n/);
  });

  test('in a page marks the best, and names the column of each figure', () => {
    const html = tableHtml(table('ms'));
    expect(html).toContain('<td colspan="6">far &amp; wide</td>');
    expect(html).not.toContain('not far');
    expect(html.match(/class="best">[\d.]+/g)).toEqual(['class="best">50.0']);
    expect(html.match(/data-column="beside Python">/g)).toHaveLength(4);
    expect(tableHtml(table('frames/s')).match(/class="best">[\d.]+/g)).toEqual(['class="best">1000']);
  });
});
