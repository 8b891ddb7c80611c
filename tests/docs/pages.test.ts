import { expect, test } from 'vitest';
import { blocksOf, expectedOutput, slugsOf } from './pages.ts';

test('finds blocks with their lines, and leaves out the marked ones', () => {
  const page =
    'text\n```ts\none\n```\n<!-- not run: needs a GPU -->\n\n```ts\ntwo\n```\n```python\n# a_b.py\nx = 1\n```\n';
  expect(blocksOf(page)).toEqual([
    { language: 'ts', line: 3, code: 'one', fileName: undefined, skipped: false },
    { language: 'ts', line: 8, code: 'two', fileName: undefined, skipped: true },
    { language: 'python', line: 11, code: '# a_b.py\nx = 1', fileName: 'a_b.py', skipped: false },
  ]);
});

test('a comment without a reason does not keep a block from running', () => {
  expect(blocksOf('<!-- not run: -->\n```ts\none\n```')[0]?.skipped).toBe(false);
});

test('a block without an end is an error', () => {
  expect(() => blocksOf('```ts\none')).toThrow(/line 1/);
});

test('reads what is printed, over several lines, and ignores other comments', () => {
  expect(expectedOutput('f(); // → a\n//    b\n// note\n//   no\ng(); // → c')).toBe('a\n b\nc');
  expect(expectedOutput('f(); // nothing')).toBeUndefined();
});

test('makes anchors as GitHub does', () => {
  expect(slugsOf('# One: two, three\n## `npm run check`')).toEqual(['one-two-three', 'npm-run-check']);
});
