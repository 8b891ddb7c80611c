import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { DTYPES, type Dtype } from '../../foundation/values/dtypes.ts';
import { ArgumentError, core as mx, OperationError, shutdown } from '../../mlx/index.ts';
import { Registry } from '../../registry/registry.ts';
import { Router } from '../../router/router.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { FakeBackend } from '../../router/test-support/fake-backend.ts';
import { pythonPath } from '../support/python.ts';

afterAll(() => shutdown());

interface Facts {
  readonly names: string[];
  readonly categories: (keyof typeof mx)[];
  readonly kinds: string[];
  readonly sizes: number[];
  readonly promoted: string[][];
  readonly cast: boolean[][];
  readonly within: boolean[][];
  readonly ofKind: boolean[][];
  readonly limits: Record<string, string | number>[];
}

const script = fileURLToPath(new URL('../support/dtype_facts.py', import.meta.url));
const facts = JSON.parse(execFileSync(pythonPath(), [script], { encoding: 'utf8' })) as Facts;

/** Python's `float.hex`, read back. */
function fromHex(text: string): number {
  const [, sign, whole, fraction = '', exponent] = /^(-?)0x(\d)\.([0-9a-f]*)p([+-]\d+)$/.exec(text) as RegExpExecArray;
  const digits = Number.parseInt(`${whole}${fraction}`, 16) * 16 ** -fraction.length;
  return (sign === '-' ? -1 : 1) * digits * 2 ** Number(exponent);
}

describe('the tables say what the wheel says', () => {
  const categories = facts.categories.map((name) => mx[name] as typeof mx.integer);
  const all = [...DTYPES, ...categories];

  it('of names, order and sizes', () => {
    expect(DTYPES.map(({ name }) => name)).toEqual(facts.names);
    expect(DTYPES.map(({ size }) => size)).toEqual(facts.sizes);
  });

  it('of promotion', () => {
    expect(DTYPES.map((a) => DTYPES.map((b) => mx.resultType(a, b).name))).toEqual(facts.promoted);
    expect(DTYPES.map((a) => DTYPES.map((b) => mx.canCast(a, b)))).toEqual(facts.cast);
  });

  it('of categories and kinds', () => {
    expect(all.map((a) => all.map((b) => mx.issubdtype(a, b)))).toEqual(facts.within);
    expect(DTYPES.map((a) => facts.kinds.map((kind) => mx.isdtype(a, kind)))).toEqual(facts.ofKind);
  });

  it.each(DTYPES.map((dtype, i) => [dtype.name, dtype, facts.limits[i] as Facts['limits'][number]] as const))(
    'of the limits of %s',
    (_, dtype, limits) => {
      if ('error' in limits) {
        expect(() => mx.iinfo(dtype)).toThrow(ArgumentError);
        expect(() => mx.finfo(dtype)).toThrow(ArgumentError);
      } else if ('eps' in limits) {
        const info = mx.finfo(dtype);
        expect([info.dtype.name, info.bits, String(info)]).toEqual([limits['dtype'], limits['bits'], limits['text']]);
        const figures = [info.min, info.max, info.eps, info.smallestNormal];
        const names = ['min', 'max', 'eps', 'smallest_normal'];
        expect(figures).toEqual(names.map((name) => fromHex(limits[name] as string)));
        expect(() => mx.iinfo(dtype)).toThrow(ArgumentError);
      } else {
        const info = mx.iinfo(dtype);
        expect([info.dtype.name, String(info.min), String(info.max), String(info)]).toEqual([
          limits['dtype'],
          limits['min'],
          limits['max'],
          limits['text'],
        ]);
        expect(typeof info.max).toBe(dtype.size === 8 ? 'bigint' : 'number');
        expect(() => mx.finfo(dtype)).toThrow(ArgumentError);
      }
    },
  );
});

