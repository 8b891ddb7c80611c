import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { DTYPES, type Dtype } from '../../foundation/values/dtypes.ts';
import { ArgumentError, DisposedError, core as mx, OperationError, shutdown } from '../index.ts';

afterAll(() => shutdown());

const anything = (value: unknown) => value as never;

describe('mx.array', () => {
  it('is called with and without new', () => {
    const made = new mx.array([1, 2]);
    expect(made).toBeInstanceOf(mx.array);
    expect(mx.array([1, 2])).toBeInstanceOf(mx.array);
    expect(made.constructor.name).toBe('array');
  });

  it.each([
    [1, mx.float32, []],
    [1n, mx.int64, []],
    [true, mx.bool, []],
    [{ re: 1, im: 2 }, mx.complex64, []],
    [mx.Complex(1, 2), mx.complex64, []],
    [[1, 2, 3], mx.float32, [3]],
    [[1, 2n], mx.float32, [2]],
    [[1n, true], mx.int64, [2]],
    [[true, false], mx.bool, [2]],
    [[1, mx.Complex(0, 1)], mx.complex64, [2]],
    [[], mx.float32, [0]],
    [[[], []], mx.float32, [2, 0]],
    [[[[1], [2]]], mx.float32, [1, 2, 1]],
  ] as [unknown, Dtype, number[]][])('of %o', (data, dtype, shape) => {
    const made = mx.array(anything(data));
    expect(made.dtype).toBe(dtype);
    expect(made.shape).toEqual(shape);
  });

  it.each([
    [new Uint8Array([0, 255]), mx.uint8],
    [new Uint8ClampedArray([0, 255]), mx.uint8],
    [Buffer.from([0, 255]), mx.uint8],
    [new Int8Array([-128, 127]), mx.int8],
    [new Uint16Array([0, 65535]), mx.uint16],
    [new Int16Array([-32768, 32767]), mx.int16],
    [new Uint32Array([0, 4294967295]), mx.uint32],
    [new Int32Array([-2147483648, 2147483647]), mx.int32],
    [new BigUint64Array([0n, 2n ** 64n - 1n]), mx.uint64],
    [new BigInt64Array([-(2n ** 63n), 2n ** 63n - 1n]), mx.int64],
    [new Float32Array([1.5, Number.NaN]), mx.float32],
    [new Float64Array([1.1, -0]), mx.float64],
  ])('takes %o as it is, and gives it back', (data, dtype) => {
    const made = mx.array(anything(data));
    expect(made.dtype).toBe(dtype);
    expect([...(made.toTypedArray() as Uint8Array)]).toEqual([...(data as Uint8Array)]);
    expect(made.tolist()).toEqual([...(data as Uint8Array)]);
  });

  it('copies: a later change of the typed array, or of what was read, is not seen', () => {
    const data = new Float32Array([1, 2]);
    const made = mx.array(data);
    data[0] = 9;
    (made.toTypedArray() as Float32Array)[1] = 9;
    expect(made.tolist()).toEqual([1, 2]);
  });

  it('takes a part of a buffer, and a subclass', () => {
    class Mine extends Float32Array {}
    expect(mx.array(new Float32Array([1, 2, 3, 4]).subarray(1, 3)).tolist()).toEqual([2, 3]);
    expect(mx.array(new Mine([1, 2])).dtype).toBe(mx.float32);
    expect(mx.array(new Float32Array(new SharedArrayBuffer(8))).tolist()).toEqual([0, 0]);
  });

  it.each([mx.float32, mx.float16, mx.bfloat16, mx.complex64])(
    'converts doubles as MLX converts them to %s',
    (dtype) => {
      const data = Float64Array.from({ length: 4096 }, (_, i) => (1 + (i + 0.5) / 1024) * 2 ** ((i % 40) - 26) + 1e-12);
      const values = [...data, Number.NaN, -0, 1e300, -Infinity, 5e-324, 65520 - 1e-9];
      const made = mx.array(Float64Array.from(values), dtype);
      for (const implementation of ['native', 'python'] as const) {
        const held = mx.array(Float64Array.from(values));
        const asMlx = mx.astype(held, dtype, { stream: mx.cpu, implementation });
        expect(made.toTypedArray()).toEqual(asMlx.toTypedArray());
      }
    },
  );

  it('converts to the dtype asked for', () => {
    expect(mx.array([1, 2.9, -2.9], mx.int32).tolist()).toEqual([1, 2, -2]);
    expect(mx.array([0, 2, Number.NaN], mx.bool).tolist()).toEqual([false, true, true]);
    expect(mx.array([1, 2], mx.complex64).tolist()).toEqual([mx.Complex(1, 0), mx.Complex(2, 0)]);
    expect(mx.array([1n, 2n], mx.float16).tolist()).toEqual([1, 2]);
    expect(mx.array(new Float32Array([1.5]), mx.int8).tolist()).toEqual([1]);
    expect(mx.array(mx.array([1.5]), mx.uint64).tolist()).toEqual([1n]);
  });

  it('stacks arrays in lists', () => {
    const row = mx.array([1, 2]);
    expect(mx.array([row, row.add(1)]).tolist()).toEqual([
      [1, 2],
      [2, 3],
    ]);
    expect(mx.array([[mx.array(1), 2]]).tolist()).toEqual([[1, 2]]);
  });

  it.each([
    [[[1, 2], [3]], 'a ragged one'],
    [[1, [2]], 'a ragged one'],
    [[[1], 2], 'a ragged one'],
    ['abc', 'the string "abc"'],
    [[1, 'a'], 'the string "a"'],
    [null, 'null'],
    [[null], 'null'],
    [new Array(3), 'nothing'],
    [new Map(), 'a value of type Map'],
    [new DataView(new ArrayBuffer(8)), 'a value of type DataView'],
    [10n ** 30n, 'overflow'],
    [[2n ** 63n], 'overflow'],
  ])('refuses %o', (data, message) => {
    expect(() => mx.array(anything(data))).toThrow(ArgumentError);
    expect(() => mx.array(anything(data))).toThrow(message);
  });

  it('refuses what does not fit the dtype', () => {
    expect(() => mx.array([300], mx.uint8)).toThrow('Converting 300 to uint8 would result in overflow');
    expect(() => mx.array([Number.NaN], mx.int32)).toThrow('expected integers for int32, received NaN');
    expect(() => mx.array([mx.Complex(1, 2)], mx.float32)).toThrow('expected real numbers');
    expect(() => mx.array([1], anything('float32'))).toThrow('expected a dtype such as mx.float32');
    const detached = new Float32Array(4);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    expect(() => mx.array(detached)).toThrow(ArgumentError);
  });
});

