import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { COMPUTED_DTYPES as DTYPES } from '../support/gpu/dtypes.ts';
import { askPython } from '../support/python.ts';

afterAll(() => shutdown());

const SCALARS = [0, 1, -1, 2, 300, 0.5, 16_777_217, true] as const;

type Form = (x: mx.Array, s: number | boolean) => mx.Array;

/** Where numbers stand beside several arguments, in both languages; `c` is a condition, `h` an array of float16. */
const FORMS: Record<string, Form> = {
  'mx.where(c, x, s)': (x, s) => mx.where(condition(), x, s),
  'mx.where(c, s, x)': (x, s) => mx.where(condition(), s, x),
  'mx.where(x, s, 2)': (x, s) => mx.where(x, s, 2),
  'mx.where(x, h, s)': (x, s) => mx.where(x, mx.ones([2], mx.float16), s),
  'mx.where(True, x, s)': (x, s) => mx.where(true, x, s),
  'mx.clip(x, s, None)': (x, s) => mx.clip(x, s, null),
  'mx.clip(x, None, s)': (x, s) => mx.clip(x, null, s),
  'mx.clip(x, s, 100)': (x, s) => mx.clip(x, s, 100),
  'mx.clip(x, h, s)': (x, s) => mx.clip(x, mx.ones([2], mx.float16), s),
  'mx.pad(x, 1, constant_values=s)': (x, s) => mx.pad(x, 1, { constantValues: s }),
  'mx.minimum(x, s)': (x, s) => mx.minimum(x, s),
  'mx.power(s, x)': (x, s) => mx.power(s, x),
  'mx.logical_and(x, s)': (x, s) => mx.logicalAnd(x, s),
};

function condition(): mx.Array {
  return mx.array([true, false]);
}

const truth = askPython<Record<string, string>>(
  `
answers = {}
for name in data["dtypes"]:
    x = mx.array([0, 1]).astype(getattr(mx, "bool_" if name == "bool" else name))
    c, h = mx.array([True, False]), mx.ones((2,), mx.float16)
    for form in data["forms"]:
        for s in data["scalars"]:
            try:
                text = repr(eval(form))
            except ValueError:
                text = "refused"
            answers[f"{name}: {form}, s = {json.dumps(s)}"] = text
print(json.dumps(answers))
`,
  { dtypes: DTYPES.map(({ name }) => name), forms: Object.keys(FORMS), scalars: SCALARS },
);

function ours(form: Form, x: mx.Array, scalar: number | boolean): string {
  try {
    return String(form(x, scalar));
  } catch (error) {
    return (error as Error).message.includes('would result in overflow') ? 'refused' : String(error);
  }
}

describe('a number beside several arguments takes the dtype that Python gives it', () => {
  it.each(
    Object.entries(FORMS).flatMap(([name, form]) => ['native', 'python'].map((side) => [name, side, form] as const)),
  )('%s, %s', (name, side, form) => {
    const differences = mx.withImplementation(side as 'native', () =>
      DTYPES.flatMap(({ name: dtype }) => {
        const x = mx.array([0, 1]).astype(mx[dtype]);
        return SCALARS.flatMap((scalar) => {
          const call = `${dtype}: ${name}, s = ${JSON.stringify(scalar)}`;
          const [mine, theirs] = [ours(form, x, scalar), truth[call]];
          return mine === theirs ? [] : [`${call} gives ${mine}, in Python ${theirs}`];
        });
      }),
    );
    expect(differences).toEqual([]);
  });
});
