import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { configure, core as mx, registry, shutdown } from '../../mlx/index.ts';

// Python changes an array in place with `x += 1` and `x[0] = 9`. A tensor of this side never changes by that.

type Tensor = mx.Array;

const MODULE = `
import mlx.core as mx

kept = []


def change(x):
    x += 1
    x[0] = 9
    return x


def change_tree(tree):
    tree[0] += 1
    tree[1]["x"][0] = 9
    return tree


def keep(x):
    y = x * 2
    kept.append(y)
    return y


def change_kept():
    kept[-1] += 1
    return kept[-1]


class Counter:
    def __init__(self, start):
        self.value = start

    def grow(self):
        self.value += 1
        return self.value


def call(function, x):
    y = x * 1
    result = function(y)
    y += 1
    return [result, y]
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mlx-router-in-place-'));
  writeFileSync(join(folder, 'in_place.py'), MODULE);
  configure({ pythonModules: ['in_place'], pythonFolders: [folder] });
});
afterAll(async () => {
  await shutdown();
  rmSync(folder, { recursive: true, force: true });
});

function operation<Result>(name: string) {
  return registry.register<Result>({ name: `in_place.${name}`, python: `in_place:${name}` });
}

const inPython = (x: Tensor) => mx.withImplementation('python', () => mx.add(x, 0).tolist());
const read = (x: Tensor) => [x.tolist(), inPython(x)];

describe('what Python code changes in place', () => {
  it('are arguments of its own: arrays, and those in trees', () => {
    const change = operation<Tensor>('change');
    for (const x of [mx.array([1, 2]), mx.withImplementation('python', () => mx.array([0, 1]).add(1))]) {
      expect(change(x).tolist()).toEqual([9, 3]);
      expect(read(x)).toEqual([
        [1, 2],
        [1, 2],
      ]);
      expect(change(x).tolist()).toEqual([9, 3]);
    }
    const changeTree = operation<[Tensor, { x: Tensor }]>('change_tree');
    const x = mx.array([1, 2]);
    const changed = changeTree([x, { x }]);
    // An array that is passed twice is one object there.
    expect([changed[0].tolist(), changed[1].x.tolist()]).toEqual([
      [9, 3],
      [9, 3],
    ]);
    expect(inPython(x)).toEqual([1, 2]);
  });

  it('are results that it keeps', () => {
    const keep = operation<Tensor>('keep');
    const changeKept = operation<Tensor>('change_kept');
    const first = keep(mx.array([1, 2]));
    expect(changeKept().tolist()).toEqual([3, 5]);
    const again = changeKept();
    expect(changeKept().tolist()).toEqual([5, 7]);
    expect(first.tolist()).toEqual([2, 4]);
    expect(again.tolist()).toEqual([4, 6]);
  });

  it('are arrays that objects hold', async () => {
    const { Counter } = (await mx.python.import('in_place')) as unknown as {
      Counter: (start: Tensor) => Promise<{ grow(): Promise<Tensor>; value: Promise<Tensor> }>;
    };
    const start = mx.array([1, 2]);
    const counter = await Counter(start);
    const first = await counter.grow();
    const second = await counter.grow();
    expect([first.tolist(), second.tolist(), (await counter.value).tolist()]).toEqual([
      [2, 3],
      [3, 4],
      [3, 4],
    ]);
    expect(read(start)).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('are what it calls back with', async () => {
    const { call } = (await mx.python.import('in_place')) as unknown as {
      call: (use: (x: Tensor) => Tensor, x: Tensor) => Promise<[Tensor, Tensor]>;
    };
    let seen: Tensor | undefined;
    const [result, after] = await call(
      (x) => {
        seen = x;
        return x;
      },
      mx.array([1, 2]),
    );
    expect([seen?.tolist(), result.tolist(), after.tolist()]).toEqual([
      [1, 2],
      [1, 2],
      [2, 3],
    ]);
  });
});