describe.each(['native', 'python'] as const)('an array of the %s backend', (implementation) => {
  const on = (value: Parameters<typeof mx.array>[0], dtype?: Dtype) =>
    mx.withImplementation(implementation, () => mx.array(value, dtype));
  const matrix = () =>
    on([
      [1, 2, 3],
      [4, 5, 6],
    ]);

  it('is held there', () => {
    const { residency } = matrix();
    expect(residency).toMatchObject({ native: implementation === 'native', python: implementation === 'python' });
  });

  it('has the properties of Python', () => {
    const a = matrix();
    expect([a.shape, a.ndim, a.size, a.itemsize, a.nbytes, a.length]).toEqual([[2, 3], 2, 6, 4, 24, 2]);
    expect(a.dtype).toBe(mx.float32);
    expect(a.T.tolist()).toEqual([
      [1, 4],
      [2, 5],
      [3, 6],
    ]);
    expect([...a].map((row) => row.tolist())).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect([on(1).shape, on(1).size, on(1).ndim]).toEqual([[], 1, 0]);
    expect(() => on(1).length).toThrow(ArgumentError);
    expect(() => [...on(1)]).toThrow(ArgumentError);
  });

  it.each(DTYPES.map((dtype) => [dtype.name, dtype] as const))('reads %s', async (_, dtype) => {
    const a = on([0, 1], dtype);
    const [zero, one] = {
      bool: [false, true],
      int: dtype === mx.int64 ? [0n, 1n] : [0, 1],
      uint: dtype === mx.uint64 ? [0n, 1n] : [0, 1],
      float: [0, 1],
      complex: [mx.Complex(0, 0), mx.Complex(1, 0)],
    }[dtype.kind];
    expect(a.tolist()).toEqual([zero, one]);
    expect(a.index(1).item()).toEqual(one);
    expect(a.toTypedArray()).toEqual(await a.data());
    expect(a.toTypedArray().byteLength).toBe(2 * dtype.size);
    expect(a.nbytes).toBe(2 * dtype.size);
  });

  it('reads views row by row', () => {
    const a = matrix();
    expect(Array.from(a.T.toTypedArray() as Float32Array)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(a.index('::-1, 1:').tolist()).toEqual([
      [5, 6],
      [2, 3],
    ]);
    expect(on([]).tolist()).toEqual([]);
    expect(() => a.item()).toThrow('mx.array.item: expected an array of size 1, received shape [2,3]');
    // What Python writes as `a > 0` and `a * 2`.
    for (const run of [() => anything(a) > 0, () => anything(a) * 2]) {
      expect(run).toThrow(
        'mx.array: expected an array of size 1 where JavaScript takes a number, received shape [2,3]',
      );
    }
  });

  it('has the operators as methods', () => {
    const a = on([1, 2, 3]);
    expect(a.add(1).tolist()).toEqual([2, 3, 4]);
    expect(a.subtract(a).tolist()).toEqual([0, 0, 0]);
    expect(a.multiply(2).divide(4).tolist()).toEqual([0.5, 1, 1.5]);
    expect(a.power(2).negative().tolist()).toEqual([-1, -4, -9]);
    expect(a.remainder(2).tolist()).toEqual([1, 0, 1]);
    expect(a.floorDivide(2).tolist()).toEqual([0, 1, 1]);
    expect(a.matmul(a).item()).toBe(14);
    expect(a.greater(1).logicalAnd(a.lessEqual(2)).tolist()).toEqual([false, true, false]);
    expect(a.equal(2).logicalNot().tolist()).toEqual([true, false, true]);
    expect(on([6], mx.int32).bitwiseAnd(3).leftShift(2).tolist()).toEqual([8]);
    expect(a.sum().item()).toBe(6);
    expect(a.reshape([3, 1]).shape).toEqual([3, 1]);
  });

  it('indexes as NumPy does', () => {
    const a = matrix();
    expect(a.index(0, mx.Slice(1, 3)).tolist()).toEqual([2, 3]);
    expect(a.index('...', -1).tolist()).toEqual([3, 6]);
    expect(a.index(null, '...').shape).toEqual([1, 2, 3]);
    expect(a.index(mx.array([1, 0, 1], mx.int32)).shape).toEqual([3, 3]);
    expect(a.index([0, 1], [2, 0]).tolist()).toEqual([3, 4]);
    expect(() => a.index(2)).toThrow(ArgumentError);
    expect(() => a.index(mx.array([0]))).toThrow('.astype(mx.int32)');
  });

  it('prints as Python does', () => {
    expect(String(matrix())).toBe('array([[1, 2, 3],\n       [4, 5, 6]], dtype=float32)');
    expect(inspect(on([true, false]))).toBe('array([True, False], dtype=bool)');
    expect(inspect({ x: on(1) })).toBe('{ x: array(1, dtype=float32) }');
  });

  it('refuses shapes that do not broadcast with the message of MLX', () => {
    expect(() => matrix().add(on([1, 2]))).toThrow(OperationError);
    expect(() => matrix().add(on([1, 2]))).toThrow(
      /^mx\.add: \[broadcast_shapes\] Shapes \(2,3\) and \(2\) cannot be broadcast/,
    );
  });

  const uses: [string, (a: mx.Array) => unknown, string][] = [
    ['shape', (a) => a.shape, 'mx.array.shape'],
    ['dtype', (a) => a.dtype, 'mx.array.dtype'],
    ['size', (a) => a.size, 'mx.array.size'],
    ['length', (a) => a.length, 'mx.array.length'],
    ['T', (a) => a.T, 'mx.transpose'],
    ['item', (a) => a.item(), 'mx.array.item'],
    ['tolist', (a) => a.tolist(), 'mx.array.tolist'],
    ['toTypedArray', (a) => a.toTypedArray(), 'mx.array.toTypedArray'],
    ['toString', (a) => String(a), 'mx.array.toString'],
    ['a method', (a) => a.sum(), 'mx.sum'],
    ['an operator', (a) => a.add(1), 'mx.add'],
    ['an operand', (a) => mx.add(1, a), 'mx.add'],
    ['two of them', (a) => mx.add(a, a), 'mx.add'],
    ['an index', (a) => a.index(0), 'mx.index'],
    ['iteration', (a) => [...a], 'mx.array.length'],
    ['a list', (a) => mx.concatenate([a, a]), 'mx.concatenate'],
    ['eval', (a) => mx.eval([a]), 'mx.eval'],
    ['mx.array', (a) => mx.array(a), 'mx.array'],
    [
      'the other backend',
      (a) => mx.add(a, 1, { implementation: implementation === 'native' ? 'python' : 'native' }),
      'mx.add',
    ],
  ];

  it.each(uses)('used after dispose in %s is a DisposedError that says where', (_, use, operation) => {
    for (const end of ['dispose', 'tidy'] as const) {
      const made: mx.Array[] = [];
      if (end === 'dispose') {
        made.push(on([1]));
        made[0]?.dispose();
      } else {
        mx.tidy(() => {
          made.push(on([1]));
        });
      }
      const [disposed] = made as [mx.Array];
      // What takes its place must not be taken for it.
      const others = Array.from({ length: 100 }, (_, i) => on([i]));
      expect(disposed.isDisposed).toBe(true);
      expect(() => use(disposed)).toThrow(DisposedError);
      expect(() => use(disposed)).toThrow(`${operation}: the array was disposed; it cannot be used any more`);
      expect(inspect(disposed)).toBe('array(disposed)');
      expect(others[7]?.item()).toBe(7);
    }
  });

  it('rejects after dispose where it is read asynchronously', async () => {
    const a = on([1]);
    a.dispose();
    await expect(a.data()).rejects.toThrow('mx.array.data: the array was disposed');
    await expect(mx.asyncEval(a)).rejects.toThrow('mx.asyncEval: the array was disposed');
  });

  it('is disposed twice, and by using, without complaint', () => {
    const a = on([1]);
    a.dispose();
    a.dispose();
    a[Symbol.dispose]();
    expect(a.isDisposed).toBe(true);
  });

  it('tidy frees all but what is returned, views and nested scopes included', () => {
    const outside = on([1, 2, 3, 4]);
    const dropped: mx.Array[] = [];
    const drop = (a: mx.Array) => {
      dropped.push(a);
      return a;
    };
    const { kept, list } = mx.tidy(() => {
      const double = drop(mx.multiply(outside, 2, { implementation }));
      const inner = drop(mx.tidy(() => mx.add(drop(mx.add(double, 1, { implementation })), 1, { implementation })));
      return { kept: double.index('1:3'), list: [mx.add(inner, double, { implementation })] };
    });
    expect(dropped.map((a) => a.isDisposed)).toEqual([true, true, true]);
    expect(kept.tolist()).toEqual([4, 6]);
    expect(list[0]?.tolist()).toEqual([6, 10, 14, 18]);
    expect(outside.tolist()).toEqual([1, 2, 3, 4]);
  });

  it('stays valid where a tidy used it on the other side', () => {
    const outside = on([1, 2]);
    const other = implementation === 'native' ? 'python' : 'native';
    mx.tidy(() => mx.add(outside, 1, { implementation: other }).tolist());
    expect(mx.add(outside, 1, { implementation: other }).tolist()).toEqual([2, 3]);
  });
});

describe('a random sequence', () => {
  it('is the same for the same seed on both sides', () => {
    const draw = (implementation: 'native' | 'python') => {
      mx.random.seed(7);
      const options = { implementation };
      return [
        mx.random.normal([3], options).tolist(),
        mx.random.uniform(0, 1, [2], options).tolist(),
        mx.random.randint(0, 100, [4], options).tolist(),
      ];
    };
    expect(draw('native')).toEqual(draw('python'));
    expect(draw('native')).toEqual(draw('native'));
  });

  it.each([-1, 1.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n, '7', null])('refuses the seed %s', (seed) => {
    expect(() => mx.random.seed(anything(seed))).toThrow(ArgumentError);
  });
});

describe('JSON', () => {
  it('holds the values, on both backends', () => {
    const x = mx.array([
      [1, 2.5],
      [Number.NaN, 4],
    ]);
    const sent = { x, y: mx.add(x, 1, { implementation: 'python' }), flag: mx.array(true), z: mx.array(3) };
    expect(JSON.parse(JSON.stringify(sent))).toEqual({
      x: [
        [1, 2.5],
        [null, 4],
      ],
      y: [
        [2, 3.5],
        [null, 5],
      ],
      flag: true,
      z: 3,
    });
    expect(JSON.stringify(mx.array([{ re: 1, im: -2 }]))).toBe('[{"re":1,"im":-2}]');
  });

  it('has whole numbers that are exact, or none', () => {
    expect(JSON.stringify(mx.array([1n, -(2n ** 53n) + 1n]))).toBe('[1,-9007199254740991]');
    expect(() => JSON.stringify(mx.array([2n ** 53n]))).toThrow(ArgumentError);
  });
});

it('a 0-d array cannot be gone over, and says what to do', () => {
  expect(() => [...mx.array(1)]).toThrow(/0-d array .* item\(\) reads it/);
});

it('tidy takes a function', () => {
  expect(() => mx.tidy(5 as never)).toThrow(ArgumentError);
});
