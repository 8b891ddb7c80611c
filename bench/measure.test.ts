import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { recommend } from './recommend.ts';
import { ROWS, type Row } from './rows.ts';
import { median, summarize } from './statistics.ts';

const row = (changes: Partial<Row> = {}): Row => ({ ...(ROWS[0] as Row), ...changes });
const five = summarize([5]);

describe('statistics', () => {
  it('take the middle, or the mean of the two in the middle', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([4, 1, 3, 100])).toBe(3.5);
    expect(summarize([3, 1, 2], true)).toEqual({ avg: 2, median: 2, min: 1, max: 3, interval: [1, 3], p99: 3 });
  });
});

describe('a recommendation', () => {
  it.each([
    [1.2, true, /^native$/],
    [1.02, true, /^either$/],
    [0.97, false, /^either$/],
    [0.5, false, /^slower than Python: see /],
    [null, false, /^not compared/],
  ])('of the ratio %s', (ratio, meetsTarget, text) => {
    const verdict = recommend(row(), five, { ratio });
    expect(verdict.meetsTarget).toBe(meetsTarget);
    expect(verdict.recommendation).toMatch(text);
  });

  it('goes by the limit where there is one', () => {
    expect(recommend(row({ limit: 5 }), five, { ratio: 0.1 }).meetsTarget).toBe(true);
    expect(recommend(row({ limit: 4 }), five, { ratio: 9 }).recommendation).toMatch(/^over 4 ns: see /);
  });

  it('goes by the slowest of a hundred calls, where that has a limit', () => {
    const latencies = row({ limit: 75, p99Limit: 250, unit: 'us' });
    expect(recommend(latencies, { ...five, p99: 250 }, { ratio: null }).recommendation).toBe('within 75 µs');
    const slow = recommend(latencies, { ...five, p99: 251 }, { ratio: null });
    expect(slow.meetsTarget).toBe(false);
    expect(slow.recommendation).toMatch(/^p99 over 250 µs: see /);
  });

  it.each([
    [{ ours: 1.03, python: 0.98 }, true, 'floor'],
    [{ ours: 1.2, python: 1.1 }, false, 'either'],
    // Python cannot be faster than the floor: it was not measured well.
    [{ ours: 1.03, python: 0.5 }, false, 'either'],
    [{ ours: 1.03, python: null }, false, 'either'],
  ])('of what is slower than Python goes by the floor %j', (floor, meetsTarget, recommendation) => {
    expect(recommend(row(), five, { ratio: 0.96, floor })).toEqual({ meetsTarget, recommendation });
  });

  it('trusts no figure of a wrong answer', () => {
    const verdict = recommend(row(), five, { ratio: 9, difference: '1 against 2 in Python' });
    expect(verdict).toEqual({ meetsTarget: false, recommendation: 'answers differ: 1 against 2 in Python' });
  });
});

describe('the rows', () => {
  it('are there on the Python side wherever they are compared', () => {
    const folder = new URL('python/workloads/', import.meta.url);
    const files = readdirSync(folder).filter((file) => file.endsWith('.py'));
    const text = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n');
    for (const { name, compared } of ROWS) if (compared) expect(text).toContain(`"${name}":`);
  });

  it('have names of their own', () => {
    expect(new Set(ROWS.map(({ name }) => name)).size).toBe(ROWS.length);
  });
});
