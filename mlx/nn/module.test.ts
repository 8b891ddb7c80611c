import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, core as mx, UnsupportedOperationError } from '../index.ts';
import * as utils from '../utils/index.ts';
import * as nn from './index.ts';

type Tensor = mx.Array;

class Perceptron extends nn.Module {
  hidden = new nn.Linear(3, 4);
  layers = [new nn.LayerNorm(4), new nn.Dropout(0.5)];
  output = new nn.Linear(4, 2, { bias: false });
  activation = nn.relu;
  _scratch = mx.zeros([2]);
  name = 'perceptron';
  sizes = [3, 4, 2];

  override forward(x: Tensor): Tensor {
    return this.output.forward(this.activation(this.hidden.forward(x)));
  }
}

const paths = (tree: object) => utils.treeFlatten(tree).map(([path]) => path);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-router-nn-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('a module', () => {
  it('has its arrays and modules as parameters, by the names of its fields', () => {
    const model = new Perceptron();
    expect(paths(model.parameters())).toEqual([
      ...['hidden.weight', 'hidden.bias', 'layers.0.weight', 'layers.0.bias', 'output.weight'],
    ]);
    expect(model.has('hidden')).toBe(true);
    expect(model.has('name')).toBe(false);
    expect(model.has('sizes')).toBe(false);
    expect(model.has('toString')).toBe(false);
    expect(Object.keys(model.children())).toEqual(['hidden', 'layers', 'output']);
    expect(model.namedModules().map(([path]) => path)).toEqual(['', 'output', 'layers.1', 'layers.0', 'hidden']);
    expect(Object.keys(model.leafModules())).toEqual(['hidden', 'layers', 'output']);
  });

  it('prints as Python prints it', () => {
    expect(String(new Perceptron())).toBe(
      [
        'Perceptron(',
        '  (hidden): Linear(input_dims=3, output_dims=4, bias=True)',
        '  (layers.0): LayerNorm(4, eps=1e-05, affine=True)',
        '  (layers.1): Dropout(p=0.5)',
        '  (output): Linear(input_dims=4, output_dims=2, bias=False)',
        ')',
      ].join('\n'),
    );
  });

  it('without forward says so', () => {
    expect(() => new nn.Module().forward()).toThrow(UnsupportedOperationError);
  });

  it('that holds itself is an error, not a hang', () => {
    const model = new Perceptron() as Perceptron & { self?: nn.Module };
    model.self = model;
    expect(() => model.parameters()).toThrow(ArgumentError);
    expect(() => model.train()).toThrow(ArgumentError);
    expect(() => model.freeze()).toThrow(ArgumentError);
    expect(() => String(model)).toThrow(ArgumentError);
    const outer = new nn.Sequential(model, model);
    expect(() => outer.modules()).toThrow(ArgumentError);
    expect(() => outer.parameters()).toThrow(ArgumentError);
  });
});

describe('freezing', () => {
  it('takes parameters out of the trainable ones: all, by name, and in one module alone', () => {
    const model = new Perceptron();
    expect(paths(model.freeze().trainableParameters())).toEqual([]);
    expect(paths(model.unfreeze({ keys: 'bias' }).trainableParameters())).toEqual(['hidden.bias', 'layers.0.bias']);
    expect(paths(model.unfreeze().trainableParameters())).toEqual(paths(model.parameters()));
    model.hidden.freeze({ keys: ['weight'], recurse: false });
    expect(paths(model.trainableParameters())).not.toContain('hidden.weight');
    expect(paths(model.freeze({ recurse: false }).trainableParameters())).toContain('output.weight');
  });

  it('of a name that there is nowhere is an error only if strict', () => {
    const model = new Perceptron();
    expect(model.freeze({ keys: 'weigth' })).toBe(model);
    expect(() => model.freeze({ keys: 'weigth', strict: true })).toThrow('did you mean "weight"');
    expect(model.freeze({ keys: 'bias', strict: true })).toBe(model);
    expect(() => model.freeze({ keys: 'bias', strict: true, recurse: false })).toThrow(ArgumentError);
  });

  it('leaves running statistics frozen, whoever unfreezes', () => {
    const model = new nn.Sequential(new nn.Linear(2, 3), new nn.BatchNorm(3));
    model.freeze().unfreeze();
    expect(paths(model.trainableParameters())).toEqual([
      ...['layers.0.weight', 'layers.0.bias', 'layers.1.weight', 'layers.1.bias'],
    ]);
  });
});

