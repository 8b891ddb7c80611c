import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../index.ts';
import * as nn from '../nn/index.ts';
import * as utils from '../utils/index.ts';
import * as optimizers from './index.ts';

afterAll(() => shutdown());

type Tensor = mx.Array;

const MB = 2 ** 20;

const arraysOf = (...trees: object[]) => trees.flatMap((tree) => utils.treeFlatten<Tensor>(tree).map(([, a]) => a));
const valuesOf = (tree: object) => arraysOf(tree).map((array) => array.tolist());
const isDisposed = (array: Tensor): boolean => {
  try {
    array.tolist();
    return false;
  } catch (error) {
    expect((error as Error).message).toMatch(/the array was disposed/);
    return true;
  }
};

function network() {
  mx.random.seed(3);
  return new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 2));
}

const makers: Record<string, () => optimizers.Optimizer> = {
  SGD: () => new optimizers.SGD(0.1, { momentum: 0.9 }),
  AdamW: () => new optimizers.AdamW(optimizers.cosineDecay(0.01, 10)),
  Adafactor: () => new optimizers.Adafactor(),
  Muon: () => new optimizers.Muon(0.01),
  MultiOptimizer: () =>
    new optimizers.MultiOptimizer(
      [new optimizers.Adam(0.01), new optimizers.SGD(0.1)],
      [(path) => /weight/.test(path)],
    ),
};

function train(make: () => optimizers.Optimizer, donate: boolean) {
  const model = network();
  const optimizer = make();
  optimizer.init(model.trainableParameters());
  const x = mx.random.normal([6, 4]);
  const gradient = nn.valueAndGrad(model, () => mx.mean(mx.square(model.forward(x))));
  const given: Tensor[] = [];
  for (let i = 0; i < 3; i++) {
    const [, gradients] = gradient();
    // Numbers of the state, such as that of steps, are left to a collection.
    const arrays = arraysOf(gradients, model.parameters(), optimizer.state);
    given.push(...arrays.filter(({ ndim }) => ndim > 0));
    optimizer.update(model, gradients, { donate });
    mx.eval(model, optimizer.state);
  }
  const now = arraysOf(model.parameters(), optimizer.state);
  return { values: now.map((array) => array.tolist()), given, now: new Set(now) };
}

