import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, shutdown } from '../../mlx/index.ts';
import { findReference } from './check.ts';
import { LAYERS } from './rows.ts';
import { comparedNames } from './surface.ts';
import { checkWrong, differenceOf } from './wrong.ts';
import { type WrongCall, wrongCalls } from './wrong-calls.ts';
import { REFUSED_ARGUMENTS, REFUSED_OPTIONS } from './wrong-reasons.ts';

findReference();
afterAll(() => shutdown());

const call: WrongCall = {
  what: 'a call that is right',
  options: { inputDims: 2, outputDims: 3 },
  args: [],
  inputs: [{ shape: [4, 2] }],
  training: true,
};

describe('a wrong call', () => {
  it('that both sides take has to give the same', () => {
    expect(checkWrong('layer', 'nn.Linear', call)).toBe(undefined);
  });

  it('is refused by both sides', () => {
    expect(checkWrong('layer', 'nn.Linear', { ...call, inputs: [{ shape: [4, 3] }] })).toBe(undefined);
    expect(checkWrong('layer', 'nn.Linear', { ...call, options: { inputDims: 2 } })).toBe(undefined);
  });

  it('that only one side refuses is a mismatch where no reason is known', () => {
    const strict = { ...call, what: 'something else', options: { inputDims: 2, outputDims: 3, bias: 1 } };
    expect(checkWrong('layer', 'nn.Linear', strict)).toMatch(/^native, something else: only refused here: /);
    const python = { results: [], error: 'TypeError: no' };
    expect(differenceOf({ results: [] }, python, 'nn.Linear', { ...call, what: 'something else' })).toMatch(
      /only refused by Python: TypeError/,
    );
  });

  it('that ends in an error that is not typed is a mismatch', () => {
    const python = { results: [], error: 'TypeError: no' };
    expect(differenceOf({ error: new TypeError('x is undefined') }, python, 'nn.Linear', call)).toMatch(
      /an error that is not for its caller: x is undefined/,
    );
    const typed = { error: new ArgumentError('expected an array') };
    expect(differenceOf(typed, python, 'nn.Linear', call)).toBe(undefined);
  });

  it('is drawn for every part of a call', () => {
    const row = LAYERS.find(({ name }) => name === 'Bilinear');
    const drawn = fc.sample(wrongCalls.ofLayer(row as (typeof LAYERS)[number]), { numRuns: 500, seed: 1 });
    const seen = drawn.map(({ what }) => what).join('\n');
    for (const part of ['an unknown name', 'no outputDims', 'bias of "axis"', 'one input less', 'input 1 of int32']) {
      expect(seen).toContain(part);
    }
  });

  it('of each setting that Python refuses is one of a row', () => {
    const names = comparedNames();
    const listed = [...Object.keys(REFUSED_OPTIONS), ...Object.keys(REFUSED_ARGUMENTS)];
    expect(listed.filter((name) => !names.has(name))).toEqual([]);
  });
});

describe('what Python refuses on purpose is refused here', () => {
  const what = 'refused on purpose';
  it.each(Object.entries(REFUSED_OPTIONS).filter(([name]) => /^nn\.[A-Z]/.test(name)))('%s', (name, settings) => {
    const row = LAYERS.find((own) => `nn.${own.name}` === name) as (typeof LAYERS)[number];
    const [right] = fc.sample(
      row.options.chain((options) => row.inputs(options)),
      { numRuns: 1, seed: 1 },
    );
    for (const options of settings) {
      const wrong = { ...call, what, options, inputs: right as WrongCall['inputs'] };
      expect(checkWrong('layer', name, wrong)).toBe(undefined);
    }
  });
});