describe('update', () => {
  it('replaces what it is given, and nothing if something does not fit', () => {
    const model = new Perceptron();
    const before = model.hidden.weight;
    const one = mx.ones([4, 3]);
    for (const wrong of [
      { hidden: { weight: one, wieght: one } },
      { hidden: { weight: one, bias: 3 } },
      { hidden: { weight: one }, hiden: { weight: one } },
      { hidden: { weight: one }, layers: [{}, {}, { weight: one }] },
    ]) {
      expect(() => model.update(wrong)).toThrow(ArgumentError);
      expect(model.hidden.weight).toBe(before);
    }
    model.update({ hidden: { weight: one, wieght: one } }, { strict: false });
    expect(model.hidden.weight).toBe(one);
    expect(model.update(model.parameters())).toBe(model);
  });

  it('of modules swaps layers', () => {
    const model = new Perceptron();
    const wide = new nn.Linear(3, 4);
    model.updateModules({ hidden: wide });
    expect(model.hidden).toBe(wide);
    expect(() => model.updateModules({ hiden: wide })).toThrow('did you mean "hidden"');
    expect(() => model.updateModules({ hidden: 3 })).toThrow(ArgumentError);
    expect(model.updateModules(model.leafModules())).toBe(model);
  });

  it('by a function changes dtypes of floating-point parameters', () => {
    const model = new Perceptron();
    model.setDtype(mx.float16);
    expect(utils.treeFlatten<Tensor>(model.parameters()).map(([, { dtype }]) => dtype.name)).toEqual(
      Array(5).fill('float16'),
    );
  });
});

describe('training mode', () => {
  it('is that of all modules inside', () => {
    const model = new Perceptron();
    expect(model.eval().layers.every(({ training }) => !training)).toBe(true);
    expect(model.train().layers.every(({ training }) => training)).toBe(true);
  });
});

describe('weights', () => {
  it.each(['weights.safetensors', 'weights.npz'])('come back from a file in every bit: %s', (name) => {
    const file = join(folder, name);
    const model = new Perceptron();
    model.saveWeights(file);
    const other = new Perceptron().loadWeights(file);
    const x = mx.random.normal([5, 3]);
    expect(other.forward(x).tolist()).toEqual(model.forward(x).tolist());
  });

  it('that do not fit are all listed, and none is taken', () => {
    const model = new Perceptron();
    const before = model.hidden.weight;
    const weights: [string, Tensor][] = [
      ['hidden.weigth', mx.zeros([4, 3])],
      ['hidden.bias', mx.zeros([5])],
      ['stranger', mx.zeros([1])],
    ];
    expect(() => model.loadWeights(weights)).toThrow(
      [
        'nn.Module.loadWeights: the module has no parameter "hidden.weigth" (did you mean "hidden.weight"?)',
        'the module has no parameter "stranger"',
        'there is no weight for the parameter "hidden.weight"',
        'there is no weight for the parameter "layers.0.weight"',
        'there is no weight for the parameter "layers.0.bias"',
        'there is no weight for the parameter "output.weight"',
        'expected the shape [4] for "hidden.bias", received [5]',
      ].join('\n'),
    );
    expect(model.hidden.weight).toBe(before);
    const holed = Object.assign(Object.fromEntries(utils.treeFlatten<Tensor>(model.parameters())), {
      'hidden.bias': undefined,
    });
    expect(() => model.loadWeights(holed as never)).toThrow('"hidden.bias", received nothing');
    model.loadWeights(
      [
        ['hidden.bias', mx.ones([4])],
        ['stranger', mx.zeros([1])],
      ],
      { strict: false },
    );
    expect(model.hidden.bias?.tolist()).toEqual([1, 1, 1, 1]);
  });

  it('come into every place of what is held twice, in lists, objects and modules', () => {
    const shared = new nn.Linear(2, 2, { bias: false });
    class Net extends nn.Module {
      first = shared;
      named = { again: [shared, 'text', { own: mx.zeros([1]) }] };
      table = mx.zeros([3]);
    }
    const net = new Net();
    const filled = Object.fromEntries(
      utils.treeFlatten<Tensor>(net.parameters()).map(([path, { shape }], i) => [path, mx.full(shape, i)]),
    );
    net.loadWeights(filled);
    expect(Object.keys(filled)).toEqual(['first.weight', 'named.again.0.weight', 'named.again.2.own', 'table']);
    const values = utils.treeFlatten<Tensor>(net.parameters()).map(([, array]) => array.max().item());
    expect(values).toEqual([1, 1, 2, 3]);
  });

  it('go to files of known kinds alone', () => {
    const file = join(folder, 'weights.bin');
    expect(() => new Perceptron().saveWeights(file)).toThrow('.safetensors or .npz');
    expect(existsSync(file)).toBe(false);
  });
});

