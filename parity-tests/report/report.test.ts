import { describe, expect, it } from 'vitest';
import type { Failure, OperationReport } from '../operation-report.ts';
import { htmlReport } from './html.ts';
import { markdownReport } from './markdown.ts';
import { inWords, makeReport } from './summary.ts';
import { failureText } from './text.ts';

const failure: Failure = {
  kind: 'call',
  message: 'element 0 differs: 1 <script>alert(1)</script>',
  native: 'array([1])',
  python: 'array([2])',
  typescript: "mx.abs(mx.array([1]), { note: '<b>&' });",
  pythonSource: 'mx.abs(mx.array([1]))',
  seed: 5,
  path: 'right:3:0',
  shrinks: 2,
};

function report(name: string, changes: Partial<OperationReport> = {}): OperationReport {
  return {
    name,
    family: 'unary',
    status: 'passed',
    runs: 10,
    errorRuns: 5,
    dtypes: ['float32', 'int32'],
    maxUlp: 0,
    tolerance: 0,
    reason: null,
    failures: [],
    milliseconds: 12,
    ...changes,
  };
}

const failed = report('abs', { status: 'failed', failures: [failure] });
const gap = report('exp', { status: 'gap', reason: 'one | two\nlines', tolerance: 3, maxUlp: 2 });
const facts = { seed: 5, runs: 10, milliseconds: 2000, versions: { mlx: '0.32.2', node: '20' } };
const parity = makeReport([report('sin'), gap, failed], facts);

describe('a parity report', () => {
  it('counts what passed, what failed and what is known', () => {
    expect(parity.summary).toMatchObject({ operations: 3, passed: 1, failed: 1, gaps: 1, mismatches: 1, calls: 45 });
    expect(inWords(parity)).toMatch(/1 .*mismatch|1 differ|1 .*failed/);
    expect(inWords(makeReport([report('sin')], facts))).not.toBe(inWords(parity));
  });

  it('shows a failure with both answers, both programs, and how to run it again', () => {
    const text = failureText(failed, failure);
    for (const part of [failure.native, failure.python, failure.typescript, failure.pythonSource, 'right:3:0']) {
      expect(text).toContain(part);
    }
  });
});

describe('its page', () => {
  const page = htmlReport(parity);

  it('has what failed first', () => {
    const at = (name: string) => page.indexOf(`<code>${name}</code>`);
    expect(at('abs')).toBeGreaterThan(0);
    expect(at('abs')).toBeLessThan(at('exp'));
    expect(at('exp')).toBeLessThan(at('sin'));
  });

  it('takes no markup from values or programs', () => {
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain("'<b>&'");
    expect(page).toContain('&lt;b&gt;&amp;');
  });

  it('gives the reason of a tolerance, and the shares of a family', () => {
    expect(page).toContain('<td>3 ULP</td>');
    expect(page).toContain('<p class="reason">one | two');
    expect(page.match(/class="(passed|gap|failed)" style="width:33\.3/g)).toHaveLength(3);
  });
});

describe('its Markdown', () => {
  const page = markdownReport(parity);

  it('keeps each operation on one row', () => {
    expect(page).toContain('| 3: one \\| two lines |');
    expect(page.match(/^\| `/gm)).toHaveLength(3);
  });

  it('has differences only where there are some', () => {
    expect(page).toContain('## Differences\n\n### abs: call');
    expect(markdownReport(makeReport([report('sin')], facts))).not.toContain('## Differences');
  });
});

describe('of transforms', () => {
  const count = { kind: 'vjp', results: 7, refusals: 2, differences: 5, limits: 1 } as const;
  const transformed = { gradient: 'piecewise', transforms: [count] };
  const ended = report('exp', { status: 'failed', failures: [{ ...failure, kind: 'process end' }], transforms: [] });
  const both = makeReport([report('abs', transformed), ended], facts);

  it('each has its column, also of an operation that ended the process', () => {
    const page = htmlReport(both);
    expect(page).toContain('<h1>Parity of the transforms</h1>');
    expect(page).toContain(
      'title="5 held against differences, 1 that MLX gets wrong on both sides, 2 refused alike">7 <small>−2 !1</small>',
    );
    const cells = page.match(/<tr class="operation".*?<\/tr>/gs)?.map((row) => row.match(/<td/g)?.length);
    expect(new Set(cells)).toEqual(new Set([page.match(/<th /g)?.length]));
  });

  it('Markdown has a row of the same length as its head', () => {
    const lines = markdownReport(both).split('\n');
    const head = lines.find((line) => line.startsWith('| operation | family | status | gradient | vjp |')) ?? '';
    const row = lines.find((line) => line.startsWith('| `abs`')) ?? '';
    expect(row).toContain('| piecewise | 7, 2 refused, 1 wrong in MLX |');
    expect(row.split(' | ')).toHaveLength(head.split(' | ').length);
  });

  it('a failure says how to run it again', () => {
    expect(failureText(ended, failure)).toContain('mlx-router parity --transforms --op exp');
  });
});