describe('questions about dtypes', () => {
  it('take arrays as their dtypes', () => {
    const x = mx.zeros([2], mx.bfloat16);
    expect(mx.resultType(x, mx.float16)).toBe(mx.float32);
    expect(mx.resultType(x)).toBe(mx.bfloat16);
    expect(mx.canCast(x, mx.float32)).toBe(true);
    expect(mx.canCast(x, mx.int8)).toBe(false);
  });

  it('take lists of kinds', () => {
    expect(mx.isdtype(mx.int8, [mx.float32, 'bool'])).toBe(false);
    expect(mx.isdtype(mx.int8, [mx.int8, 'bool'])).toBe(true);
    expect(mx.isdtype(mx.int8, [])).toBe(false);
  });

  it('make their answers with and without new, and print them as Python does', () => {
    expect(new mx.finfo(mx.float16)).toEqual(mx.finfo(mx.float16));
    expect(new mx.iinfo(mx.int8)).toBeInstanceOf(mx.iinfo);
    expect(String(mx.floating)).toBe('DtypeCategory.floating');
  });

  it.each([
    ['no argument', () => mx.resultType()],
    ['a number', () => mx.resultType(1 as never)],
    ['a kind that there is not', () => mx.isdtype(mx.int8, 'integer')],
    ['a name that every object has', () => mx.isdtype(mx.int8, 'toString')],
    ['a category as a kind', () => mx.isdtype(mx.int8, mx.integer as never)],
    ['a name as a dtype', () => mx.issubdtype('int8' as never, mx.integer)],
    ['a category to cast to', () => mx.canCast(mx.int8, mx.floating as never)],
    ['no dtype', () => mx.finfo(undefined as never)],
  ])('refuse %s', (_, run) => {
    expect(run).toThrow(ArgumentError);
  });
});

const STORAGE_TYPES = { 1: Uint8Array, 2: Uint16Array, 4: Uint32Array, 8: BigUint64Array } as const;

/** An array of the dtype with these very bits. */
function fromBits(bytes: Uint8Array<ArrayBuffer>, dtype: Dtype): mx.Array {
  const Storage = STORAGE_TYPES[dtype.size as keyof typeof STORAGE_TYPES];
  return mx.array(new Storage(bytes.buffer, bytes.byteOffset, bytes.byteLength / dtype.size)).view(dtype);
}

function bitsOf(x: mx.Array): number[] {
  const view = x.toTypedArray();
  return [...new Uint8Array(view.buffer, view.byteOffset, view.byteLength)];
}

/** Bits that conversions through numbers would lose: NaN with payloads, signalling and negative; -0; subnormals. */
const DELICATE: Readonly<Record<number, readonly bigint[]>> = {
  2: [0x7c01n, 0xfe55n, 0x7f81n, 0xffc1n, 0x8000n, 0x0001n, 0xffffn],
  4: [0x7f800001n, 0xffc12345n, 0x80000000n, 0x00000001n, 0x7fffffffn],
  8: [0x7ff0000000000001n, 0xfff8000000012345n, 0x8000000000000000n, 1n, 0x7f800001ffc12345n, 0x8000000080000000n],
};

function bytesFor(dtype: Dtype): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  if (dtype === mx.bool) return fc.array(fc.constantFrom(0, 1)).map((bytes) => Uint8Array.from(bytes));
  const any = fc.bigInt({ min: 0n, max: 2n ** BigInt(dtype.size * 8) - 1n });
  const delicate = DELICATE[dtype.size];
  const bits = delicate === undefined ? any : fc.oneof(any, fc.constantFrom(...delicate));
  return fc.array(bits, { maxLength: 40 }).map((all) => {
    const bytes = new Uint8Array(all.length * dtype.size);
    for (const [i, value] of all.entries()) {
      for (let at = 0; at < dtype.size; at++) bytes[i * dtype.size + at] = Number((value >> BigInt(8 * at)) & 0xffn);
    }
    return bytes;
  });
}

describe.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('bits of %s', (_, dtype) => {
  it.each(['native', 'python'] as const)('come back from the %s backend as they went in', (implementation) => {
    fc.assert(
      fc.property(bytesFor(dtype), (bytes) => {
        mx.withImplementation(implementation, () => {
          const x = fromBits(bytes, dtype);
          expect(x.dtype).toBe(dtype);
          expect(bitsOf(x)).toEqual([...bytes]);
        });
      }),
      { numRuns: 25 },
    );
  });

  it('cross from one backend to the other and back', () => {
    fc.assert(
      fc.property(bytesFor(dtype), (bytes) => {
        const x = fromBits(bytes, dtype);
        const there = mx.reshape(x, [-1, 1], { implementation: 'python' });
        expect(there.residency).toMatchObject({ native: false, python: true });
        expect(bitsOf(there)).toEqual([...bytes]);
        const back = mx.reshape(there, [x.size], { implementation: 'native' });
        expect(bitsOf(back)).toEqual([...bytes]);
      }),
      { numRuns: 10 },
    );
  });
});

