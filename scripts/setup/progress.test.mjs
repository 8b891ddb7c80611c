import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startLine } from './progress.mjs';

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

test('a long step shows each minute that it goes on, and what it has done', () => {
  const lines = [];
  let tests = 0;
  const line = startLine('[1/2] tests', {
    news: () => (tests > 0 ? `${tests} tests` : ''),
    write: (text) => lines.push(text),
  });
  vi.advanceTimersByTime(60_000);
  tests = 7;
  vi.advanceTimersByTime(60_000);
  line.end('ok');
  vi.advanceTimersByTime(600_000);
  expect(lines).toEqual(['[1/2] tests …, 1 min\n', '[1/2] tests …, 2 min, 7 tests\n']);
});
