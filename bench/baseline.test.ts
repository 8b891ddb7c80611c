import { describe, expect, it } from 'vitest';
import { guard, type Known } from './baseline.ts';
import { intervalOf, summarize } from './statistics.ts';

/** A row that was measured so often, ours and Python's ratio to it. */
function row(changes: Partial<Known> & { readonly times?: number[]; readonly ratios?: number[] } = {}): Known {
  const { times = [10, 10, 10], ratios, ...others } = changes;
  const ratioInterval = ratios === undefined ? null : intervalOf(ratios);
  const ratio = ratios === undefined ? null : (ratios[1] as number);
  return { name: 'add', suite: 'micro', unit: 'ns', ours: summarize(times), ratio, ratioInterval, ...others };
}

const factorOf = (then: Known, now: Known): number | undefined => guard([then], [now]).slower[0]?.factor;

describe('a guard against an earlier run', () => {
  it('finds what is slower by more than a tenth', () => {
    expect(factorOf(row(), row({ times: [11.2, 11.2, 11.2] }))).toBeCloseTo(1.12);
    expect(factorOf(row(), row({ times: [11, 11, 11] }))).toBeUndefined();
    expect(factorOf(row(), row({ times: [5, 5, 5] }))).toBeUndefined();
  });

  it('leaves out what chance may have made', () => {
    expect(factorOf(row({ times: [9, 10, 15] }), row({ times: [14, 20, 21] }))).toBeUndefined();
    expect(factorOf(row({ times: [9, 10, 13] }), row({ times: [14, 20, 21] }))).toBe(2);
  });

  it('goes by Python where both runs have it, as the machine may be another', () => {
    const then = row({ ratios: [1.9, 2, 2.1] });
    const onSlowerMachine = row({ times: [30, 30, 30], ratios: [1.9, 2, 2.1] });
    expect(guard([then], [onSlowerMachine]).slower).toEqual([]);
    const [change] = guard([then], [row({ ratios: [0.9, 1, 1.1] })]).slower;
    expect(change).toEqual({ name: 'add', suite: 'micro', factor: 2, beside: 'Python' });
    expect(factorOf(then, row({ times: [30, 30, 30] }))).toBe(3);
  });

  it('takes growth below a megabyte for none', () => {
    const memory = (values: number[]) => row({ unit: 'MB', times: values });
    expect(factorOf(memory([0, 0, 0]), memory([0.9, 0.9, 0.9]))).toBeUndefined();
    expect(factorOf(memory([0, 0, 0]), memory([3, 3, 3]))).toBe(3);
  });

  it('says which rows it does not know', () => {
    expect(guard([row()], [row(), row({ name: 'exp' })])).toEqual({ slower: [], unknown: ['exp'] });
  });
});

describe('the interval of a median', () => {
  it('is all of a few values, and the middle of many', () => {
    expect(intervalOf([3, 1, 2])).toEqual([1, 3]);
    const many = Array.from({ length: 101 }, (_, i) => i);
    expect(intervalOf(many)).toEqual([40, 60]);
  });
});
