import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { loadBetween, nearLimits, remarkOn, surelyNear } from './limits.mjs';
import { busyTicks, familyTicks, processorTimes, processTicks } from './processor-times.mjs';

const one = (seconds, limit = 120, name = 'a test') => ({ name, seconds, limit });
const quiet = { own: 600, others: 1 };

describe('tests near their limits', () => {
  test('are those over a tenth of it, the worst first', () => {
    const tests = [one(12, 120), one(13, 120), one(5, 10), one(1000, 0), one(0, 120)];
    expect(nearLimits(tests)).toEqual([one(5, 10), one(13, 120)]);
    expect(remarkOn([], quiet)).toBe('');
    expect(remarkOn(nearLimits(tests), quiet)).toBe(
      'Warning: 2 tests took over a tenth of the limit; first "a test", 5.0 s of 10 s ' +
        '(other work took 1 s of processor time, the tests 600 s)',
    );
    expect(remarkOn([one(5, 10)], undefined)).toContain('a test took over a tenth');
  });

  test('are sure to be where the machine was quiet', () => {
    expect(surelyNear([one(15)], quiet)).toEqual([one(15)]);
    expect(surelyNear([one(15)], { own: 600, others: 0 })).toEqual([one(15)]);
  });

  test('are not where other work can have held them up, or nothing is known of it', () => {
    expect(surelyNear([one(13)], quiet)).toEqual([]);
    expect(surelyNear([one(119)], { own: 600, others: 61 })).toEqual([]);
    expect(surelyNear([one(119)], { own: 600, others: 54 })).toEqual([]);
    expect(surelyNear([one(119)], { own: 600, others: 53 })).toEqual([one(119)]);
    expect(surelyNear([one(119)], undefined)).toEqual([]);
  });

  test('a test whose quiet time is within bounds never fails, whatever share of its time other work took', () => {
    const load = fc.record({
      quietSeconds: fc.double({ min: 0, max: 12, noNaN: true }),
      others: fc.double({ min: 0, max: 10_000, noNaN: true }),
      cost: fc.double({ min: 0, max: 2, noNaN: true }),
      own: fc.double({ min: 1, max: 10_000, noNaN: true }),
    });
    fc.assert(
      fc.property(load, ({ quietSeconds, others, cost, own }) => {
        const near = nearLimits([one(quietSeconds + others * cost * (1 - 1e-9))]);
        expect(surelyNear(near, { own, others })).toEqual([]);
      }),
    );
  });
});

describe('the load of a run', () => {
  test('is what the machine did and the tests did not', () => {
    expect(loadBetween({ busy: 100, own: 1 }, { busy: 150, own: 41 })).toEqual({ own: 40, others: 10 });
    // Both are rounded, and not read in the same moment.
    expect(loadBetween({ busy: 100, own: 1 }, { busy: 140, own: 42 })).toEqual({ own: 41, others: 0 });
  });

  test('is not known where the times are missing, or are not of this machine', () => {
    expect(loadBetween(undefined, { busy: 1, own: 1 })).toBeUndefined();
    expect(loadBetween({ busy: 1, own: 1 }, undefined)).toBeUndefined();
    expect(loadBetween({ busy: 0, own: 1 }, { busy: 0, own: 41 })).toBeUndefined();
    expect(loadBetween({ busy: 5, own: 1 }, { busy: 9, own: 1 })).toBeUndefined();
  });

  test('is read off what Linux writes', () => {
    expect(busyTicks('cpu  1 2 4 1000 8 16 32 64 128 256\ncpu0 9 9 9 9\n')).toBe(127);
    const stat = '42 (a) b (c) S 7 42 42 0 -1 4194560 1 2 3 4 100 20 3 4000 20 0 1 0 5 6 7';
    expect(processTicks(stat)).toEqual({ pid: 42, parent: 7, ticks: 4123 });
    const processes = [
      { pid: 3, parent: 2, ticks: 1000 },
      { pid: 1, parent: 0, ticks: 1 },
      { pid: 2, parent: 1, ticks: 100 },
      { pid: 9, parent: 0, ticks: 10 },
    ];
    expect(familyTicks(processes, 1)).toBe(1101);
  });

  test.runIf(process.platform === 'linux')('counts a child that works as the own', async () => {
    const before = processorTimes();
    const child = spawn(process.execPath, [
      '-e',
      'while (process.cpuUsage().user < 500_000) for (let i = 0; i < 1e6; i++);',
    ]);
    await once(child, 'close');
    const after = processorTimes();
    expect(after.own - before.own).toBeGreaterThan(0.4);
  });
});
