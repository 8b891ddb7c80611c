import { describe, expect, it } from 'vitest';
import { inWords, moduleReport } from './report.ts';
import { moduleMarkdown, modulePage } from './report-files.ts';
import type { RowReport } from './run.ts';

function row(name: string, changes: Partial<RowReport> = {}): RowReport {
  return {
    kind: 'layer',
    name,
    runs: 10,
    trainings: 1,
    wrongCalls: 5,
    failure: null,
    reasons: [],
    milliseconds: 12,
    ...changes,
  };
}

const failure = { sample: '{"inputs":["<b>"]}', difference: 'outputs, array 0: 1 and 2' };
const rows = [
  row('nn.Linear'),
  row('nn.Conv1d', { reasons: ['padding | kernel'] }),
  row('optimizers.Adam', { kind: 'optimizer', trainings: 0, failure }),
];
const report = moduleReport(rows, { runs: 10, seed: 3, milliseconds: 1500 });

describe('the report of modules', () => {
  it('counts what was run and what differs', () => {
    const { milliseconds, ...counts } = report.summary;
    expect(counts).toEqual({ rows: 3, passed: 2, mismatches: 1, runs: 30, trainings: 2, wrongCalls: 15 });
    expect(milliseconds).toBe(1500);
    expect(inWords(report)).toBe('3 rows, 30 runs, 2 trainings, 15 wrong calls, 1 mismatch, 1.5 s');
  });

  it('as a page has what differs first, its reasons, and no markup from values', () => {
    const page = modulePage(report);
    const at = (name: string) => page.indexOf(`<code>${name}</code>`);
    expect(at('optimizers.Adam')).toBeGreaterThan(0);
    expect(at('optimizers.Adam')).toBeLessThan(at('nn.Linear'));
    expect(page).toContain('<p class="reason">padding | kernel</p>');
    expect(page).not.toContain('"<b>"');
    expect(page).toContain('<code>nn.fullyShard</code>');
    const cells = page.match(/<tr class="operation".*?<\/tr>/gs)?.map((line) => line.match(/<td/g)?.length);
    expect(new Set(cells)).toEqual(new Set([7]));
  });

  it('as Markdown keeps each row on one line', () => {
    const page = moduleMarkdown(report);
    expect(page).toContain('| `nn.Conv1d` | layer | passed | 10 | 1 | 5 | padding \\| kernel | 12 |');
    expect(page).toContain('## Differences\n\n### optimizers.Adam');
    expect(moduleMarkdown(moduleReport(rows.slice(0, 2), { runs: 1, seed: 1, milliseconds: 1 }))).not.toContain(
      '## Differences',
    );
  });
});
