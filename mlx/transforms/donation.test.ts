import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../index.ts';

afterAll(() => shutdown());

const MB = 2 ** 20;

describe.each(['native', 'python'] as const)('a compiled function that donates, on %s', (implementation) => {
  const within = (run: () => void) => mx.withImplementation(implementation, run);

  it('gives what it gives without, and disposes of the arrays that it replaces', () =>
    within(() => {
      const counted = (donate: boolean) => {
        const state = { sum: mx.array([1, 2]), steps: [mx.array(0)] };
        const step = mx.compile(
          (x: mx.Array) => {
            state.sum = state.sum.add(x);
            state.steps[0] = (state.steps[0] as mx.Array).add(1);
            return state.sum.multiply(2);
          },
          { inputs: state, outputs: state, donate },
        );
        const given = mx.array([3, 4]);
        const before = [state.sum, state.steps[0] as mx.Array];
        const results = [1, 2, 3].map(() => step(given).tolist());
        return { results, state: [state.sum.tolist(), state.steps[0]?.tolist()], before, given };
      };
      const [kept, donated] = [counted(false), counted(true)];
      expect(donated.results).toEqual(kept.results);
      expect(donated.state).toEqual([[10, 14], 3]);
      expect(kept.before.map((array) => array.tolist())).toEqual([[1, 2], 0]);
      for (const array of donated.before) expect(() => array.tolist()).toThrow(/disposed/);
      expect(donated.given.tolist()).toEqual([3, 4]);
    }));

  it('keeps what is an argument too, or stands where nothing is replaced', () =>
    within(() => {
      const shared = mx.array([1]);
      const model = { weight: shared };
      const average = { weight: shared };
      const step = mx.compile(
        (x: mx.Array) => {
          model.weight = model.weight.add(x).add(average.weight);
          return x;
        },
        { inputs: [model, average], outputs: [model], donate: true },
      );
      step(mx.array([1]));
      expect([model.weight.tolist(), average.weight.tolist()]).toEqual([[3], [1]]);
      const own = model.weight;
      step(own);
      expect([model.weight.tolist(), own.tolist()]).toEqual([[7], [3]]);
    }));

  it('disposes of what it replaces outside of its inputs too, from the first call on', () =>
    within(() => {
      const model = { weight: mx.array([1]) };
      const log = { last: mx.array([0]) };
      const step = mx.compile(
        () => {
          model.weight = model.weight.add(1);
          log.last = model.weight.multiply(10);
        },
        { inputs: model, outputs: [model, log], donate: true },
      );
      for (const expected of [20, 30]) {
        const before = log.last;
        step();
        expect(log.last.tolist()).toEqual([expected]);
        expect(() => before.tolist()).toThrow(/disposed/);
      }
    }));

  it('keeps the values of what it does not change', () =>
    within(() => {
      const state = { changed: mx.array([1]), same: mx.array([5]) };
      const step = mx.compile(
        () => {
          state.changed = state.changed.add(state.same);
          return state.changed;
        },
        { inputs: state, outputs: state, donate: true },
      );
      for (let i = 0; i < 3; i++) step();
      expect([state.changed.tolist(), state.same.tolist()]).toEqual([[16], [5]]);
    }));

  it('disposes of nothing where the function fails', () =>
    within(() => {
      const state = { w: mx.array([1]) };
      const step = mx.compile(
        (x: mx.Array) => {
          state.w = state.w.add(x);
          throw new Error('mine');
        },
        { inputs: state, outputs: state, donate: true },
      );
      expect(() => step(mx.array([1]))).toThrow('mine');
      expect(state.w.tolist()).toEqual([1]);
    }));
});

it('computes in the memory of what is donated', () => {
  const grown = (donate: boolean): number => {
    const state = { w: mx.zeros([MB]) };
    const step = mx.compile(
      () => {
        state.w = state.w.add(1);
      },
      { inputs: state, outputs: state, donate },
    );
    step();
    mx.eval(state.w);
    mx.resetPeakMemory();
    const before = mx.getActiveMemory();
    step();
    mx.eval(state.w);
    return (mx.getPeakMemory() - before) / MB;
  };
  mx.withImplementation('native', () => {
    expect(grown(false)).toBeGreaterThan(3);
    expect(grown(true)).toBeLessThan(1);
  });
});

it('refuses to donate where nothing is replaced', () => {
  expect(() => mx.compile((x: mx.Array) => x, { donate: true })).toThrow(
    expect.objectContaining({
      name: 'ArgumentError',
      message: expect.stringContaining('expected "outputs" beside "donate"'),
    }),
  );
});
