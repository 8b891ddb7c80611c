import { inflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { confusionCounts } from './confusion.ts';
import type { Reading } from './pictures.ts';
import { pngAddress } from './png.ts';
import { type Report, reportPage, sample } from './report.ts';

const VOID = new Set(['meta', 'img', 'br']);

function reading(label: number, predicted: number): Reading {
  return { pixels: new Float32Array(64).fill(0.5), label, predicted, confidence: 0.9 };
}

const readings = Array.from({ length: 40 }, (_, i) => reading(i % 10, i === 33 ? 0 : i % 10));
const report: Report = {
  seed: 1,
  seconds: 2,
  model: 'Net(\n  (a): Linear("<b>")\n)',
  weights: 1234,
  history: [
    { loss: 2.3, accuracy: 0.4 },
    { loss: 0.1, accuracy: 0.975 },
  ],
  readings,
  layer: {
    digit: Array.from({ length: 64 }, (_, i) => i / 64),
    filters: [[1, -2, 0, 1, -1, 2, 3, 0, 1], Array.from({ length: 9 }, () => 0)],
    maps: [Array.from({ length: 64 }, (_, i) => i - 32), Array.from({ length: 64 }, () => 0)],
  },
  step: { text: 'straightened', before: [new Float32Array(64)], after: [new Float32Array(64)] },
  checks: [
    { name: 'softmax', passed: true, detail: 'equal' },
    { name: 'weights', passed: undefined, detail: 'skipped: <script>alert("&")</script>' },
  ],
  routing: [['matmul', '3', 'python', 'forced', '1.00']],
  transfers: 'Tensors copied: 1.',
};
const page = reportPage(report);

/** The tags that are closed in another order than they were opened, or not at all. */
function unbalanced(html: string): string[] {
  const open: string[] = [];
  const wrong: string[] = [];
  for (const [, closing, name = '', rest = ''] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:"[^"]*"|[^">])*)>/g)) {
    if (VOID.has(name) || rest.endsWith('/')) continue;
    if (closing === '') open.push(name);
    else if (open.pop() !== name) wrong.push(name);
  }
  return [...wrong, ...open];
}

test('the page is well formed', () => {
  expect(unbalanced('<p><b></p></b>')).not.toEqual([]);
  expect(unbalanced(page.replace(/<style>.*<\/style>/s, ''))).toEqual([]);
  expect(page).not.toMatch(/NaN|undefined|\[object/);
});

test('the page needs nothing but itself', () => {
  const addresses = [...page.matchAll(/\b(?:src|srcset|poster|data)="([^"]*)"/g)].map(([, address]) => address ?? '');
  expect(addresses.length).toBeGreaterThan(20);
  expect(addresses.every((address) => address.startsWith('data:image/png;base64,'))).toBe(true);
  expect(page).not.toMatch(/<link|<script|<iframe|@import|url\(/);
});

test('the page shows text as text', () => {
  expect(page).toContain('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
});

test('the page says how many are right, and marks the wrong one', () => {
  expect(page).toContain('39 of 40');
  expect(page.match(/class="tile wrong"/g)).toHaveLength(1);
  expect(page.match(/<figure class="tile/g)).toHaveLength(24);
  expect(page).toContain('a 3 read as 0');
});

test('a sample has the wrong ones, half of it at most, in their order', () => {
  const wrong = Array.from({ length: 30 }, (_, i) => reading(1, i % 2));
  const shown = sample(wrong);
  expect(shown).toHaveLength(24);
  expect(shown.filter(({ predicted }) => predicted === 0)).toHaveLength(12);
  expect(shown.map((each) => wrong.indexOf(each))).toEqual(
    shown.map((each) => wrong.indexOf(each)).sort((a, b) => a - b),
  );
  expect(sample([reading(1, 1)])).toHaveLength(1);
});

test('confusion is counted by what it is and what was read', () => {
  const counts = confusionCounts([reading(3, 5), reading(3, 5), reading(5, 3)]);
  expect([counts[3]?.[5], counts[5]?.[3], counts[0]?.[0]]).toEqual([2, 1, 0]);
});

test('a picture holds its pixels', () => {
  const pixels = Uint8Array.from({ length: 16 }, (_, i) => i * 16);
  const png = Buffer.from(pngAddress(pixels, 2, 2).slice('data:image/png;base64,'.length), 'base64');
  const start = png.indexOf('IDAT');
  const data = inflateSync(png.subarray(start + 4, start + 4 + png.readUInt32BE(start - 4)));
  expect([...data]).toEqual([0, ...pixels.subarray(0, 8), 0, ...pixels.subarray(8)]);
});
