import { afterAll, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { COMPUTED_DTYPES as dtypes } from '../support/gpu/dtypes.ts';
import { askPython } from '../support/python.ts';

afterAll(() => shutdown());

interface Recipe {
  readonly elements: readonly (number | string)[];
  readonly shape: readonly number[];
}

const RECIPES: readonly Recipe[] = [
  { elements: [2], shape: [] },
  { elements: [], shape: [0] },
  { elements: [], shape: [0, 3] },
  { elements: [], shape: [2, 0, 1] },
  { elements: [0, 1, 2, 100], shape: [2, 2] },
  { elements: ['NaN', 'inf', '-inf', -0], shape: [4] },
  { elements: [1e-30, 1e30, 0.1, 1 / 3, 123456789], shape: [5] },
  { elements: Array.from({ length: 1200 }, (_, i) => i), shape: [1200] },
  { elements: Array.from({ length: 1500 }, (_, i) => i / 7), shape: [15, 10, 10] },
];

const REPR = `
def made(recipe, name):
    elements = [float(e) for e in recipe["elements"]]
    dtype = mx.bool_ if name == "bool" else getattr(mx, name)
    return mx.array(elements, mx.float32).reshape(recipe["shape"]).astype(dtype)
print(json.dumps([[repr(made(r, n)) for n in data["dtypes"]] for r in data["recipes"]]))`;

it.each(['native', 'python'] as const)("is the text of Python's repr on %s, for every dtype", (implementation) => {
  const expected = askPython<string[][]>(REPR, { recipes: RECIPES, dtypes: dtypes.map(({ name }) => name) });
  mx.withImplementation(implementation, () => {
    for (const [i, { elements, shape }] of RECIPES.entries()) {
      const base = mx
        .array(new Float32Array(elements.map((element) => Number(String(element).replace('inf', 'Infinity')))))
        .reshape(shape);
      expect(dtypes.map((dtype) => String(base.astype(dtype)))).toEqual(expected[i]);
    }
    const z = mx.array([mx.Complex(-0, Number.NaN), mx.Complex(Number.POSITIVE_INFINITY, -1e10)]);
    expect(String(z)).toBe(
      askPython('print(json.dumps(repr(mx.array([complex(-0.0, math.nan), complex(math.inf, -1e10)]))))'),
    );
  });
});
