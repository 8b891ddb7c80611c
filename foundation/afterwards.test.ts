import { describe, expect, it } from 'vitest';
import { afterwards, rescued } from './afterwards.ts';

/** What happened, in order. */
function traced() {
  const events: string[] = [];
  return {
    events,
    done: (value: unknown, isAwaited: boolean) => void events.push(`done ${String(value)} ${isAwaited}`),
    failed: (error: unknown) => void events.push(`failed ${String(error)}`),
  };
}

it('follows a function that returns', () => {
  const { events, ...after } = traced();
  expect(afterwards(() => 3, after)).toBe(3);
  expect(events).toEqual(['done 3 false']);
});

it('follows a promise once it has settled', async () => {
  const { events, ...after } = traced();
  const result = afterwards(() => Promise.resolve(3), after);
  expect(events).toEqual([]);
  expect(await result).toBe(3);
  expect(events).toEqual(['done 3 true']);
});

it.each([
  ['throws', () => afterwards(() => fail(), traced())],
  ['rejects', () => afterwards(async () => fail(), traced())],
])('passes the error on of a function that %s', async (_, run) => {
  await expect((async () => run())()).rejects.toThrow('no');
});

it('reports an error once, and not one that the rest has', async () => {
  const { events, failed } = traced();
  const late = () => fail();
  expect(() => afterwards(() => fail(), { failed })).toThrow('no');
  await expect(afterwards(async () => fail(), { failed })).rejects.toThrow('no');
  expect(events).toEqual(['failed Error: no', 'failed Error: no']);
  expect(() => afterwards(() => 1, { done: late, failed })).toThrow('no');
  await expect(afterwards(async () => 1, { done: late, failed })).rejects.toThrow('no');
  expect(events).toHaveLength(2);
});

it('lets another error take the place of the first', async () => {
  const failed = () => {
    throw new Error('other');
  };
  expect(() => afterwards(() => fail(), { failed })).toThrow('other');
  await expect(afterwards(async () => fail(), { failed })).rejects.toThrow('other');
});

it('holds a promise back for what has to be waited for', async () => {
  const { events, failed } = traced();
  const done = async () => {
    await Promise.resolve();
    events.push('done');
  };
  await afterwards(() => Promise.resolve(1), { done, failed });
  expect(events).toEqual(['done']);
});

function fail(): never {
  throw new Error('no');
}

describe('what fails', () => {
  const no = new Error('no');
  it.each([
    [
      'thrown',
      () =>
        Promise.resolve(
          rescued<unknown>(
            () => {
              throw no;
            },
            (error) => [error],
          ),
        ),
    ],
    [
      'promised',
      () =>
        rescued<Promise<unknown>>(
          () => Promise.reject(no),
          async (error) => [error],
        ),
    ],
  ])('%s is replaced by what the rescue gives', async (_, run) => {
    expect(await run()).toEqual([no]);
  });

  it('is not touched where nothing does', () => {
    expect(
      rescued(
        () => 1,
        () => 2,
      ),
    ).toBe(1);
  });
});
