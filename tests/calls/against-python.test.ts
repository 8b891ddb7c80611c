import { afterAll, describe, expect, it } from 'vitest';
import { DTYPES } from '../../foundation/values/dtypes.ts';
import { encode, float16ToNumber, numberToBfloat16, numberToFloat16 } from '../../foundation/values/elements.ts';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { askPython } from '../support/python.ts';

afterAll(() => shutdown());

const BACKENDS = ['native', 'python'] as const;

/** Arrays as both languages make them: nested numbers, then the dtype. */
const PRINTED: [string, unknown, string][] = [
  ['a scalar', 1.5, 'float32'],
  ['a vector', [1, 2, 3], 'float32'],
  ['fractions', [0.1, -1e-8, 1e22, 123456.789], 'float32'],
  ['an empty one', [], 'float32'],
  [
    'three dimensions',
    [
      [
        [1, 2],
        [3, 4],
      ],
      [
        [5, 6],
        [7, 8],
      ],
    ],
    'float32',
  ],
  ['more than fits', Array.from({ length: 2000 }, (_, i) => i), 'float32'],
  ['a wide one', [Array.from({ length: 50 }, (_, i) => i / 3)], 'float32'],
  ...DTYPES.map(({ name }): [string, unknown, string] => [
    name,
    [
      [0, 1],
      [1, 0],
    ],
    name,
  ]),
];

describe('the text of an array', () => {
  const truth = askPython<string[]>(
    `
def make(values, dtype):
    return mx.array(values, getattr(mx, "bool_" if dtype == "bool" else dtype))
print(json.dumps([repr(make(values, dtype)) for _, values, dtype in data]))
`,
    PRINTED,
  );

  it.each(PRINTED.map(([name, values, dtype], i) => ({ name, values, dtype, text: truth[i] })))(
    'of $name is what Python prints, on both backends',
    ({ values, dtype, text }) => {
      for (const backend of BACKENDS) {
        const made = mx.withImplementation(backend, () => mx.array(values as number[], mx[dtype as 'float32']));
        expect(String(made)).toBe(text);
      }
    },
  );

  it('of NaN and the infinities too', () => {
    const [text] = askPython<string[]>('print(json.dumps([repr(mx.array([math.nan, math.inf, -math.inf, -0.0]))]))');
    const made = mx.array([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]);
    expect(String(made)).toBe(text);
  });
});

describe('a random sequence', () => {
  interface Draws {
    readonly normal: number[];
    readonly uniform: number[];
    readonly integers: number[];
    readonly bits: boolean[];
    readonly order: number[];
    readonly key: number[];
  }
  const SEEDS = ['0', '42', '4294967296', '18446744073709551615'];
  const truth = askPython<Draws[]>(
    `
rows = []
for seed in data:
    mx.random.seed(int(seed))
    rows.append({
        "normal": mx.random.normal((5,)).tolist(),
        "uniform": mx.random.uniform(0, 1, (3, )).tolist(),
        "integers": mx.random.randint(-5, 1000, (6,)).tolist(),
        "bits": mx.random.bernoulli(0.5, (8,)).tolist(),
        "order": mx.random.permutation(7).tolist(),
        "key": mx.random.split(mx.random.key(int(seed)))[1].tolist(),
    })
print(json.dumps(rows))
`,
    SEEDS,
  );

  it.each(SEEDS.flatMap((seed, i) => BACKENDS.map((backend) => ({ seed, backend, draws: truth[i] }))))(
    'from seed $seed is that of Python, on the $backend backend',
    ({ seed, backend, draws }) => {
      mx.random.seed(BigInt(seed));
      const options = { implementation: backend };
      expect({
        normal: mx.random.normal([5], options).tolist(),
        uniform: mx.random.uniform(0, 1, [3], options).tolist(),
        integers: mx.random.randint(-5, 1000, [6], options).tolist(),
        bits: mx.random.bernoulli(0.5, [8], options).tolist(),
        order: mx.random.permutation(7, options).tolist(),
        key: mx.random
          .split(mx.random.key(BigInt(seed), options), options)
          .index(1)
          .tolist(),
      }).toEqual(draws);
    },
  );
});

describe('conversions', () => {
  it('to float16 and bfloat16 round as MLX itself does, for a hundred thousand values', () => {
    const floats = new Float32Array(100_000);
    const words = new Uint32Array(floats.buffer);
    // Spread evenly over all bit patterns, ties, subnormals and infinities among them.
    for (let i = 0; i < words.length; i++) words[i] = Math.imul(i, 42_949) + (i % 3) * 0x1000;
    const numbers = Array.from(floats).filter((value) => !Number.isNaN(value));
    const plain = mx.array(new Float32Array(numbers));
    for (const [dtype, toBits] of [
      [mx.float16, numberToFloat16],
      [mx.bfloat16, numberToBfloat16],
    ] as const) {
      const theirs = new Uint16Array((plain.astype(dtype).toTypedArray() as Uint16Array).buffer);
      const wrong = numbers.filter((value, i) => theirs[i] !== toBits(value));
      expect(wrong).toEqual([]);
      expect(new Uint16Array(encode(numbers, dtype).buffer)).toEqual(theirs);
    }
  });

  it('from float16 read as MLX itself does, for every bit pattern', () => {
    const bits = mx.array(Uint16Array.from({ length: 65536 }, (_, i) => i));
    const theirs = mx.view(bits, mx.float16).astype(mx.float32).toTypedArray() as Float32Array;
    const wrong = Array.from(theirs).filter((value, i) => !Object.is(value, Math.fround(float16ToNumber(i))));
    expect(wrong).toEqual([]);
  });
});