describe('typed arrays', () => {
  const of = <T>(values: T): T => values;
  it.each([
    ['Uint8Array', of(new Uint8Array([0, 255])), mx.uint8],
    ['Uint8ClampedArray', of(new Uint8ClampedArray([0, 255])), mx.uint8],
    ['Int8Array', of(new Int8Array([-128, 127])), mx.int8],
    ['Uint16Array', of(new Uint16Array([0, 65535])), mx.uint16],
    ['Int16Array', of(new Int16Array([-32768, 32767])), mx.int16],
    ['Uint32Array', of(new Uint32Array([0, 2 ** 32 - 1])), mx.uint32],
    ['Int32Array', of(new Int32Array([-(2 ** 31), 2 ** 31 - 1])), mx.int32],
    ['BigUint64Array', of(new BigUint64Array([0n, 2n ** 64n - 1n])), mx.uint64],
    ['BigInt64Array', of(new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n])), mx.int64],
    ['Float32Array', of(new Float32Array([-0, Number.NaN])), mx.float32],
    ['Float64Array', of(new Float64Array([-0, Number.MIN_VALUE])), mx.float64],
  ])('%s goes in and comes out', (name, values, dtype) => {
    for (const implementation of ['native', 'python'] as const) {
      mx.withImplementation(implementation, () => {
        const x = mx.array(values);
        expect(x.dtype).toBe(dtype);
        const out = x.toTypedArray();
        expect(Array.from(out as ArrayLike<unknown>)).toEqual(Array.from(values as ArrayLike<unknown>));
        if (name !== 'Uint8ClampedArray') expect(out.constructor.name).toBe(name);
      });
    }
  });

  it('takes only its own part of a larger buffer', () => {
    const whole = new Float32Array([1, 2, 3, 4]);
    expect(mx.array(whole.subarray(1, 3)).tolist()).toEqual([2, 3]);
  });

  it('gives float16 and bfloat16 as bits, complex64 as pairs', () => {
    const bits = new Uint16Array([0x3f80, 0xffc1]);
    expect(mx.array(bits).view(mx.bfloat16).toTypedArray()).toEqual(bits);
    expect(mx.array(bits).view(mx.bfloat16).index(0).item()).toBe(1);
    const pairs = mx.array([mx.Complex(1, -0), mx.Complex(Number.NaN, 2)]).toTypedArray();
    expect(pairs).toEqual(new Float32Array([1, -0, Number.NaN, 2]));
    const half = mx.array([1.5], mx.float16).toTypedArray();
    const hasFloat16 = 'Float16Array' in globalThis;
    expect(half.constructor.name).toBe(hasFloat16 ? 'Float16Array' : 'Uint16Array');
    expect(new Uint16Array(half.buffer)).toEqual(new Uint16Array([0x3e00]));
  });
});

describe('where the runtime has Float16Array', () => {
  it('gives float16 as one', () => {
    // The sources look for it when they are loaded.
    const program = `
      globalThis.Float16Array = class Float16Array extends Uint16Array {};
      const { typedArray } = await import('${new URL('../../foundation/values/elements.ts', import.meta.url)}');
      const { float16 } = await import('${new URL('../../foundation/values/dtypes.ts', import.meta.url)}');
      console.log(typedArray(new Uint8Array([0, 0x3e]), float16) instanceof Float16Array);
    `;
    const args = [...SOURCE_OPTIONS, '--input-type=module', '-e', program];
    expect(execFileSync(process.execPath, args, { encoding: 'utf8' })).toBe('true\n');
  });
});

describe('float64 on a GPU', () => {
  it('is refused in MLX’s own words, and not tried on the other backend', () => {
    // MLX says so when the graph is built there; the addon hands it on, and no GPU is at hand to have it said.
    const native = new FakeBackend('native', mx.float32);
    const python = new FakeBackend('python', mx.float32);
    const router = new Router({
      registry: new Registry(),
      backends: { native, python },
      environment: {},
      nextKey: () => new Tensor(null, null),
      isStream: (value): value is never => value === mx.gpu,
      placesOf: () => {
        throw new Error('there are no masks');
      },
    });
    const x = router.create(new Uint8Array(8), [1], mx.float64);
    native.failure = 'float64 is not supported on the GPU';
    const run = () => router.call(router.prepare('exp'), [x, { stream: mx.gpu }]);
    expect(run).toThrow(OperationError);
    expect(run).toThrow('float64 is not supported on the GPU');
    expect(python.log).toEqual([]);
  });
});
