import { expect, it } from 'vitest';
import { Tail } from './tail.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

it('keeps the end only, however the stream is cut', () => {
  for (const step of [1, 3, 10, 1000]) {
    const tail = new Tail(10);
    const text = Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join('');
    for (let at = 0; at < text.length; at += step) tail.push(bytes(text.slice(at, at + step)));
    expect(tail.text()).toBe('8\nline 99');
  }
});

it('gives all of what is shorter, without its last line break', () => {
  const tail = new Tail(100);
  expect(tail.text()).toBe('');
  tail.push(bytes('one\n'));
  expect(tail.text()).toBe('one');
});
