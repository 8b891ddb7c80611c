import { describe, expect, it } from 'vitest';
import { ArgumentError, core as mx } from '../index.ts';
import * as nn from '../nn/index.ts';
import * as utils from '../utils/index.ts';
import * as optimizers from './index.ts';

type Tensor = mx.Array;

const values = (tree: object) => utils.treeFlatten<Tensor>(tree).map(([path, array]) => [path, array.tolist()]);

function network() {
  mx.random.seed(3);
  return new nn.Sequential(new nn.Linear(4, 8), nn.gelu, new nn.Dropout(0.25), new nn.Linear(8, 2));
}

function losses(model: ReturnType<typeof network>) {
  return nn.valueAndGrad(model, (x: Tensor, y: Tensor) => nn.losses.mseLoss(model.forward(x), y));
}

function batches(count: number): [Tensor, Tensor][] {
  mx.random.seed(9);
  return Array.from({ length: count }, () => [mx.random.normal([6, 4]), mx.random.normal([6, 2])]);
}

describe('training', () => {
  it('goes the same way compiled, with captured state, as eagerly', () => {
    const data = batches(6);
    const train = (isCompiled: boolean) => {
      const model = network();
      const schedule = optimizers.joinSchedules(
        [optimizers.linearSchedule(0, 0.1, 3), optimizers.cosineDecay(0.1, 10)],
        [3],
      );
      const optimizer = new optimizers.AdamW(schedule, { weightDecay: 0.1 });
      const lossAndGrad = losses(model);
      const state = [model.state, optimizer.state, mx.random.state];
      const eager = (x: Tensor, y: Tensor) => {
        const [loss, gradients] = lossAndGrad(x, y);
        optimizer.update(model, gradients);
        return loss;
      };
      const step = isCompiled ? mx.compile(eager, { inputs: state, outputs: state }) : eager;
      mx.random.seed(5);
      for (const [x, y] of data) mx.eval(step(x, y), state);
      return { model, optimizer };
    };
    const [compiled, eager] = [train(true), train(false)];
    expect(compiled.optimizer.step.item()).toBe(6n);
    expect(utils.treeFlatten(compiled.optimizer.state).map(([path]) => path)).toEqual(
      utils.treeFlatten(eager.optimizer.state).map(([path]) => path),
    );
    const pairs = values(compiled.model.parameters()).map(([, value], i) => [
      value,
      values(eager.model.parameters())[i]?.[1],
    ]);
    // A compiled kernel rounds otherwise than its operations one by one.
    for (const [a, b] of pairs as [number[], number[]][]) {
      expect(mx.allclose(mx.array(a), mx.array(b), 1e-4, 1e-5).item()).toBe(true);
    }
  });

  it('goes on from a saved state in every bit', () => {
    const data = batches(6);
    const run = (model: ReturnType<typeof network>, optimizer: optimizers.Optimizer, part: [Tensor, Tensor][]) => {
      const lossAndGrad = losses(model);
      model.eval();
      for (const [x, y] of part) optimizer.update(model, lossAndGrad(x, y)[1]);
    };
    const whole = network();
    const wholeOptimizer = new optimizers.Adam(0.01);
    run(whole, wholeOptimizer, data);

    const first = network();
    const firstOptimizer = new optimizers.Adam(0.01);
    run(first, firstOptimizer, data.slice(0, 3));
    const saved = utils.treeFlatten<Tensor>(firstOptimizer.state);
    const second = network().loadWeights(utils.treeFlatten<Tensor>(first.parameters()));
    const secondOptimizer = new optimizers.Adam(0.5);
    secondOptimizer.state = utils.treeUnflatten(saved);
    run(second, secondOptimizer, data.slice(3));

    expect(values(second.parameters())).toEqual(values(whole.parameters()));
    expect(values(secondOptimizer.state)).toEqual(values(wholeOptimizer.state));
  });

  it('keeps shared weights shared', () => {
    const shared = new nn.Linear(2, 2);
    const model = new nn.Sequential(shared, nn.relu, shared);
    const optimizer = new optimizers.Adam(0.1);
    const [, gradients] = nn.valueAndGrad(model, (x: Tensor) => mx.sum(model.forward(x)))(mx.ones([1, 2]));
    optimizer.update(model, gradients);
    const arrays = utils.treeFlatten<Tensor>(model.parameters()).map(([, array]) => array);
    expect(arrays[0]).toBe(arrays[2]);
    expect(arrays[1]).toBe(arrays[3]);
  });
});

describe('an optimizer', () => {
  it('given other parameters than it began with says which', () => {
    const model = new nn.Linear(2, 2);
    const optimizer = new optimizers.SGD(0.1, { momentum: 0.9 });
    optimizer.update(model, { weight: mx.ones([2, 2]) });
    const wrong = () => optimizer.update(model, { bias: mx.ones([2]) });
    expect(wrong).toThrow(ArgumentError);
    expect(wrong).toThrow('"bias"');
    optimizer.init(model.parameters());
    expect(wrong).not.toThrow();
    expect(() => optimizer.update(model, { stranger: mx.ones([2]) })).toThrow('no parameter "stranger"');
    expect(() => optimizer.update(model, { weight: 3 })).toThrow('expected an array');
  });

  it('has a learning rate that can be set', () => {
    const optimizer = new optimizers.SGD(0.5);
    optimizer.learningRate = 0.25;
    const changed = optimizer.applyGradients({ w: mx.ones([1]) }, { w: mx.zeros([1]) });
    expect((changed['w'] as Tensor).item()).toBe(-0.25);
  });

  it.each<[string, () => unknown]>([
    ['betas out of range', () => new optimizers.Adam(0.1, [1, 0.9])],
    ['nesterov without momentum', () => new optimizers.SGD(0.1, { nesterov: true })],
    ['no learning rate', () => new optimizers.SGD(...([] as unknown as [number]))],
    ['an eps of 0', () => new optimizers.Adagrad(0.1, 0)],
    ['a schedule of no steps', () => optimizers.cosineDecay(0.1, 0)],
    ['boundaries that do not fit', () => optimizers.joinSchedules([optimizers.cosineDecay(1, 2)], [3])],
    ['filters that do not fit', () => new optimizers.MultiOptimizer([new optimizers.SGD(0.1)], [() => true])],
    ['a negative norm', () => optimizers.clipGradNorm({}, -1)],
  ])('refuses %s', (_, make) => {
    expect(make).toThrow(ArgumentError);
  });

  it('of several has each parameter at the first that wants it', () => {
    const optimizer = new optimizers.MultiOptimizer(
      [new optimizers.SGD(1), new optimizers.SGD(2)],
      [(path) => path.endsWith('weight')],
    );
    const gradients = { a: { weight: mx.ones([1]), bias: mx.ones([1]) } };
    const changed = optimizer.applyGradients(gradients, { a: { weight: mx.zeros([1]), bias: mx.zeros([1]) } });
    expect(values(changed)).toEqual([
      ['a.weight', [-1]],
      ['a.bias', [-2]],
    ]);
    const { state } = optimizer;
    optimizer.state = state;
    expect(optimizer.learningRate.item()).toBe(1);
    expect(() => {
      optimizer.state = { states: [] };
    }).toThrow(ArgumentError);
  });
});

describe('clipGradNorm', () => {
  it('makes the norm of all gradients together what it may be at most', () => {
    const [clipped, norm] = optimizers.clipGradNorm({ a: mx.array([3]), b: [mx.array([4])] }, 1);
    expect(norm.item()).toBe(5);
    const [, after] = optimizers.clipGradNorm(clipped, 1);
    expect(after.item()).toBeCloseTo(1, 5);
  });
});
