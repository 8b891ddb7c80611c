import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, routing, shutdown } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';
import { pythonConvolve, pythonKron } from '../support/python-only.ts';

afterAll(() => shutdown());

type Tensor = ReturnType<typeof mx.array>;
type Given = { shape: number[]; values: number[] };

const of = ({ shape, values }: Given) => mx.array(values).reshape(shape);
/** Small whole numbers: every sum of products is exact, whatever its order. */
const given = (...shape: number[]): Given => {
  const size = shape.reduce((all, extent) => all * extent, 1);
  return { shape, values: Array.from({ length: size }, (_, i) => ((i * 7 + 3) % 11) - 5) };
};

const OPERATIONS = { kron: pythonKron, convolve: pythonConvolve };
const CASES: [call: string, operation: keyof typeof OPERATIONS, rest: unknown[], arrays: Given[]][] = [
  ['mx.kron(*a)', 'kron', [], [given(2, 3), given(3, 2)]],
  ['mx.kron(*a)', 'kron', [], [given(3), given(2, 2, 2)]],
  ['mx.kron(*a)', 'kron', [], [given(), given(2)]],
  ['mx.convolve(*a)', 'convolve', [], [given(5), given(3)]],
  ['mx.convolve(*a, "same")', 'convolve', ['same'], [given(5), given(3)]],
  ['mx.convolve(*a, "same")', 'convolve', ['same'], [given(6), given(4)]],
  ['mx.convolve(*a, "same")', 'convolve', ['same'], [given(2), given(5)]],
  ['mx.convolve(*a, "valid")', 'convolve', ['valid'], [given(5), given(3)]],
  ['mx.convolve(*a, "valid")', 'convolve', ['valid'], [given(3), given(7)]],
  ['mx.convolve(*a, "full")', 'convolve', ['full'], [given(1), given(1)]],
  ['mx.convolve(*a, "full")', 'convolve', ['full'], [given(4), given(1)]],
];

describe('the gradients of what is not ported', () => {
  const truth = askPython<{ first: number[][]; second: number[][]; tangent: number[] }[]>(
    `
def make(x):
    return mx.array(x["values"], mx.float32).reshape(x["shape"])
def shifted(a, v, mode="full"):
    if a.size < v.size:
        a, v = v, a
    m = v.size
    full = sum(mx.pad(a * v[j], (j, m - 1 - j)) for j in range(m))
    left = {"full": 0, "valid": m - 1, "same": m - 1 - m // 2}[mode]
    return full[left : left + mx.convolve(a, v, mode).size]
def answers(call, arrays):
    a = [make(x) for x in arrays]
    f = eval("lambda *a: " + call)
    # MLX has the second gradients of convolutions for few shapes only.
    g = eval("lambda *a: " + call.replace("mx.convolve", "shifted"))
    assert mx.array_equal(f(*a), g(*a)).item()
    nums = list(range(len(a))) if len(a) > 1 else 0
    several = lambda grads: grads if len(a) > 1 else [grads]
    same = mx.grad(lambda *a: mx.sum(g(*a) * g(*a)), nums)
    # MLX's gradient of v[::-1] is 0 for one element, and so is that of its convolve.
    wrong = "convolve" in call and min(x.size for x in a) == 1
    first = same if wrong else mx.grad(lambda *a: mx.sum(f(*a) * f(*a)), nums)
    again = lambda *a: sum(mx.sum(x) for x in several(same(*a)))
    flat = lambda list: [(x.reshape(-1) + 0.0).tolist() for x in list]
    # Linear in each array; MLX has no jvp of convolutions to ask.
    tangent = len(a) * f(*a)
    return {"first": flat(several(first(*a))), "second": flat(several(mx.grad(again, nums)(*a))), "tangent": flat([tangent])[0]}
print(json.dumps([answers(call, arrays) for call, _, _, arrays in data]))
`,
    CASES,
  );

  it.each(CASES.map(([call, operation, rest, arrays], i) => ({ call, operation, rest, arrays, truth: truth[i] })))(
    'are those of Python, twice, and forwards: $call',
    ({ operation, rest, arrays, truth }) => {
      const f = (...a: Tensor[]) => OPERATIONS[operation](...a, ...rest);
      const loss = (...a: Tensor[]) => mx.sum(f(...a).multiply(f(...a)));
      const nums = arrays.map((_, i) => i);
      // The gradient by one argument comes alone.
      const first = (...a: Tensor[]) => [mx.grad<Tensor | Tensor[]>(loss, nums)(...a)].flat();
      const again = (...a: Tensor[]) =>
        first(...a)
          .map((g) => mx.sum(g))
          .reduce((sum, part) => sum.add(part));
      const flat = (list: Tensor[]) => list.map((x) => (x.reshape(-1).tolist() as number[]).map((value) => value + 0));
      const a = arrays.map(of);
      expect(flat(first(...a))).toEqual(truth?.first);
      expect(flat([mx.grad<Tensor | Tensor[]>(again, nums)(...a)].flat())).toEqual(truth?.second);
      const [, [tangent]] = mx.jvp(f, a, a);
      expect(flat([tangent as Tensor])[0]).toEqual(truth?.tangent);
    },
  );

  it('keep the dtype of each array', () => {
    const a = mx.array([1, 2], mx.float16);
    const b = mx.array([3, 4]);
    const [da, db] = mx.grad<[Tensor, Tensor]>((a: Tensor, b: Tensor) => mx.sum(pythonKron(a, b)), [0, 1])(a, b);
    expect([da.dtype, db.dtype]).toEqual([mx.float16, mx.float32]);
    expect([da.tolist(), db.tolist()]).toEqual([
      [7, 7],
      [3, 3],
    ]);
  });

  it('run natively around one call to Python, which telemetry counts', () => {
    routing.reset();
    mx.eval(mx.grad((a: Tensor) => mx.sum(pythonKron(mx.exp(a), a)))(mx.array([1, 2])));
    const rows = routing.table().filter(({ operation }) => ['python_only.kron', 'exp'].includes(operation));
    expect(
      rows.map(({ operation, implementation, reason, calls }) => [operation, implementation, reason, calls]),
    ).toEqual(
      expect.arrayContaining([
        ['python_only.kron', 'python', 'unported', 1],
        ['exp', 'native', 'ported', 1],
      ]),
    );
  });

  it('flow through checkpoint, customFunction and nested compile', () => {
    const x = mx.array([1, 2]);
    const f = (a: Tensor) => mx.sum(pythonKron(a, a));
    for (const same of [mx.checkpoint(f), mx.customFunction(f), mx.compile(f)]) {
      expect(mx.grad(same)(x).tolist()).toEqual([6, 6]);
    }
  });
});
