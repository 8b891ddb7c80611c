import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';

afterAll(() => shutdown());

const DTYPES = ['int8', 'uint8', 'int64', 'uint32', 'float32', 'float16'] as const;

// Every pair of these but a divisor of zero, and the least integer by -1, which end the process in Python.
const VALUES = {
  int8: [-128, -127, -100, -7, -3, -2, -1, 0, 1, 2, 3, 5, 7, 100, 127],
  uint8: [0, 1, 2, 3, 7, 128, 254, 255],
  int64: [-9007199254740991, -7, -3, 0, 1, 3, 7, 9007199254740991],
  uint32: [0, 1, 3, 7, 4294967295],
  float32: [-1e30, -7.5, -2, -0.5, 0.1, 2, 3, 1e30],
  float16: [-7.5, -2, -0.5, 0.1, 2, 3],
};

const truth = askPython<Record<string, string[]>>(
  `
def answers(name, values):
    dtype = getattr(mx, name)
    pairs = [(a, b) for a in values for b in values if b != 0 and not (name == "int8" and (a, b) == (-128, -1))]
    a, b = (mx.array([pair[i] for pair in pairs]).astype(dtype) for i in (0, 1))
    return [str([x.tolist() for x in (*mx.divmod(a, b), mx.floor_divide(a, b), mx.remainder(a, b))])]
print(json.dumps({name: answers(name, values) for name, values in data.items()}))
`,
  VALUES,
);

describe('divmod, floorDivide and remainder give what Python gives', () => {
  it.each(DTYPES.flatMap((name) => ['native', 'python'].map((side) => [name, side] as const)))(
    '%s, %s',
    (name, side) => {
      const values: readonly number[] = VALUES[name];
      const pairs = values
        .flatMap((a) => values.map((b) => [a, b] as const))
        .filter(([a, b]) => b !== 0 && !(name === 'int8' && a === -128 && b === -1));
      const [a, b] = [0, 1].map((i) =>
        mx.array(
          pairs.map((pair) => pair[i] as number),
          mx[name],
        ),
      ) as [mx.Array, mx.Array];
      const ours = mx.withImplementation(side as 'native', () => [
        ...mx.divmod(a, b),
        mx.floorDivide(a, b),
        mx.remainder(a, b),
      ]);
      expect(ours.map((x) => x.tolist())).toEqual(asNumbers(truth[name]?.[0] as string, name));
    },
  );

  it.each(['native', 'python'] as const)('0 by zero, and the least integer by -1 wraps, %s', (side) => {
    const ours = mx.withImplementation(side, () => {
      const a = mx.array([-128, 5, -5], mx.int8);
      return mx.divmod(a, mx.array([-1, 0, 0], mx.int8));
    });
    expect(ours.map((x) => x.tolist())).toEqual([
      [-128, 0, 0],
      [0, 0, 0],
    ]);
  });
});

function asNumbers(text: string, name: string): unknown {
  const lists = JSON.parse(text.replaceAll('inf', '1e999').replaceAll('nan', 'null')) as (number | null)[][];
  return lists.map((list) =>
    list.map((value) => (value === null ? Number.NaN : name === 'int64' ? BigInt(value) : value)),
  );
}
