import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';

afterAll(() => shutdown());

// biome-ignore lint/suspicious/noExplicitAny: the functions of these cases take and give whatever the case says
type Any = any;

/** Arguments and result of a function, with 'array' where an array is. */
const CASES: { name: string; args: Any[]; result: Any }[] = [
  { name: 'one array', args: ['array'], result: 'array' },
  { name: 'two arrays', args: ['array', 'array'], result: 'array' },
  { name: 'one object', args: [{ x: 'array', y: 'array' }], result: { out: 'array' } },
  { name: 'an object with one array', args: [{ x: 'array' }], result: ['array'] },
  { name: 'a list of one', args: [['array']], result: ['array', 'array'] },
  { name: 'a list of two', args: [['array', 'array']], result: { out: ['array', { more: 'array' }] } },
  { name: 'an object and an array', args: [{ x: 'array', y: ['array'] }, 'array'], result: { b: 'array', a: 'array' } },
  {
    name: 'lists in lists',
    args: [
      [['array'], []],
      ['array', ['array']],
    ],
    result: [['array'], ['array']],
  },
];
const WITH_CONSTANTS = [
  { name: 'a number behind an array', args: ['array', 3], result: 'array' },
  { name: 'a number in an object', args: [{ n: 2, x: 'array', s: 'text' }], result: { out: 'array' } },
  { name: 'null before arrays', args: [null, ['array', true], 'array'], result: ['array'] },
];

const PYTHON = `
def form(tree):
    if isinstance(tree, mx.array): return "array"
    if isinstance(tree, (list, tuple)): return [form(item) for item in tree]
    if isinstance(tree, dict): return {key: form(item) for key, item in tree.items()}
    return tree

def fill(tree, leaves):
    if tree == "array": return next(leaves)
    if isinstance(tree, list): return [fill(item, leaves) for item in tree]
    if isinstance(tree, dict): return {key: fill(item, leaves) for key, item in tree.items()}
    return tree

def flat(tree):
    if isinstance(tree, mx.array): return [tree]
    if isinstance(tree, dict): tree = list(tree.values())
    return [leaf for item in tree for leaf in flat(item)] if isinstance(tree, (list, tuple)) else []

def forever(value):
    while True: yield value

def ask(args, result, maps):
    seen = {}
    count = len(flat(fill(args, forever(mx.array(1.0)))))
    results = len(flat(fill(result, forever(mx.array(1.0)))))
    f = mx.custom_function(lambda *given: fill(result, forever(sum(flat(given)))))
    def vjp(*given):
        seen["vjp"] = form(given)
        return fill(args, iter([mx.full((2,), 10.0 * i) for i in range(count)]))
    def jvp(*given):
        seen["jvp"] = form(given)
        return fill(result, iter([mx.full((2,), 10.0 * i) for i in range(results)]))
    def vmap(inputs, axes):
        seen["vmap"] = [form(inputs), form(axes)]
        return fill(result, forever(flat([inputs])[0])), fill(result, forever(0))
    f.vjp(vjp), f.jvp(jvp)
    if maps: f.vmap(vmap)
    call = lambda *leaves: flat(f(*fill(args, iter(leaves))))
    leaves = [mx.ones((2,)) for _ in range(count)]
    _, gradients = mx.vjp(call, leaves, [mx.ones((2,))] * results)
    _, tangents = mx.jvp(lambda first: call(first, *leaves[1:]), leaves[:1], leaves[:1])
    found = [[x.tolist() for x in gradients], [x.tolist() for x in tangents]]
    if maps: found.append([x.tolist() for x in mx.vmap(call, in_axes=(0, *[None] * (count - 1)))(*leaves)])
    return [seen, found]

print(json.dumps([ask(**case) for case in data]))
`;

const isArray = (value: unknown): value is mx.Array => value instanceof mx.array;

function mapTree(tree: Any, change: (leaf: Any) => Any): Any {
  if (Array.isArray(tree)) return tree.map((item) => mapTree(item, change));
  if (typeof tree !== 'object' || tree === null || isArray(tree)) return change(tree);
  return Object.fromEntries(Object.entries(tree).map(([key, item]) => [key, mapTree(item, change)]));
}

const form = (tree: Any) => mapTree(tree, (leaf) => (isArray(leaf) ? 'array' : leaf));
const fill = (tree: Any, next: () => Any) => mapTree(tree, (leaf) => (leaf === 'array' ? next() : leaf));

function flat(tree: Any): mx.Array[] {
  const leaves: mx.Array[] = [];
  mapTree(tree, (leaf) => isArray(leaf) && leaves.push(leaf));
  return leaves;
}

