import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';
import { askChild } from '../support/children.ts';

afterAll(() => shutdown());

const SPECIAL = [0, -0, NaN, Infinity, -Infinity, 1e-40, -1e-40, 1.401298464324817e-45, 6e-8, 3.4028234e38, 16777217];
const constant = fc.oneof(fc.constantFrom(...SPECIAL), fc.float(), fc.double({ min: -4, max: 4, noNaN: true }));
const shape = fc.constantFrom<number[][]>([], [1], [1, 1]);

/** Where two results differ in more than the bits of a NaN. */
function differing(first: unknown, second: unknown): unknown[] {
  const flat = (value: unknown) =>
    [value].flat(Infinity).flatMap((each) => (each instanceof mx.Complex ? [each.re, each.im] : [each]));
  const [a, b] = [flat(first), flat(second)];
  expect(a.length).toBe(b.length);
  return a.flatMap((each, i) => (Object.is(each, b[i]) ? [] : [[each, b[i]]]));
}

const values = (dtype: mx.Dtype) => mx.array([0, -0, 1, -1, 0.1, -3.7, 12345.678, 1e-30, Infinity, NaN], dtype);

describe.each(['native', 'python'] as const)('a compiled function and its constants, %s', (implementation) => {
  const here = <T>(body: () => T) => mx.withImplementation(implementation, body);
  const agree = (run: (x: mx.Array) => mx.Array, x: mx.Array) =>
    expect(differing(mx.compile(run)(x).tolist(), run(x).tolist())).toEqual([]);

  it.each([mx.float32, mx.float16, mx.bfloat16])('agrees with the function bit for bit, %s', (dtype) => {
    const run = (c: number, d: number, size: number[]) => (x: mx.Array) =>
      x
        .multiply(c)
        .add(mx.full(size, d, dtype))
        .divide(c);
    const agrees = (c: number, d: number, size: number[]) => {
      here(() => agree(run(c, d, size), values(dtype)));
    };
    fc.assert(fc.property(constant, constant, shape, agrees), { numRuns: 60 });
  });

  it('agrees with parts of complex numbers', () => {
    const agrees = (re: number, im: number) =>
      here(() => {
        const c = mx.array([new mx.Complex(re, im)]).reshape([]);
        agree((x) => x.multiply(c).add(c), mx.array([new mx.Complex(1, -0), new mx.Complex(-0.3, 7)]));
      });
    fc.assert(fc.property(constant, constant, agrees), { numRuns: 60 });
  });

  it('agrees with integers that no float holds', () => {
    const agrees = (c: bigint) =>
      here(() => {
        const whole = mx.array([c], mx.int64);
        agree((x) => x.add(whole).multiply(whole), mx.array([0n, 1n, -1n, 2n ** 53n + 1n], mx.int64));
      });
    fc.assert(fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), agrees), { numRuns: 60 });
  });

  it("agrees where the constant is MLX's own", () =>
    here(() => {
      agree((x) => mx.radians(x).multiply(7.123456789), values(mx.float32));
      const slope = mx.grad((x: mx.Array) => mx.sum(mx.log2(x).multiply(mx.erf(x))));
      agree((x) => slope(x).multiply(1 / 3), mx.array([0.1, 0.2, 3]));
    }));

  it('agrees where the constants are many, and short enough to stand in the kernel', () => {
    const digits = fc.tuple(fc.integer({ min: -999, max: 999 }), fc.integer({ min: -30, max: 30 }));
    const short = digits.map(([whole, power]) => Number(`${whole}e${power}`));
    const agrees = (constants: number[]) => {
      const run = (x: mx.Array) => constants.reduce((sum, c, i) => (i % 2 === 0 ? sum.multiply(c) : sum.add(c)), x);
      here(() => agree(run, values(mx.float32)));
    };
    // Each is a kernel of its own, which takes a second to compile.
    fc.assert(fc.property(fc.array(short, { minLength: 6, maxLength: 6 }), agrees), { numRuns: 4 });
    agrees([0.9, 0.1, 0.999, 0.001, 1e-8, -0, 1 / 3, 1e-40, 2]);
  });

  it('tells constants apart whose digits are the same one after the other', () => {
    const of =
      (...constants: number[]) =>
      (x: mx.Array) =>
        constants.reduce((sum, c, i) => (i % 2 === 0 ? sum.multiply(c) : sum.add(c)), x);
    const x = values(mx.float32);
    here(() => {
      for (const pair of [
        [of(1, 23, 0.5, 0.25), of(12, 3, 0.5, 0.25)],
        [of(0.1, 0.2, 0.5, 1, 2), of(0.1, 0.2, 0.5, 12, 1)],
        [of(0.1, 1e-8, 0.5, 0.25), of(0.1, 1.1e-8, 0.5, 0.25)],
      ]) {
        for (const run of pair) agree(run, x);
      }
    });
  });

  it('takes no value of what has none: an outer trace, and what is being computed', () => {
    here(() => {
      const y = mx.array([1, 2, 3]);
      const nested = (t: mx.Array) => mx.compile((v: mx.Array) => v.multiply(t).add(0.5).multiply(0.25).add(t))(y);
      expect(mx.compile(nested)(mx.array(2)).tolist()).toEqual(nested(mx.array(2)).tolist());
      const third = mx.array(1).divide(3);
      void mx.asyncEval(third);
      agree((v) => v.multiply(third).add(0.5).multiply(0.25).add(0.125).multiply(0.75), y);
    });
  });

  it.runIf(process.platform === 'linux')('keeps one kernel on the disk for all constants', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'mlx-router-constants-'));
    try {
      await askChild(
        `mx.withImplementation('${implementation}', () => {
            const x = mx.array([1, 2, 3]);
            for (let i = 1; i <= 20; i++) mx.compile((a) => a.multiply(i / 7).add(1 / i))(x).tolist();
          });
          report(true);
          shutdown();`,
        { XDG_CACHE_HOME: cache, MLX_ROUTER_KERNELS: undefined },
      );
      const kernels = readdirSync(cache, { recursive: true }).filter((name) => String(name).endsWith('.so'));
      expect(kernels).toHaveLength(1);
    } finally {
      rmSync(cache, { recursive: true, force: true });
    }
  });
});
