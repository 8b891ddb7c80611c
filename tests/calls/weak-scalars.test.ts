import { afterAll, describe, expect, it } from 'vitest';
import { ArgumentError, core as mx, shutdown } from '../../mlx/index.ts';
import { COMPUTED_DTYPES as DTYPES } from '../support/gpu/dtypes.ts';
import { askPython } from '../support/python.ts';

interface Row {
  readonly dtype: string;
  readonly kind: 'int' | 'float' | 'bool' | 'complex';
  readonly scalar: string;
  readonly result: string;
  readonly value: string;
}

const INTEGERS = [
  '0',
  '1',
  '-1',
  '2',
  '127',
  '128',
  '-128',
  '-129',
  '255',
  '256',
  '300',
  '32767',
  '32768',
  '65535',
  '65536',
  '2147483647',
  '2147483648',
  '-2147483648',
  '-2147483649',
  '4294967295',
  '4294967296',
  '9007199254740992',
  '9223372036854775807',
  '9223372036854775808',
  '-9223372036854775808',
  '-9223372036854775809',
  '18446744073709551615',
  '18446744073709551616',
];
const FLOATS = ['0.5', '-0.25', '1.1', '3.4e38', '65519.5', '1e-40'];

/** Python's own answer to `zeros(1, dtype) + scalar` for every dtype and scalar. */
const TRUTH = `
rows = []
def text(x):
    x = x.item()
    if isinstance(x, complex): return f"{x.real!r},{x.imag!r}"
    return str(x) if isinstance(x, (bool, int)) else repr(x)
for dtype in data["dtypes"]:
    zeros = mx.zeros((1,), getattr(mx, "bool_" if dtype == "bool" else dtype))
    scalars = [("int", s, int(s)) for s in data["integers"]] + [("float", s, float(s)) for s in data["floats"]]
    scalars += [("bool", "true", True), ("bool", "false", False), ("complex", "1,-2", complex(1, -2))]
    for kind, label, scalar in scalars:
        try:
            answer = zeros + scalar
            result, value = str(answer.dtype).split(".")[-1], text(answer)
        except Exception as error:
            result, value = "error", type(error).__name__
        rows.append({"dtype": dtype, "kind": kind, "scalar": label, "result": result, "value": value})
print(json.dumps(rows))
`;

const rows = askPython<Row[]>(TRUTH, { dtypes: DTYPES.map(({ name }) => name), integers: INTEGERS, floats: FLOATS });

/** The same scalar as JavaScript writes it; integers once as a number, where one can hold it, and once as a bigint. */
function scalars({ kind, scalar }: Row): (number | bigint | boolean | mx.Complex)[] {
  if (kind === 'bool') return [scalar === 'true'];
  if (kind === 'float') return [Number(scalar)];
  if (kind === 'complex') return [mx.Complex(1, -2)];
  return BigInt(Number(scalar)) === BigInt(scalar) ? [Number(scalar), BigInt(scalar)] : [BigInt(scalar)];
}

function ours(dtype: string, scalar: number | bigint | boolean | mx.Complex, python: boolean): [string, string] {
  const zeros = mx.zeros([1], mx[dtype as 'float32']);
  try {
    const answer = mx.add(zeros, scalar, python ? { implementation: 'python' } : {});
    const value = answer.item();
    return [answer.dtype.name, text(value)];
  } catch (error) {
    return ['error', error instanceof ArgumentError ? 'ArgumentError' : String(error)];
  }
}

function text(value: unknown): string {
  if (value instanceof mx.Complex) return `${value.re},${value.im}`;
  return String(value);
}

function same(mine: string, theirs: string): boolean {
  if (mine === theirs) return true;
  const [a, b] = [mine.split(',').map(Number), theirs.split(',').map(pythonNumber)];
  return a.length === b.length && a.every((part, i) => Object.is(part, b[i]));
}

function pythonNumber(word: string): number {
  if (word === 'True' || word === 'False') return Number.NaN;
  return Number(word.replace('inf', 'Infinity').replace('nan', 'NaN'));
}

/** Why JavaScript's answer is another one, where that is meant; undefined where both must agree. */
function byDesign({ dtype, kind, scalar }: Row): string | undefined {
  const isFloating = /float|complex/.test(dtype);
  if (kind === 'float' && scalar === '3.4e38' && !isFloating) return 'an integral number beside integers is an integer';
  if (kind !== 'int') return undefined;
  const value = BigInt(scalar);
  if (dtype === 'bool' && BigInt.asIntN(32, value) !== value) return 'Python drops the bits above 32 without a word';
  if (BigInt.asIntN(64, value) === value) return undefined;
  if (isFloating) return 'Python reads no integer beyond 64 bits, not even for a float';
  return dtype === 'uint64' && BigInt.asUintN(64, value) === value ? 'Python reads no integer beyond int64' : undefined;
}

function disagreements(python: boolean): string[] {
  return rows.flatMap((row) =>
    scalars(row).flatMap((scalar) => {
      const [result, value] = ours(row.dtype, scalar, python);
      const [wanted, wantedValue] = [row.result, row.value.toLowerCase()];
      const agrees = result === wanted && (result === 'error' ? value === 'ArgumentError' : same(value, wantedValue));
      const isMeant = byDesign(row) !== undefined && !(row.dtype === 'bool' && wanted === 'error');
      const call = `${row.dtype} + ${typeof scalar} ${row.kind} ${row.scalar}`;
      if (agrees === !isMeant) return [];
      return [`${call}: ${result} ${value}, in Python ${wanted} ${wantedValue}${isMeant ? ', meant to differ' : ''}`];
    }),
  );
}

describe('a weak scalar beside an array', () => {
  afterAll(() => shutdown());

  it('is asked of Python for every dtype and kind', () => {
    expect(rows).toHaveLength(DTYPES.length * (INTEGERS.length + FLOATS.length + 3));
    expect(rows.some(({ result }) => result === 'error')).toBe(true);
  });

  it('gives the dtype and the value that Python gives', () => {
    expect(disagreements(false)).toEqual([]);
  });

  it('gives the same through the Python backend', () => {
    expect(disagreements(true)).toEqual([]);
  });
});

describe('a scalar with no array to fix its kind, where JavaScript differs by design', () => {
  it('is float32 as a number, whatever its value; Python makes an integral one int32', () => {
    expect(mx.add(1, 2).dtype).toBe(mx.float32);
    expect(mx.add(1, 2.5).dtype).toBe(mx.float32);
    expect(mx.array(3).dtype).toBe(mx.float32);
    expect(mx.full([2], 3).dtype).toBe(mx.float32);
  });

  it('is int64 as a bigint, bool as a boolean, complex64 as a complex number', () => {
    expect(mx.array(3n).dtype).toBe(mx.int64);
    expect(mx.array(true).dtype).toBe(mx.bool);
    expect(mx.array({ re: 1, im: 2 }).dtype).toBe(mx.complex64);
  });

  it('is int32 in arange of integral numbers', () => {
    expect(mx.arange(5).dtype).toBe(mx.int32);
    expect(mx.arange(0, 1, 0.25).dtype).toBe(mx.float32);
  });
});
