import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArgumentError, MlxRouterError, core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import { runChild } from '../support/children.ts';

type Tensor = mx.Array;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-router-bad-input-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const values = (tree: object) => utils.treeFlatten<Tensor>(tree).map(([path, array]) => [path, array.tolist()]);

function network() {
  return new nn.Sequential(new nn.Linear(2, 3), nn.relu, new nn.Linear(3, 1));
}

describe('an input of the wrong shape', () => {
  it.each<[string, () => unknown, string]>([
    ['a matrix product', () => new nn.Linear(2, 3).forward(mx.ones([4, 5])), 'Last dimension of first input'],
    ['a convolution', () => new nn.Conv2d(2, 3, 1).forward(mx.ones([1, 4, 4, 5])), 'the input channels'],
    ['pooling', () => new nn.MaxPool2d(2).forward(mx.ones([4, 4])), 'an array of 4 dimensions, received one of 2'],
    ['instances', () => new nn.InstanceNorm(2).forward(mx.ones([2, 2])), 'at least 3 dimensions'],
    ['batches', () => new nn.BatchNorm(2).forward(mx.ones([2])), '2 to 4 dimensions, received one of 1'],
    ['scores', () => new nn.ALiBi().forward(mx.ones([2])), 'at least 2 dimensions, received one of 1'],
    ['scores of no head', () => new nn.ALiBi().forward(mx.ones([2, 0, 3, 3])), 'an integer from 1 to 65536'],
    ['times', () => new nn.LSTM(2, 2).forward(mx.ones([2])), 'at least 2 dimensions'],
    ['targets', () => nn.losses.mseLoss(mx.ones([2, 3]), mx.ones([3])), 'received [2,3] and [3]'],
    ['classes', () => nn.losses.crossEntropy(mx.ones([2, 3]), mx.ones([3, 2])), 'expected targets of the shape [2,3]'],
    ['no array', () => new nn.Linear(2, 3).forward([1, 2] as never), 'for "x", received a list of 2'],
    ['no array in an activation', () => nn.relu(null as never), 'nn.relu: expected an array (mx.array) for "x"'],
  ])('of %s is refused', (_, call, message) => {
    expect(call).toThrow(MlxRouterError);
    expect(call).toThrow(message);
  });

  it('or a size that nobody waits for is refused before anything is made', () => {
    const layers = () => new nn.TransformerEncoder({ numLayers: 2 ** 31 - 1, dims: 4, numHeads: 1 });
    expect(layers).toThrow('an integer from 1 to 10000 for "numLayers"');
    const small = new nn.Upsample(1e-9, 'linear', { antialias: true });
    expect(() => small.forward(mx.ones([1, 4, 1]))).toThrow('from 1/1024 up');
    expect(() => utils.treeFlatten(Array(2 ** 32 - 1))).toThrow('parts');
  });
});

describe('positions', () => {
  it('are those of Python, and an object may follow at any place', () => {
    const [logits, targets] = [mx.random.normal([4, 3]), mx.array([0, 2, 1, 1], mx.int32)];
    const weights = mx.array([1, 2, 3, 4]);
    const named = { weights, axis: -1, labelSmoothing: 0.1, reduction: 'sum' } as const;
    const expected = nn.losses.crossEntropy(logits, targets, named).item();
    expect(nn.losses.crossEntropy(logits, targets, weights, -1, 0.1, 'sum').item()).toBe(expected);
    expect(nn.losses.crossEntropy(logits, targets, weights, { labelSmoothing: 0.1, reduction: 'sum' }).item()).toBe(
      expected,
    );
    expect(nn.losses.mseLoss(logits, logits, 'none').shape).toEqual([4, 3]);
    expect(nn.elu(mx.array([-1]), { alpha: 2 }).item()).toBe(nn.elu(mx.array([-1]), 2).item());
    expect(() => nn.losses.mseLoss(logits, logits, 'mena' as never)).toThrow('one of "none", "mean", "sum"');
  });
});

describe('a loss of NaN', () => {
  it('makes the weights NaN, as in Python, and stops nothing', () => {
    const model = network();
    const optimizer = new optimizers.Adam(0.1);
    const step = nn.valueAndGrad(model, (x: Tensor) => mx.sum(model.forward(x)).multiply(Number.NaN));
    for (let i = 0; i < 2; i++) {
      const [loss, gradients] = step(mx.ones([1, 2]));
      optimizer.update(model, gradients);
      expect(loss.item()).toBeNaN();
    }
    const last = (model.layers[2] as nn.Linear).weight;
    expect(mx.all(mx.isnan(last)).item()).toBe(true);
    expect(optimizer.step.item()).toBe(2n);
  });
});

describe('a module that holds itself', () => {
  it.each<[string, (model: nn.Module) => unknown]>([
    ['parameters', (model) => model.parameters()],
    ['update', (model) => model.update(model as object)],
    ['train', (model) => model.train()],
    ['apply', (model) => model.apply((array) => array)],
    ['setDtype', (model) => model.setDtype(mx.float16)],
    ['saveWeights', (model) => model.saveWeights(join(folder, 'circle.npz'))],
    ['loadWeights', (model) => model.loadWeights([])],
    ['print', (model) => String(model)],
    ['quantize', (model) => nn.quantize(model)],
    ['valueAndGrad', (model) => nn.valueAndGrad(model, () => mx.array(0))()],
    ['an optimizer', (model) => new optimizers.SGD(0.1).init(model)],
  ])('is an error of %s', (_, use) => {
    class Circle extends nn.Module {
      weight = mx.ones([2]);
      inner: nn.Module[] = [this];
    }
    expect(() => use(new Circle())).toThrow(ArgumentError);
  });
});

