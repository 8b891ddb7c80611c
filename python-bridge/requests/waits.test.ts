import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Call, Deadline, newWorker, type Reply } from './call.ts';
import { type DirectCalls, Waits } from './direct-calls.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const reply = { kind: 'frame' } as Reply;

/** Waits for a call whose answer such a look at the direct line finds, if any. */
function waiting(found: 'at once' | 'later' | 'never') {
  const call = new Call({
    id: 1,
    worker: newWorker(1, 0, 0),
    label: 'test',
    deadline: new Deadline(60_000),
    background: false,
  });
  const look = (when: 'at once' | 'later'): null => {
    if (found === when) call.settle(reply);
    return null;
  };
  const direct = {
    attend: () => look('at once') ?? 50,
    overdue: () => look('later'),
  } as unknown as DirectCalls;
  const abandon = vi.fn();
  const waits = new Waits({ awaited: () => [], direct, abandon });
  return { answer: waits.promise(call), call, abandon };
}

it.each(['at once', 'later'] as const)('leaves no timer once a look has found the answer %s', async (found) => {
  const { answer } = waiting(found);
  vi.advanceTimersByTime(100);
  expect(await answer).toBe(reply);
  // One that is left keeps the process alive.
  expect(vi.getTimerCount()).toBe(0);
});

it('holds a timer for as long as there is no answer, and none for a call that was given up', async () => {
  const { answer, call } = waiting('never');
  vi.advanceTimersByTime(100);
  expect(vi.getTimerCount()).toBe(1);
  call.giveUp(new Error('not wanted'));
  await expect(answer).rejects.toThrow('not wanted');
  expect(vi.getTimerCount()).toBe(0);
});
