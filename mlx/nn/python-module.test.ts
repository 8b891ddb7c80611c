import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ArgumentError,
  PythonError,
  UnsupportedOperationError,
  WorkerDiedError,
} from '../../foundation/errors/errors.ts';
import { collectGarbage } from '../../foundation/test-support/collect-garbage.ts';
import { configure, core as mx, registry, routing, shutdown } from '../index.ts';
import * as nn from '../nn/index.ts';
import * as optimizers from '../optimizers/index.ts';
import * as utils from '../utils/index.ts';

beforeAll(() => {
  configure({
    pythonModules: ['layers_of_python'],
    pythonFolders: [fileURLToPath(new URL('./test-support', import.meta.url))],
  });
});
afterAll(() => shutdown());

let last = 0;

/** A class of Python's under a name of its own. */
function python(path: string) {
  last += 1;
  return registry.registerModule({ name: `python_modules.m${last}`, python: path });
}

const own = (name: string) => python(`layers_of_python:${name}`);
const flat = (tree: object) => utils.treeFlatten<mx.Array>(tree);
const values = (tree: object) => Object.fromEntries(flat(tree).map(([path, array]) => [path, array.tolist()]));

describe('a class of mlx.nn', () => {
  it('begins with the same numbers as ours, prints, computes and has the gradients the same', () => {
    const Theirs = python('mlx.nn:Linear');
    mx.random.seed(5);
    const ours = new nn.Linear(3, 2);
    const after = mx.random.uniform({ shape: [2] }).tolist();
    mx.random.seed(5);
    const theirs = new Theirs(3, 2);
    expect(values(theirs.parameters())).toEqual(values(ours.parameters()));
    expect(mx.random.uniform({ shape: [2] }).tolist()).toEqual(after);
    expect(String(theirs)).toBe(String(ours));
    const x = mx.random.normal([4, 3]);
    expect(theirs.forward(x).tolist()).toEqual(ours.forward(x).tolist());
    const gradients = [ours, theirs].map((layer) => {
      const step = nn.valueAndGrad(layer, (x: mx.Array) => mx.sum(mx.square(layer.forward(x) as mx.Array)));
      return values(step(x)[1]);
    });
    expect(gradients[1]).toEqual(gradients[0]);
  });

  it('takes keywords in camelCase, and refuses what Python refuses', () => {
    const Theirs = python('mlx.nn:Linear');
    expect(flat(new Theirs(3, { outputDims: 2, bias: false }).parameters()).map(([path]) => path)).toEqual(['weight']);
    expect(() => new Theirs(3, { outputs: 2 })).toThrow(PythonError);
    expect(() => new Theirs(3)).toThrow(/output_dims/);
  });

  it('has its running statistics here, moves them in training only, and does not train them', () => {
    const Theirs = python('mlx.nn:BatchNorm');
    const [ours, theirs] = [new nn.BatchNorm(2), new Theirs(2)];
    expect(flat(theirs.trainableParameters()).map(([path]) => path)).toEqual(['weight', 'bias']);
    const x = mx.array([
      [1, 2],
      [3, 6],
    ]);
    for (const layer of [ours, theirs]) layer.forward(x);
    expect(values(theirs.parameters())).toEqual(values(ours.parameters()));
    expect(values(theirs.parameters())['running_mean']).not.toEqual([0, 0]);
    const before = values(theirs.parameters());
    theirs.eval();
    ours.eval();
    expect(theirs.forward(x).tolist()).toEqual(ours.forward(x).tolist());
    expect(values(theirs.parameters())).toEqual(before);
  });

  it('draws from the sequence of this process', () => {
    const Theirs = python('mlx.nn:Dropout');
    const x = mx.ones([64]);
    const drawn = [new nn.Dropout(0.5), new Theirs(0.5)].map((layer) => {
      mx.random.seed(3);
      return [layer.forward(x).tolist(), layer.forward(x).tolist(), mx.random.uniform({ shape: [1] }).tolist()];
    });
    expect(drawn[1]).toEqual(drawn[0]);
    expect(drawn[0]?.[0]).not.toEqual(drawn[0]?.[1]);
  });
});

it('leaves the sequence of its worker where it was', () => {
  const drawn = registry.register<mx.Array>({ name: 'python_modules.drawn', python: 'layers_of_python:drawn' });
  drawn(1);
  const expected = drawn().tolist();
  drawn(1);
  new (python('mlx.nn:Linear'))(3, 2).forward(mx.ones([1, 3]));
  expect(drawn().tolist()).toEqual(expected);
});