describe('shared weights', () => {
  class Tied extends nn.Module {
    embedding = new nn.Embedding(4, 2);
    output = new nn.Linear(2, 4, { bias: false });

    constructor() {
      super();
      this.output.weight = this.embedding.weight;
    }

    override forward(x: Tensor): Tensor {
      return this.output.forward(this.embedding.forward(x));
    }
  }
  const areTied = (model: Tied) => model.output.weight === model.embedding.weight;

  it('stay shared through optimizers, update, and changes of dtype', () => {
    const model = new Tied();
    const before = model.output.weight.tolist();
    const step = nn.valueAndGrad(model, (x: Tensor) => mx.sum(model.forward(x)));
    new optimizers.AdamW(0.1).update(model, step(mx.array([1, 2], mx.int32))[1]);
    expect(areTied(model)).toBe(true);
    expect(model.output.weight.tolist()).not.toEqual(before);
    model.update(model.parameters());
    expect(areTied(model)).toBe(true);
  });

  it('are in a file under both names, and come back with one value', () => {
    const file = join(folder, 'tied.safetensors');
    const model = new Tied();
    model.saveWeights(file);
    expect(Object.keys(mx.load(file)).sort()).toEqual(['embedding.weight', 'output.weight']);
    const other = new Tied().loadWeights(file);
    expect(other.output.weight.tolist()).toEqual(model.output.weight.tolist());
    expect(other.embedding.weight.tolist()).toEqual(model.output.weight.tolist());
  });
});

describe('frozen parts', () => {
  it('have no gradient, and an optimizer leaves them as they are', () => {
    const model = network();
    const [first, , last] = model.layers as unknown as [nn.Linear, unknown, nn.Linear];
    first.freeze();
    const before = first.weight;
    const [, gradients] = nn.valueAndGrad(model, (x: Tensor) => mx.sum(model.forward(x)))(mx.ones([1, 2]));
    const optimizer = new optimizers.SGD(0.1);
    const weight = last.bias;
    optimizer.update(model, gradients);
    expect(utils.treeFlatten(gradients).map(([path]) => path)).toEqual(['layers.2.weight', 'layers.2.bias']);
    expect(first.weight === before).toBe(true);
    expect(last.bias === weight).toBe(false);
    first.unfreeze();
    const [, all] = nn.valueAndGrad(model, (x: Tensor) => mx.sum(model.forward(x)))(mx.ones([1, 2]));
    expect(() => optimizer.update(model, all)).toThrow('the optimizer began with other parameters');
  });
});

describe('a state', () => {
  it('without what an optimizer counts by is refused by name', () => {
    const optimizer = new optimizers.SGD(0.1);
    optimizer.state = {};
    expect(() => optimizer.applyGradients({ w: mx.ones([1]) }, { w: mx.ones([1]) })).toThrow('"step"');
    expect(() => new optimizers.SGD((() => 'fast') as never)).toThrow(
      'for "learning_rate", received the string "fast"',
    );
  });
});

describe('a file of weights', () => {
  it.each(['damaged.safetensors', 'damaged.npz'])('that is cut off is refused, and nothing is taken: %s', (name) => {
    const file = join(folder, name);
    network().saveWeights(file);
    truncateSync(file, readFileSync(file).length - 9);
    const model = network();
    const before = values(model.parameters());
    expect(() => model.loadWeights(file)).toThrow(MlxRouterError);
    expect(values(model.parameters())).toEqual(before);
    writeFileSync(file, 'no weights');
    expect(() => model.loadWeights(file)).toThrow(MlxRouterError);
  });

  it('is whole, the old or the new one, when its writer is killed in the middle', async () => {
    const file = join(folder, 'killed.safetensors');
    const make = (value: number) => `
      const { Linear } = await import(${JSON.stringify(new URL('../../mlx/nn/index.ts', import.meta.url).href)});
      const model = new Linear(1024, 1024, { bias: false });
      model.weight = mx.full([1024, 1024], ${value});`;
    const first = await runChild(`${make(1)} model.saveWeights(${JSON.stringify(file)}); process.exit(0);`);
    expect(first.code).toBe(0);
    copyFileSync(file, `${file}.first`);
    // Killed by itself when half of the new file's bytes are written: what writes to the disk is called piece by piece.
    const killed = await runChild(`
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { writeSync } = fs;
      let written = 0;
      fs.writeSync = (descriptor, bytes, offset, length) => {
        const half = Math.ceil(length / 2);
        const done = writeSync(descriptor, bytes, offset, half);
        written += done;
        if (written > 1e6) process.kill(process.pid, 'SIGKILL');
        return done;
      };
      syncBuiltinESMExports();
      ${make(2)}
      model.saveWeights(${JSON.stringify(file)});
      console.log('saved');
    `);
    expect(killed.signal).toBe('SIGKILL');
    expect(killed.stdout).not.toContain('saved');
    expect(readFileSync(file).equals(readFileSync(`${file}.first`))).toBe(true);
    expect(readdirSync(folder).some((name) => name.endsWith('.tmp'))).toBe(true);
    const model = new nn.Linear(1024, 1024, { bias: false }).loadWeights(file);
    expect(mx.all(mx.equal(model.weight, 1)).item()).toBe(true);
  });
});
