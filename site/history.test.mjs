import { describe, expect, it } from 'vitest';
import { drawSuite, historyPage, readHistory, seriesOf } from './history.mjs';

const night = (day, rows) => ({
  date: `2026-01-0${day}T02:00:00.000Z`,
  commit: null,
  environment: { node: '20', mlx: '0.32.2' },
  rows,
});
const add = (ours, ratio) => ({ suite: 'micro', name: 'add', unit: 'ns', ours, ratio });
const trip = (ours) => ({ suite: 'bridge', name: 'round-trip', unit: 'us', ours, ratio: null });

const nights = [night(1, [add(300, 0.5), trip(50)]), night(2, [add(200, 1)]), night(3, [add(150, 2), trip(100)])];

describe('the history of the benchmarks', () => {
  it('is read from lines', () => {
    const text = nights.map((each) => JSON.stringify(each)).join('\n');
    expect(readHistory(`${text}\n`)).toEqual(nights);
    expect(readHistory('')).toEqual([]);
  });

  it('has ratios where all runs have them, else our own figures, of the runs that have the row', () => {
    const suites = seriesOf(nights);
    expect([...suites.keys()]).toEqual(['micro', 'bridge']);
    expect(suites.get('micro')).toMatchObject([
      { name: 'add', unit: 'ratio', points: [{ value: 0.5 }, { value: 1 }, { value: 2 }] },
    ]);
    expect(suites.get('bridge')).toMatchObject([
      { name: 'round-trip', unit: 'µs', points: [{ value: 50 }, { value: 100 }] },
    ]);
    const [{ unit, points }] = seriesOf([night(1, [add(300, null)]), night(2, [add(200, 1)])]).get('micro');
    expect([unit, ...points.map(({ value }) => value)]).toEqual(['ns', 300, 200]);
  });

  it('is drawn from zero to the greatest value, from the first run to the last, with a line at 1', () => {
    const drawing = drawSuite(seriesOf(nights).get('micro'));
    // The values 0.5, 1 and 2 of at most 2, in 54 units of height that end at 84.
    expect(drawing).toContain('points="8,70.5 81,57 154,30"/>');
    expect(drawing).toContain('<path d="M8 57H154" ');
    expect(drawing).toContain('>2</text>');
    const alone = drawSuite(seriesOf(nights).get('bridge'));
    expect(alone).not.toContain('<path');
    expect(alone).toContain('>100 µs</text>');
  });

  it('can be drawn of one run, of nothing but zeros, and of names with marks', () => {
    const list = [{ name: 'a<b', unit: 'MB', points: [{ date: '2026-01-01', value: 0 }] }];
    const drawing = drawSuite(list);
    expect(drawing).toContain('points="8,84"/>');
    expect(drawing).toContain('>a&lt;b</text>');
    expect(drawing).not.toContain('NaN');
  });

  it('puts what does not fit in a line below it', () => {
    const list = Array.from({ length: 5 }, (_, i) => ({
      name: `row-${i}`,
      unit: 'ms',
      points: [{ date: '2026-01-01', value: i }],
    }));
    const drawing = drawSuite(list);
    expect(drawing).toContain('viewBox="0 0 840 192"');
    expect(drawing).toContain('translate(630 0)');
    expect(drawing).toContain('translate(0 96)');
  });

  it('is a page with a section for each machine, or says that there is none', () => {
    const page = historyPage({ 'ubuntu-24.04': nights, 'macos-15': [] });
    expect(page).toContain('## ubuntu-24.04\n\n3 runs from 2026-01-01 to 2026-01-03. The last: node 20 · mlx 0.32.2.');
    expect(page.match(/<svg/g)).toHaveLength(2);
    expect(page).not.toContain('macos-15');
    // Vue takes them out of a page.
    expect(page).not.toContain('<style');
    expect(historyPage({})).toContain('No run has been kept yet.');
  });
});