describe('its tree', () => {
  it('has lists, objects and what is there twice', () => {
    const model = new (own('Nested'))();
    expect(flat(model.parameters()).map(([path]) => path)).toEqual([
      'embedding.weight',
      'output.weight',
      'layers.0.weight',
      'layers.0.bias',
      'layers.2.weight',
      'layers.2.bias',
      'heads.a.weight',
      'heads.a.bias',
      'again.weight',
      'again.bias',
    ]);
    const { embedding, output, layers, again } = model as unknown as Record<
      string,
      nn.Module & { weight: mx.Array }
    > & {
      layers: nn.Module[];
    };
    expect(output?.weight).toBe(embedding?.weight);
    expect(again).toBe(layers[0]);
    const x = mx.array([0, 3], mx.int32);
    expect(model.forward(x, 2, { withHead: true })).toMatchObject([{ shape: [2, 4] }, { a: { shape: [2, 1] } }]);
    expect((model.forward(x, { scale: 2 }) as mx.Array).tolist()).toEqual(
      (model.forward(x) as mx.Array).multiply(2).tolist(),
    );
  });

  it('runs parts alone, with the arrays that they have here', () => {
    const model = new (own('Nested'))();
    const [first] = (model as unknown as { layers: (nn.Module & nn.AnyForward)[] }).layers;
    first?.update({ weight: mx.zeros([3, 3]), bias: mx.array([1, 2, 3]) });
    expect(first?.forward(mx.ones([1, 3])).tolist()).toEqual([[1, 2, 3]]);
  });

  it('has the training mode of each part', () => {
    const model = new (own('Nested'))();
    const dropout = (model as unknown as { heads: { b: (nn.Module & nn.AnyForward)[] } }).heads.b[0];
    model.eval();
    expect(dropout?.forward(mx.ones([8])).tolist()).toEqual(Array(8).fill(1));
    dropout?.train();
    expect(dropout?.forward(mx.ones([64])).tolist()).toContain(0);
  });

  it('keeps tied weights tied through a step, and saves and loads', () => {
    const model = new (own('Nested'))();
    const x = mx.array([0, 3], mx.int32);
    const step = nn.valueAndGrad(model, (x: mx.Array) => mx.sum(mx.square(model.forward(x) as mx.Array)));
    const optimizer = new optimizers.SGD(0.1);
    const before = values(model.parameters());
    optimizer.update(model, step(x)[1]);
    const after = values(model.parameters());
    expect(after['embedding.weight']).not.toEqual(before['embedding.weight']);
    expect(after['output.weight']).toEqual(after['embedding.weight']);
    const folder = mkdtempSync(join(tmpdir(), 'python-module-'));
    try {
      model.saveWeights(join(folder, 'w.safetensors'));
      const other = new (own('Nested'))().loadWeights(join(folder, 'w.safetensors'));
      expect((other.forward(x) as mx.Array).tolist()).toEqual((model.forward(x) as mx.Array).tolist());
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('takes over fields that a call sets, new ones too', () => {
    const layer = new (own('Steps'))();
    for (const count of [1, 2]) expect(layer.forward(mx.array([1])).tolist()).toEqual([count]);
    expect(values(layer)).toEqual({ steps: 2, last: [1] });
    expect(flat(layer.trainableParameters()).map(([path]) => path)).toEqual(['last']);
  });
});

describe('where it runs', () => {
  it('is captured by a compiled step, which gives what the plain one gives', () => {
    const layer = new (python('mlx.nn:Linear'))(3, 2);
    const plain = (x: mx.Array) => mx.tanh(layer.forward(x) as mx.Array);
    const compiled = mx.compile(plain, { inputs: layer.state });
    const x = mx.random.normal([4, 3]);
    expect(mx.allclose(compiled(x), plain(x)).item()).toBe(true);
    layer.update({ bias: mx.array([5, 6]) });
    expect(mx.allclose(compiled(x), plain(x)).item()).toBe(true);
  });

  it('is an error where native is forced, and lives on', () => {
    const layer = new (python('mlx.nn:Linear'))(3, 2);
    expect(() => mx.withImplementation('native', () => layer.forward(mx.ones([1, 3])))).toThrow(
      UnsupportedOperationError,
    );
    expect(layer.forward(mx.ones([1, 3])).shape).toEqual([1, 2]);
  });

  it('outlives the scope that has made it', () => {
    const layer = mx.tidy(() => new (python('mlx.nn:Linear'))(3, 2));
    expect(layer.forward(mx.ones([1, 3])).shape).toEqual([1, 2]);
    mx.tidy(() => layer.forward(mx.ones([1, 3])).shape);
    expect(layer.forward(mx.ones([1, 3])).shape).toEqual([1, 2]);
  });

  it('goes on after an error of its code, and after the exit of its worker', () => {
    const layer = new (own('Faulty'))();
    const x = mx.array([1, 1]);
    expect(() => layer.forward(x, 'raise')).toThrow(/no such input/);
    expect(() => layer.forward(x, 'object')).toThrow(/received object/);
    expect(layer.forward(x).tolist()).toEqual([1, 2]);
    layer.update({ weight: mx.array([3, 4]) });
    expect(() => layer.forward(x, { how: 'kill' })).toThrow(WorkerDiedError);
    expect(layer.forward(x).tolist()).toEqual([3, 4]);
    expect(values(layer)).toEqual({ weight: [3, 4] });
  });

  it('is freed in Python with the object here', async () => {
    const count = registry.register<number>({ name: 'python_modules.count', python: 'layers_of_python:count' });
    const Counted = own('Counted');
    const kept = new Counted();
    kept.forward(mx.ones([2]));
    const before = count();
    for (let i = 0; i < 5; i++) new Counted().forward(mx.ones([2]));
    expect(count()).toBeGreaterThan(before);
    await expect
      .poll(() => {
        collectGarbage();
        return count();
      })
      .toBe(before);
    expect(kept.forward(mx.ones([2])).tolist()).toEqual([1, 1]);
  });
});

describe('a port', () => {
  class Port extends nn.Module {
    weight: mx.Array;
    constructor(size = 2) {
      super();
      this.weight = mx.ones([size]);
    }
    override forward(x: mx.Array) {
      return x.multiply(this.weight);
    }
  }

  it('takes over by the same name, and what was made stays with its side', () => {
    const name = 'python_modules.ported';
    const Before = registry.registerModule<typeof Port>({ name, python: 'layers_of_python:Counted' });
    const theirs = new Before(3);
    expect(theirs).not.toBeInstanceOf(Port);
    registry.registerModule({ name, python: 'layers_of_python:Counted', native: Port });
    routing.reset();
    const ours = new Before(3);
    expect(ours).toBeInstanceOf(Port);
    expect([theirs, ours].map((one) => one instanceof Before)).toEqual([true, true]);
    expect(new Port() instanceof Before).toBe(false);
    expect(mx.withImplementation('python', () => new Before(3))).not.toBeInstanceOf(Port);
    const rows = routing.table().filter(({ operation }) => operation === name);
    expect(rows.map(({ implementation, reason }) => [implementation, reason])).toEqual([
      ['native', 'ported'],
      ['python', 'scoped'],
    ]);
    expect(theirs.forward(mx.ones([3])).tolist()).toEqual(ours.forward(mx.ones([3])).tolist());
    expect(registry.find(name)?.module).toBe('create');
  });

  it('is all there is where Python has none', () => {
    const Only = registry.registerModule({ name: 'python_modules.only', native: Port });
    expect(new Only(2)).toBeInstanceOf(Port);
    expect(() => mx.withImplementation('python', () => new Only(2))).toThrow(UnsupportedOperationError);
  });
});

describe('what is refused', () => {
  it('is wrong registrations', () => {
    const register = registry.registerModule as (module: unknown) => unknown;
    expect(() => register({ name: 'a.b', python: 'm:C', native: class {} })).toThrow(ArgumentError);
    expect(() => register({ name: 'a.b' })).toThrow(ArgumentError);
    expect(() => register({ name: 'add', python: 'm:C' })).toThrow(ArgumentError);
    expect(() => register({ name: 'a.b', python: 'm:C', vjp: () => 1 })).toThrow(ArgumentError);
    expect(() => register(null)).toThrow(ArgumentError);
  });

  it('is a subclass, a call without new, and what is no module', () => {
    const Theirs = own('Counted');
    expect(() => new (class extends Theirs {})()).toThrow(ArgumentError);
    expect(() => (Theirs as unknown as () => unknown)()).toThrow(ArgumentError);
    expect(() => new (own('no_module'))()).toThrow(/mlx.nn.Module/);
    expect(() => new (own('Faulty'))('constructor')).toThrow(/no such layer/);
    expect(() => new (own('Conflicting'))()).toThrow(UnsupportedOperationError);
    expect(() => new (python('json:JSONEncoder'))()).toThrow(/not allowed/);
  });
});