describe('valueAndGrad', () => {
  it('has the gradients of what is trainable, and leaves the module as it was', () => {
    const model = new Perceptron();
    model.output.freeze();
    const arrays = () => utils.treeFlatten<Tensor>(model.parameters()).map(([, array]) => array);
    const before = arrays();
    const step = nn.valueAndGrad(model, (x: Tensor) => mx.sum(model.forward(x)));
    const [, gradients] = step(mx.ones([2, 3]));
    expect(paths(gradients)).toEqual(['hidden.weight', 'hidden.bias', 'layers.0.weight', 'layers.0.bias']);
    expect(arrays().every((array, i) => array === before[i])).toBe(true);
  });

  it('leaves the module as it was when the function throws', () => {
    const model = new Perceptron();
    const before = model.hidden.weight;
    const step = nn.valueAndGrad(model, (): Tensor => {
      throw new RangeError('mine');
    });
    expect(() => step()).toThrow('mine');
    expect(model.hidden.weight).toBe(before);
    expect(before.shape).toEqual([4, 3]);
  });

  it('of a frozen model is an error', () => {
    const model = new Perceptron().freeze();
    expect(() => nn.valueAndGrad(model, () => mx.array(0))()).toThrow('not frozen');
  });

  it('adds up what several places share', () => {
    const shared = new nn.Linear(2, 2, { bias: false });
    const model = new nn.Sequential(shared, shared);
    const single = new nn.Linear(2, 2, { bias: false });
    single.weight = shared.weight;
    const x = mx.array([[1, 2]]);
    const [, gradients] = nn.valueAndGrad(model, (y: Tensor) => mx.sum(model.forward(y)))(x);
    const [, expected] = nn.valueAndGrad(single, (y: Tensor) => mx.sum(single.forward(single.forward(y))))(x);
    const [first, second] = utils.treeFlatten<Tensor>(gradients).map(([, array]) => array.tolist());
    expect(first).toEqual((expected['weight'] as Tensor).tolist());
    expect(second).toEqual(first);
  });

  it('recomputes with checkpoint and gives the same', () => {
    const model = new Perceptron();
    const x = mx.random.normal([4, 3]);
    const run = nn.utils.checkpoint(model);
    const [, plain] = nn.valueAndGrad(model, (y: Tensor) => mx.sum(model.forward(y)))(x);
    const [, again] = nn.valueAndGrad(model, (y: Tensor) => mx.sum(run(y)))(x);
    expect(utils.treeFlatten<Tensor>(again).map(([, array]) => array.tolist())).toEqual(
      utils.treeFlatten<Tensor>(plain).map(([, array]) => array.tolist()),
    );
  });
});

describe('constructors', () => {
  it.each<[string, () => unknown, string]>([
    ['nothing', () => new nn.Linear(...([] as unknown as [number, number])), 'expected an argument for "inputDims"'],
    ['a wrong kind', () => new nn.Linear('3' as unknown as number, 2), 'expected a positive integer for "inputDims"'],
    ['none', () => new nn.Linear(0, 2), 'expected a positive integer for "inputDims"'],
    ['a misspelt option', () => new nn.Linear(3, 2, { bais: true } as never), 'did you mean "bias"'],
    [
      'one thing twice',
      () => new nn.Linear(...([3, 2, true, { bias: true }] as never as [number, number])),
      'given twice',
    ],
    ['groups that do not divide', () => new nn.Conv2d(3, 4, 3, { groups: 2 }), '2 groups'],
    ['a probability of 1', () => new nn.Dropout(1), 'from 0 up to but not 1'],
    ['a window of nothing', () => new nn.MaxPool1d(0), 'positive integers for "kernelSize"'],
    ['no module', () => new nn.Sequential(3 as never), 'expected modules or functions'],
  ])('refuse %s', (_, make, message) => {
    expect(make).toThrow(ArgumentError);
    expect(make).toThrow(message);
  });

  it('is quantized inside of modules that it holds, too', () => {
    class Block extends nn.Module {
      inner = new nn.Linear(32, 32);
      list = [new nn.Linear(32, 32)];
    }
    class Net extends nn.Module {
      block = new Block();
      blocks = [new Block()];
      head = new nn.Linear(32, 4, { bias: false });
    }
    const net = new Net();
    nn.quantize(net, { groupSize: 32, bits: 8 });
    for (const layer of [net.block.inner, net.block.list[0], net.blocks[0]?.inner, net.head]) {
      expect(layer).toBeInstanceOf(nn.QuantizedLinear);
    }
    expect(() => net.updateModules({ block: mx.array(1) })).toThrow('expected a module (nn.Module) for "block"');
    const wrong = Object.assign(new nn.Linear(32, 32), { toQuantized: () => 3 });
    class Holder extends nn.Module {
      inner = wrong;
    }
    expect(() => nn.quantize(new Holder())).toThrow('expected a module (nn.Module), received');
  });
});
