import { expect, it } from 'vitest';
import { messageOf } from './message.ts';

it.each([
  [new Error('full'), 'full'],
  ['text', 'text'],
  [undefined, 'undefined'],
  [Symbol('s'), 'Symbol(s)'],
  [Object.create(null), 'what was thrown cannot be read'],
])('%#: says what was thrown', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
});