describe.each(['native', 'python'] as const)('a step that donates, on %s', (implementation) => {
  const within = (run: () => void) => mx.withImplementation(implementation, run);

  it.each(Object.keys(makers))('of %s gives what it gives without, and leaves nothing of before', (name) =>
    within(() => {
      const make = makers[name] as () => optimizers.Optimizer;
      const [kept, donated] = [train(make, false), train(make, true)];
      expect(donated.values).toEqual(kept.values);
      expect(kept.given.some(isDisposed)).toBe(false);
      expect(donated.given.filter((array) => !donated.now.has(array)).every(isDisposed)).toBe(true);
    }),
  );

  it('keeps what has another place in the model', () =>
    within(() => {
      const tied = new nn.Linear(3, 3, { bias: false });
      const model = new nn.Sequential(tied, new nn.ReLU(), new nn.Linear(3, 3, { bias: false }));
      const [first, , last] = model.layers as [nn.Linear, unknown, nn.Linear];
      last.weight = first.weight;
      last.freeze();
      const frozen = last.weight;
      const gradient = nn.valueAndGrad(model, (x: Tensor) => mx.mean(mx.square(model.forward(x))));
      const optimizer = new optimizers.SGD(0.1);
      const before = frozen.tolist();
      for (let i = 0; i < 2; i++) optimizer.update(model, gradient(mx.ones([2, 3]))[1], { donate: true });
      expect(last.weight.tolist()).toEqual(before);
      expect(first.weight.tolist()).not.toEqual(before);
    }));

  it('changes what several places share once', () =>
    within(() => {
      const trained = (donate: boolean) => {
        const model = network();
        const [first, , last] = model.layers as [nn.Linear, unknown, nn.Linear];
        last.weight = first.weight = mx.full([4, 4], 0.5);
        first.bias = last.bias = mx.ones([4]);
        const gradient = nn.valueAndGrad(model, (x: Tensor) => mx.mean(mx.square(model.forward(x))));
        const optimizer = new optimizers.Adam(0.1);
        for (let i = 0; i < 2; i++) optimizer.update(model, gradient(mx.ones([2, 4]))[1], { donate });
        expect(last.weight).toBe(first.weight);
        return valuesOf(model.parameters());
      };
      expect(trained(true)).toEqual(trained(false));
    }));

  it('keeps a gradient that the optimizer keeps', () =>
    within(() => {
      class Last extends optimizers.Optimizer {
        largest: Tensor | undefined;

        override initSingle(_parameter: Tensor, state: optimizers.ParameterState): void {
          Object.assign(state, { last: mx.array(0), note: 'none' });
        }

        override applySingle(gradient: Tensor, parameter: Tensor, state: optimizers.ParameterState): Tensor {
          state['last'] = gradient;
          this.largest = gradient;
          return parameter.subtract(gradient);
        }
      }
      const model = new nn.Linear(2, 2, { bias: false });
      const inner = new Last();
      const optimizer = new optimizers.MultiOptimizer([inner]);
      const gradient = mx.ones([2, 2]);
      optimizer.update(model, { weight: gradient }, { donate: true });
      optimizer.update(model, { weight: mx.ones([2, 2]) }, { donate: true });
      expect(inner.largest?.tolist()).toEqual([
        [1, 1],
        [1, 1],
      ]);
      expect(isDisposed(gradient)).toBe(true);
    }));

  it('loses nothing where it fails half way', () =>
    within(() => {
      const model = network();
      const optimizer = new optimizers.Adam(0.1);
      optimizer.init(model.parameters());
      const gradients = utils.treeMap((array) => mx.onesLike(array as Tensor), model.parameters()) as nn.ParameterTree;
      const given = arraysOf(gradients, model.parameters(), optimizer.state);
      const wrong = { layers: [...(gradients['layers'] as object[])] };
      wrong.layers[2] = { weight: 'none' };
      expect(() => optimizer.update(model, wrong, { donate: true })).toThrow(/expected an array/);
      expect(given.some(isDisposed)).toBe(false);
      optimizer.update(model, gradients, { donate: true });
      expect(arraysOf(model.parameters(), optimizer.state).some(isDisposed)).toBe(false);
    }));

  it.each([false, true])('can be compiled, where that donates too: %s', (donate) =>
    within(() => {
      const trained = (options: optimizers.UpdateOptions, isDonating: boolean) => {
        const model = network();
        const optimizer = new optimizers.Adam(0.1);
        optimizer.init(model.parameters());
        const gradient = nn.valueAndGrad(model, (x: Tensor) => mx.mean(mx.square(model.forward(x))));
        const state = [model.state, optimizer.state];
        const run = (x: Tensor) => {
          const [loss, gradients] = gradient(x);
          optimizer.update(model, gradients, options);
          return loss;
        };
        const step = mx.compile(run, { inputs: state, outputs: state, donate: isDonating });
        const losses = [1, 2, 3].map(() => step(mx.ones([2, 4])).item());
        return [losses, valuesOf(model.parameters()), valuesOf(optimizer.state)];
      };
      expect(trained({ donate: true }, donate)).toEqual(trained({}, false));
    }),
  );
});

it('computes in the memory of what it is given', () => {
  const grown = (donate: boolean): number => {
    const model = new nn.Linear(1024, 1024, { bias: false });
    const optimizer = new optimizers.Adam(0.1);
    optimizer.init(model.parameters());
    const gradients = { weight: mx.ones([1024, 1024]) };
    mx.eval(model, optimizer.state, gradients);
    mx.resetPeakMemory();
    const before = mx.getActiveMemory();
    optimizer.update(model, gradients, { donate });
    mx.eval(model, optimizer.state);
    return (mx.getPeakMemory() - before) / MB;
  };
  mx.withImplementation('native', () => {
    expect(grown(false)).toBeGreaterThan(11);
    expect(grown(true)).toBeLessThan(1);
  });
});

it('refuses options that it does not have, and what is no boolean', () => {
  const model = new nn.Linear(2, 2);
  const update = (options: unknown) => () =>
    new optimizers.SGD(0.1).update(model, {}, options as optimizers.UpdateOptions);
  expect(update({ donated: true })).toThrow(/no option is named "donated"/);
  expect(update({ donate: 1 })).toThrow(/expected a boolean for "donate"/);
});
