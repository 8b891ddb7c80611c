import { expect, it } from 'vitest';
import { Lines } from './lines.ts';

function passed(use: (lines: Lines) => void): string[] {
  const texts: string[] = [];
  use(new Lines((text) => texts.push(text)));
  return texts;
}

it('passes whole lines on, wherever the pieces are cut, empty ones not', () => {
  const text = Buffer.from('first\n\nthe second: ü\nlast');
  const texts = passed((lines) => {
    for (const byte of text) lines.push(Buffer.of(byte));
    lines.end();
  });
  expect(texts).toEqual(['first', 'the second: ü', 'last']);
});

it('passes no more on than so much a second, and says what it left out', () => {
  const texts = passed((lines) => {
    for (let i = 0; i < 5000; i++) lines.push(Buffer.from(`${'x'.repeat(99)}\n`), 5000);
    lines.push(Buffer.from('later\n'), 6000);
  });
  expect(texts).toHaveLength(661 + 2);
  expect(texts.at(-2)).toBe('(4339 more lines were not passed on)');
  expect(texts.at(-1)).toBe('later');
});

it('cuts a line that never ends', () => {
  const texts = passed((lines) => {
    for (let i = 0; i < 100; i++) lines.push(Buffer.alloc(65536, 'y'));
    lines.end();
  });
  expect(texts.map((text) => text.length)).toEqual([4096]);
});
