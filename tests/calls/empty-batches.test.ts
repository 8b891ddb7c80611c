import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askChild } from '../support/children.ts';

/** Functions of one tensor that fail in MLX where a batch, or a derivative, has no elements. */
const FUNCTIONS = [
  'mx.cumsum(x, -1)',
  'mx.cumprod(x, -1)',
  'mx.cummax(x, -1)',
  'mx.cummin(x, -1)',
  'mx.logcumsumexp(x, -1)',
  'mx.sort(x, -1)',
  'mx.argsort(x, -1)',
  'mx.sum(x, -1)',
  'mx.prod(x, -1)',
  'mx.take(x, 0, -1)',
  'mx.take(x, mx.array([0, 0], mx.int32), -1)',
  'x.index(mx.array([0, 0], mx.int32))',
  'mx.takeAlongAxis(x, mx.zeros(x.shape, mx.int32), -1)',
  'mx.putAlongAxis(x, mx.zeros(x.shape, mx.int32), mx.array(1), -1)',
  'x.at(mx.array([0], mx.int32)).add(1)',
  'mx.matmul(x, mx.transpose(x))',
  'mx.softmax(x, -1)',
  'mx.fft.rfft(x)',
] as const;

const SIDES = ['native', 'python'] as const;
const programs = fc.array(
  fc.record({
    body: fc.constantFrom(...FUNCTIONS),
    // No axis but the mapped ones is empty: those the call itself sees, and may refuse.
    shape: fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 })
      .chain((rest) => fc.nat(rest.length).map((at) => [...rest.slice(0, at), 0, ...rest.slice(at)])),
  }),
  { minLength: 12, maxLength: 12 },
);

describe.each(SIDES)('on %s', (side) => {
  const preamble = `configure({ preferNative: ${side === 'native'} });
    const plain = (f) => { const result = f(); return [result.shape, result.tolist()]; };`;

  it('what is mapped over no element, or over nothing else, has its value', async () => {
    const found = await askChild<unknown[]>(`${preamble}
      const nothing = mx.zeros([2, 0]);
      const take = (x) => mx.take(x, 0);
      const gather = (x) => x.index(mx.array([0], mx.int32));
      const none = (x) => mx.add(x, mx.zeros([0]));
      const derived = (f) => mx.grad((x) => mx.sum(mx.vmap(f)(x)));
      const segments = mx.array([[0, 4]], mx.uint32);
      report([
        ...['cumsum', 'cumprod', 'cummax', 'cummin', 'logcumsumexp'].map((name) =>
          plain(() => mx.vmap((x) => mx[name](x, -1), 1)(nothing))),
        ...['cumsum', 'cumprod', 'cummax', 'cummin', 'logcumsumexp'].map((name) =>
          plain(() => mx.vmap((x) => mx[name](x, null, { reverse: true }), 1)(nothing))),
        plain(() => mx.vmap((x) => mx.takeAlongAxis(x, mx.zeros([2], mx.int32), null), 1)(nothing)),
        plain(() => mx.vmap((x) => mx.putAlongAxis(x, mx.zeros([2], mx.int32), mx.ones([2]), null), 1)(nothing)),
        plain(() => mx.compile(mx.vmap((x) => mx.cumsum(x), 1))(nothing)),
        plain(() => derived(take)(mx.zeros([0, 3]))),
        plain(() => derived(gather)(mx.zeros([0, 3]))),
        plain(() => derived(none)(mx.array([1, 2, 3]))),
        plain(() => mx.compile(mx.vmap((x) => mx.linalg.cross(x, x)))(mx.zeros([0, 3]))),
        plain(() => mx.segmentedMm(mx.zeros([0, 4]), mx.ones([4, 3]), segments)),
        plain(() => mx.segmentedMm(mx.ones([3, 4]), mx.zeros([4, 0]), segments)),
      ]);`);
    expect(found).toEqual([
      ...Array.from({ length: 13 }, () => [[0, 2], []]),
      [[0, 3], []],
      [[0, 3], []],
      [[3], [0, 0, 0]],
      [[0, 3], []],
      [[1, 0, 3], [[]]],
      [[1, 3, 0], [[[], [], []]]],
    ]);
  });

  it('a shapeless trace that spreads nothing over something is refused', async () => {
    const found = await askChild<string>(`${preamble}
      const f = mx.compile(mx.vmap((x) => mx.var(x, -1)), { shapeless: true });
      try { report(f(mx.zeros([3, 0])).tolist()); } catch (error) { report(error.code + ': ' + error.message); }`);
    expect(found).toMatch(/^ERR_MLX_OPERATION: .*shape without elements/);
  });

  it('gradients through any such function over an empty batch are as empty as the batch', async () => {
    await fc.assert(
      fc.asyncProperty(programs, async (calls) => {
        const found = await askChild<unknown[]>(`${preamble}
          report(${JSON.stringify(calls)}.map(({ body, shape }) => {
            const f = new Function('mx', 'x', 'return ' + body).bind(null, mx);
            const axis = shape.indexOf(0);
            const mapped = (x) => mx.sum(mx.astype(mx.abs(mx.vmap(f, axis)(x)), mx.float32));
            const x = mx.zeros(shape);
            const [value, gradient] = mx.valueAndGrad(mapped)(x);
            return [value.item(), gradient.shape, gradient.tolist()];
          }));`);
        const empty = (shape: readonly number[]): unknown =>
          shape.length === 0 ? 0 : Array.from({ length: shape[0] as number }, () => empty(shape.slice(1)));
        expect(found).toEqual(calls.map(({ shape }) => [0, shape, empty(shape)]));
      }),
      { numRuns: 2 },
    );
  });
});
