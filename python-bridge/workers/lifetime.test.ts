import { describe, expect, it } from 'vitest';
import { DisposedError } from '../../foundation/errors/errors.ts';
import { collectGarbage } from '../../foundation/test-support/collect-garbage.ts';
import { uint8 } from '../../foundation/values/dtypes.ts';
import type { Handle } from '../../foundation/values/values.ts';
import { ADD, backend, floats, read, run, runOwn } from '../test-support/backends.ts';

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 10));
const MEGABYTE = 2 ** 20;

/** Sentinels that report what the test says was collected. */
function manualSentinels() {
  const reported: number[] = [];
  const made: number[] = [];
  return {
    reported,
    made,
    create(slot: number): object {
      made.push(slot);
      return { slot };
    },
    drain: (): number[] => reported.splice(0),
  };
}

/** Bytes that the worker's tensors take, once it has done what was asked before. */
function active(python: ReturnType<typeof backend>): number {
  return runOwn(python, 'active') as number;
}

const large = (python: ReturnType<typeof backend>): Handle =>
  python.create(new Uint8Array(MEGABYTE), [MEGABYTE], uint8);

describe('memory', () => {
  it('is freed at once on demand, before the next request runs', () => {
    const python = backend();
    const handles = Array.from({ length: 20 }, () => large(python));
    expect(active(python)).toBeGreaterThanOrEqual(20 * MEGABYTE);
    for (const handle of handles) python.free(handle);
    expect(python.stats().liveTensors).toBe(0);
    expect(active(python)).toBeLessThan(MEGABYTE);
  });

  it('is freed without another request too', async () => {
    const python = backend();
    python.free(large(python));
    const sent = python.stats().bytesSent;
    await turn();
    expect(python.stats().bytesSent).toBeGreaterThan(sent);
  });

  it('is freed when handles are collected', async () => {
    const python = backend();
    for (let i = 0; i < 20; i++) large(python);
    for (let i = 0; i < 10 && python.stats().liveTensors > 2; i++) {
      collectGarbage();
      await turn();
    }
    expect(python.stats().liveTensors).toBeLessThan(3);
    expect(active(python)).toBeLessThan(3 * MEGABYTE);
  });

  it('is freed in the same turn when sentinels report', () => {
    const sentinels = manualSentinels();
    const python = backend({ sentinels });
    const first = large(python);
    const second = large(python);
    sentinels.reported.push(first.slot);
    expect(active(python)).toBeLessThan(2 * MEGABYTE);
    expect(python.stats().liveTensors).toBe(1);
    expect(python.isAlive(second)).toBe(true);
  });

  it('of tens of thousands of tensors made and freed in one turn does not pile up', () => {
    const python = backend();
    const one = floats(python, 1);
    for (let i = 0; i < 4_000; i++) python.free(run(python, ADD, one, one) as Handle);
    expect(python.stats().liveTensors).toBe(1);
    const handles = Array.from({ length: 80_000 }, () => floats(python, 2));
    for (const handle of handles) python.free(handle);
    expect(python.stats().liveTensors).toBe(1);
    expect(active(python)).toBeLessThan(MEGABYTE);
    expect(read(python, one)).toEqual([1]);
  });

  it('asks V8 for a collection when enough may be garbage', () => {
    let drained = 0;
    const sentinels = {
      create: (slot: number): object => ({ slot }),
      drain(): number[] {
        drained += 1;
        return [];
      },
    };
    const python = backend({ sentinels });
    for (let i = 0; i < 64; i++) large(python);
    const before = drained;
    // 64 MiB have been made, so this request collects, and drains once more than the others.
    large(python);
    expect(drained - before).toBe(2);
  });
});

describe('slots', () => {
  it('are used again only when the owner is collected, so that no late report frees another tensor', () => {
    const sentinels = manualSentinels();
    const python = backend({ sentinels });
    const first = floats(python, 1);
    python.free(first);
    const second = floats(python, 2);
    expect(second.slot).not.toBe(first.slot);
    sentinels.reported.push(first.slot);
    const third = floats(python, 3);
    const fourth = floats(python, 4);
    expect([third.slot, fourth.slot]).toContain(first.slot);
    expect([second, third, fourth].map((handle) => read(python, handle))).toEqual([[2], [3], [4]]);
  });

  it('of a call that fails are given back', () => {
    const sentinels = manualSentinels();
    const python = backend({ sentinels });
    const two = floats(python, 1, 2);
    const three = floats(python, 1, 2, 3);
    for (let i = 0; i < 10; i++) expect(() => run(python, ADD, two, three)).toThrow();
    expect((run(python, ADD, two, two) as Handle).slot).toBeLessThan(4);
  });
});

describe('scopes', () => {
  it('free all that was made in them but what is kept', () => {
    const python = backend();
    const before = floats(python, 1);
    python.scopes.begin();
    const kept = floats(python, 2);
    const dropped = floats(python, 3);
    python.scopes.end([kept]);
    expect([before, kept, dropped].map((handle) => python.isAlive(handle))).toEqual([true, true, false]);
    expect(() => python.read(dropped)).toThrow(DisposedError);
    expect(read(python, kept)).toEqual([2]);
  });

  it('nest, and what the inner one keeps belongs to the outer one', () => {
    const python = backend();
    python.scopes.begin();
    python.scopes.begin();
    const inner = floats(python, 1);
    python.scopes.end([inner]);
    expect(python.isAlive(inner)).toBe(true);
    const outer = floats(python, 2);
    python.free(outer);
    python.scopes.end([]);
    expect(python.isAlive(inner)).toBe(false);
    python.scopes.end([]);
  });
});
