import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Pending } from './pending.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Passes the time and the turn of the event loop behind it. */
function overrun(milliseconds: number): void {
  vi.advanceTimersByTime(milliseconds);
  vi.advanceTimersByTime(1);
}

function pending(): { late: number[]; waiting: Pending } {
  const late: number[] = [];
  return { late, waiting: new Pending((call) => late.push(call)) };
}

it('takes answers in their order, and no others', () => {
  const { waiting } = pending();
  for (const call of [5, 6, 7]) waiting.add(call, 1000);
  expect(waiting.take(6)).toBeNull();
  expect(waiting.take(5)).not.toBeNull();
  expect(waiting.take(5)).toBeNull();
  expect(waiting.take(6)).not.toBeNull();
  expect(waiting.take(7)).not.toBeNull();
  expect(waiting.take(7)).toBeNull();
  expect(waiting.empty).toBe(true);
});

it('measures from the request, and what was spent behind others', () => {
  const { waiting } = pending();
  waiting.add(1, 1000);
  waiting.add(2, 1000);
  vi.advanceTimersByTime(30);
  expect(waiting.take(1)).toEqual({ queueWait: 0, duration: 30 });
  vi.advanceTimersByTime(10);
  expect(waiting.take(2)).toEqual({ queueWait: 30, duration: 40 });
});

it('gives the call whose budget is spent, be it the first or not', () => {
  const { late, waiting } = pending();
  waiting.add(1, 1000);
  waiting.add(2, 100);
  vi.advanceTimersByTime(99);
  expect(late).toEqual([]);
  overrun(1);
  expect(late).toEqual([2]);
});

it('reports nothing of what was answered, and starts afresh for what came later', () => {
  const { late, waiting } = pending();
  waiting.add(1, 100);
  waiting.take(1);
  vi.advanceTimersByTime(50);
  waiting.add(2, 100);
  vi.advanceTimersByTime(99);
  expect(late).toEqual([]);
  overrun(1);
  expect(late).toEqual([2]);
});

it('believes an answer that is read right after the budget was spent', () => {
  const { late, waiting } = pending();
  waiting.add(1, 100);
  waiting.add(2, 300);
  setTimeout(() => waiting.take(1), 100);
  vi.advanceTimersByTime(200);
  expect(late).toEqual([]);
  overrun(100);
  expect(late).toEqual([2]);
});

it('keeps its order over thousands of calls', () => {
  const { late, waiting } = pending();
  for (let call = 1; call <= 5000; call++) waiting.add(call, 1000);
  for (let call = 1; call < 5000; call++) expect(waiting.take(call)).not.toBeNull();
  expect(waiting.empty).toBe(false);
  overrun(1000);
  expect(late).toEqual([5000]);
});

it('is silent once it is closed', () => {
  const { late, waiting } = pending();
  waiting.add(1, 10);
  waiting.close();
  vi.advanceTimersByTime(100);
  expect(late).toEqual([]);
});

describe('a request that calls back', () => {
  it('is answered after those that came meanwhile, and after the answer to the callback', () => {
    const { waiting } = pending();
    for (const call of [1, 2]) waiting.add(call, 1000);
    expect(waiting.suspend(50)).toBe(1);
    expect(waiting.take(1)).toBeNull();
    expect(waiting.take(2)).not.toBeNull();
    expect(waiting.empty).toBe(false);
    waiting.add(3, 1000);
    waiting.resume(50);
    waiting.add(4, 1000);
    expect(waiting.take(1)).toBeNull();
    expect(waiting.take(3)).not.toBeNull();
    expect(waiting.take(4)).toBeNull();
    expect(waiting.take(1)).not.toBeNull();
    expect(waiting.take(4)).not.toBeNull();
    expect(waiting.empty).toBe(true);
  });

  it('may do so again, and inside itself', () => {
    const { waiting } = pending();
    waiting.add(1, 1000);
    expect(waiting.suspend(50)).toBe(1);
    waiting.add(2, 1000);
    expect(waiting.suspend(51)).toBe(2);
    waiting.resume(51);
    expect(waiting.suspend(52)).toBe(2);
    waiting.resume(52);
    expect(waiting.take(1)).toBeNull();
    expect(waiting.take(2)).not.toBeNull();
    waiting.resume(50);
    expect(waiting.suspend(53)).toBe(1);
    waiting.resume(53);
    expect(waiting.take(1)).not.toBeNull();
    expect(waiting.empty).toBe(true);
  });

  it('may have its answer before a callback inside it has, and goes on after that', () => {
    const { waiting } = pending();
    for (const call of [1, 2]) waiting.add(call, 1000);
    waiting.suspend(50);
    waiting.resume(50);
    expect(waiting.suspend(51)).toBe(2);
    waiting.add(3, 1000);
    waiting.resume(51);
    waiting.add(4, 1000);
    expect(waiting.take(1)).toBeNull();
    expect(waiting.take(3)).not.toBeNull();
    expect(waiting.take(4)).toBeNull();
    expect(waiting.take(2)).not.toBeNull();
    expect(waiting.take(4)).toBeNull();
    expect(waiting.take(1)).not.toBeNull();
    expect(waiting.take(4)).not.toBeNull();
    expect(waiting.empty).toBe(true);
  });

  it('that is not there, or an answer to another callback, is refused', () => {
    const { waiting } = pending();
    expect(waiting.suspend(50)).toBeNull();
    waiting.add(1, 1000);
    waiting.suspend(50);
    expect(waiting.suspend(51)).toBeNull();
    waiting.resume(49);
    expect(waiting.take(1)).toBeNull();
    expect(waiting.take(0)).toBeNull();
    expect(waiting.take(-1)).toBeNull();
  });

  it('keeps its budget meanwhile', () => {
    const { late, waiting } = pending();
    waiting.add(1, 100);
    waiting.suspend(50);
    waiting.add(2, 1000);
    overrun(100);
    expect(late).toEqual([1]);
  });
});

it('gives what was abandoned before it began its whole budget when it begins', () => {
  const { late, waiting } = pending();
  waiting.add(1, 1000);
  waiting.add(2, 100);
  overrun(100);
  expect(late).toEqual([2]);
  expect([waiting.hasBegun(1), waiting.hasBegun(2), waiting.busy?.call]).toEqual([true, false, 1]);
  waiting.abandon(2);
  vi.advanceTimersByTime(500);
  waiting.take(1);
  vi.advanceTimersByTime(99);
  expect(late).toEqual([2]);
  overrun(1);
  expect(late).toEqual([2, 2]);
});

it('forgets what is withdrawn, wherever it stands', () => {
  const { late, waiting } = pending();
  for (const call of [1, 2, 3]) waiting.add(call, 100);
  waiting.withdraw(2);
  waiting.withdraw(9);
  expect(waiting.take(1)).not.toBeNull();
  expect(waiting.isOnly(3)).toBe(true);
  waiting.withdraw(3);
  expect(waiting.empty).toBe(true);
  overrun(200);
  expect(late).toEqual([]);
});