/** What the rules of such a function get, and what comes of what they give. */
function ask(args: Any[], result: Any, maps: boolean) {
  const seen: Record<string, unknown> = {};
  const [count, results] = [args, result].map((tree) => flat(fill(tree, () => mx.array(1))).length) as [number, number];
  const tens = () => {
    let next = 0;
    return () => mx.full([2], 10 * next++);
  };
  const sum = (given: Any) => flat(given).reduce((a, b) => a.add(b));
  const f = mx.customFunction((...given: Any[]): Any => fill(result, () => sum(given)));
  f.vjp((...given) => {
    seen.vjp = form(given);
    return fill(args, tens());
  });
  f.jvp((...given) => {
    seen.jvp = form(given);
    return fill(result, tens());
  });
  if (maps) {
    f.vmap((inputs, axes) => {
      seen.vmap = [form(inputs), form(axes)];
      return [fill(result, () => flat(inputs)[0]), fill(result, () => 0)];
    });
  }
  const call = (...leaves: mx.Array[]) => {
    const given = [...leaves];
    return flat(f(...fill(args, () => given.shift())));
  };
  const leaves = Array.from({ length: count }, () => mx.ones([2]));
  const lists = (arrays: readonly mx.Array[]) => arrays.map((x) => x.tolist());
  const [, gradients] = mx.vjp(call, leaves, Array(results).fill(mx.ones([2])));
  const [, tangents] = mx.jvp((first: mx.Array) => call(first, ...leaves.slice(1)), leaves.slice(0, 1), [mx.ones([2])]);
  const found = [lists(gradients), lists(tangents)];
  if (maps) found.push(lists(mx.vmap(call, [0, ...Array(count - 1).fill(null)])(...leaves)));
  return [seen, found];
}

describe('the rules of a custom function', () => {
  const all = [
    ...CASES.map((entry) => ({ ...entry, maps: true })),
    // Python looks for axes of what is no array beyond those that there are.
    ...WITH_CONSTANTS.map((entry) => ({ ...entry, maps: false })),
  ];
  const theirs = askPython<unknown[]>(
    PYTHON,
    all.map(({ args, result, maps }) => ({ args, result, maps })),
  );

  it.each(all.map((entry, i) => ({ ...entry, truth: theirs[i] })))(
    'get and give the trees that they do in Python: $name',
    ({ args, result, maps, truth }) => {
      for (const side of ['native', 'python'] as const) {
        expect(
          mx.withImplementation(side, () => ask(args, result, maps)),
          side,
        ).toEqual(truth);
      }
      expect(mx.withImplementation('python', () => mx.pipeline(() => ask(args, result, maps)))).toEqual(truth);
    },
  );

  it.each(['native', 'python'] as const)('see null for the axis of what is no array, on %s', (side) => {
    const axes: unknown[] = [];
    const f = mx
      .customFunction((p: { n: number; x: mx.Array }, y: mx.Array) => ({ out: p.x.multiply(p.n).add(y) }))
      .vmap((inputs, at) => {
        axes.push(at);
        return [{ out: inputs[0].x.add(inputs[1]) }, { out: 0 }];
      });
    const run = () =>
      mx.vmap((x: mx.Array, y: mx.Array) => f({ n: 2, x }, y).out, [0, null])(mx.array([1, 2]), mx.array(5));
    expect(mx.withImplementation(side, run).tolist()).toEqual([6, 7]);
    expect(axes).toEqual([[{ n: null, x: 0 }, null]]);
  });

  it('give by name: the order of keys does not count', () => {
    const f = mx
      .customFunction((p: { x: mx.Array; y: mx.Array }) => ({ a: p.x, b: p.y }))
      .vjp(({ x, y }) => ({ y: y.multiply(20), x: x.multiply(10) }))
      .jvp(({ x, y }) => ({ b: y.multiply(4), a: x.multiply(3) }))
      .vmap(({ x, y }) => [
        { b: y.add(2), a: mx.stack([x, x]) },
        { b: 0, a: 1 },
      ]);
    const both = (p: { x: mx.Array; y: mx.Array }) => mx.add(mx.sum(f(p).a), mx.sum(f(p).b));
    const { x, y } = mx.grad(both)({ x: mx.array([1]), y: mx.array([1]) });
    expect([x.tolist(), y.tolist()]).toEqual([[20], [40]]);
    const pair = (a: mx.Array, b: mx.Array) => {
      const out = f({ x: a, y: b });
      return [out.a, out.b];
    };
    const [, tangents] = mx.jvp(pair, [mx.array(1), mx.array(1)], [mx.array(1), mx.array(1)]);
    expect(tangents.map((tangent) => tangent.item())).toEqual([3, 4]);
    const [first, second] = mx.vmap(pair)(mx.array([1, 2]), mx.array([5, 6]));
    expect([first?.tolist(), second?.tolist()]).toEqual([
      [
        [1, 1],
        [2, 2],
      ],
      [7, 8],
    ]);
  });

  it('name the tree that they gave where it has another number of arrays', () => {
    const f = mx.customFunction((p: { x: mx.Array; y: mx.Array }) => p.x.add(p.y)).vjp(({ x }) => ({ x }));
    expect(() => mx.grad((x: mx.Array) => mx.sum(f({ x, y: x })))(mx.ones([2]))).toThrow(
      'expected the vjp rule to give 2 arrays, received an object with the keys x',
    );
  });

  it('in a compiled function get trees too', () => {
    const f = mx
      .customFunction((p: { x: mx.Array }) => ({ out: mx.exp(p.x) }))
      .vjp(({ x }, { out }) => ({ x: x.multiply(out).multiply(3) }));
    const gradient = mx.compile(mx.grad((x: mx.Array) => mx.sum(f({ x }).out)));
    for (const side of ['native', 'python'] as const) {
      expect(mx.withImplementation(side, () => gradient(mx.array([1, 2])).tolist())).toEqual([3, 6]);
    }
  });
});
