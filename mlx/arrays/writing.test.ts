import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ArgumentError, configure, DisposedError, core as mx, OperationError, shutdown } from '../index.ts';

afterAll(() => shutdown());
afterEach(() => configure({ checkBounds: false }));

const anything = (value: unknown) => value as never;
const grid = () => mx.arange(12).reshape(3, 4);

describe.each(['native', 'python'] as const)('on %s', (side) => {
  const on = <T>(use: () => T): T => mx.withImplementation(side, use);

  it('changes an array in place: it stays the same object, and what was made of it stays as it was', () => {
    on(() => {
      const x = grid();
      const before = mx.add(x, 0);
      const row = x.index(0);
      expect(x.add_(2.5)).toBe(x);
      expect(x.dtype).toBe(mx.float32);
      expect(x.index(0).tolist()).toEqual([2.5, 3.5, 4.5, 5.5]);
      expect(row.tolist()).toEqual([0, 1, 2, 3]);
      expect(before.dtype).toBe(mx.int32);
    });
  });

  it.each([
    ['subtract_', 2, [4, 6]],
    ['multiply_', 2, [12, 16]],
    ['floorDivide_', 4, [1, 2]],
    ['remainder_', 4, [2, 0]],
    ['power_', 2, [36, 64]],
    ['bitwiseAnd_', 12, [4, 8]],
    ['bitwiseOr_', 1, [7, 9]],
    ['bitwiseXor_', 2, [4, 10]],
    ['leftShift_', 1, [12, 16]],
    ['rightShift_', 1, [3, 4]],
  ] as const)('has %s', (name, operand, expected) => {
    expect(on(() => mx.array([6n, 8n])[name](operand).tolist().toString())).toBe(expected.toString());
  });

  it('divides floats in place, and no integers, as Python', () => {
    on(() => {
      expect(mx.array([6, 8], mx.float16).divide_(4).tolist()).toEqual([1.5, 2]);
      const whole = mx.array([6n, 8n]);
      expect(() => whole.divide_(4)).toThrow(
        'mx.array.divide_: expected an array of floats to divide in place, received mlx.core.int64',
      );
      expect(whole.tolist()).toEqual([6n, 8n]);
    });
  });

  it('takes in a new shape, as x @= y does', () => {
    on(() => {
      const x = mx.ones([2, 3]);
      x.matmul_(mx.ones([3, 5]));
      expect(x.shape).toEqual([2, 5]);
    });
  });

  it('leaves an array as it was where the operation fails', () => {
    on(() => {
      const x = grid();
      expect(() => x.add_(mx.ones([5]))).toThrow(OperationError);
      expect(() => x.indexPut_(5, 1)).toThrow(ArgumentError);
      expect(x.tolist()).toEqual(grid().tolist());
    });
  });

  it('refuses to change an array that was disposed', () => {
    on(() => {
      const x = grid();
      x.dispose();
      expect(() => x.add_(1)).toThrow(DisposedError);
      expect(() => x.indexPut_(0, 1)).toThrow(DisposedError);
    });
  });

  it('keeps what tidy changed in an array from outside, and frees what was made inside', () => {
    on(() => {
      const x = grid();
      let inner = x;
      mx.tidy(() => {
        x.add_(1);
        mx.tidy(() => {
          x.multiply_(2);
          inner = grid().add_(1);
        });
      });
      expect(x.index(0).tolist()).toEqual([2, 4, 6, 8]);
      expect(inner.isDisposed).toBe(true);
    });
  });

  it('writes numbers, lists, arrays and through text', () => {
    on(() => {
      expect(mx.zeros([2, 2]).indexPut_(0, 7).tolist()).toEqual([
        [7, 7],
        [0, 0],
      ]);
      expect(mx.zeros([2, 2], mx.int32).indexPut_(':, 1', [1.9, 2.9]).tolist()).toEqual([
        [0, 1],
        [0, 2],
      ]);
      expect(
        mx
          .zeros([3])
          .indexPut_([[2, 0]], mx.array([5, 6]))
          .tolist(),
      ).toEqual([6, 0, 5]);
      expect(
        mx
          .zeros([2], mx.int64)
          .indexPut_('...', [2n ** 60n, 1])
          .tolist(),
      ).toEqual([2n ** 60n, 1n]);
      expect(mx.zeros([1], mx.float64).indexPut_(0, 0.1).item()).toBe(0.1);
    });
  });

  it('refuses a value that does not fit, or that the dtype does not hold', () => {
    on(() => {
      expect(() => grid().indexPut_(0, [1, 2])).toThrow('broadcasts to the shape [4], received the shape [2]');
      expect(() => grid().indexPut_(0, [[1], [2, 3]])).toThrow('ragged');
      expect(() => grid().indexPut_(0, anything(['a']))).toThrow(ArgumentError);
      expect(() => mx.zeros([2], mx.uint8).indexPut_(0, 300)).toThrow('overflow');
      expect(() => mx.zeros([2], mx.uint8).indexPut_(0, [300])).toThrow('overflow');
      expect(() => grid().indexPut_([[[0, 1]], [[0, 1, 2]]], 0)).toThrow('broadcast together');
    });
  });

  it('brings a value in as often as the index names a place', () => {
    on(() => {
      const x = mx.array([1, 2, 3]);
      const at = x.at([0, 0, 2]);
      expect(at.add(10).tolist()).toEqual([21, 2, 13]);
      expect(at.subtract([1, 2, 3]).tolist()).toEqual([-2, 2, 0]);
      expect(at.multiply(3).tolist()).toEqual([9, 2, 9]);
      expect(at.divide(2).tolist()).toEqual([0.25, 2, 1.5]);
      expect(at.maximum([0, 5, 0]).tolist()).toEqual([5, 2, 3]);
      expect(at.minimum([0, 5, 0]).tolist()).toEqual([0, 2, 0]);
      expect(x.tolist()).toEqual([1, 2, 3]);
      expect(grid().at(1, '::2').add(100, { implementation: side }).index(1).tolist()).toEqual([104, 5, 106, 7]);
    });
  });

  it('reads and writes through masks', () => {
    on(() => {
      const x = grid();
      const mask = x.greater(8);
      expect(x.index(mask).tolist()).toEqual([9, 10, 11]);
      expect(x.index([true, false, true], 0).tolist()).toEqual([0, 8]);
      expect(x.index('...', mx.array([false, true, false, false])).tolist()).toEqual([[1], [5], [9]]);
      expect(x.index(x.greater(99)).shape).toEqual([0]);
      expect(x.at(mask).add(1).index(2).tolist()).toEqual([8, 10, 11, 12]);
      expect(mx.array(x).indexPut_(mask, -1).index(2).tolist()).toEqual([8, -1, -1, -1]);
      expect(mx.array(x).indexPut_(mask, [1, 2, 3]).index(2).tolist()).toEqual([8, 1, 2, 3]);
      expect(
        mx
          .array(x)
          .indexPut_(x.greater(99), mx.zeros([0]))
          .tolist(),
      ).toEqual(x.tolist());
    });
  });

  it('refuses masks of another shape, and values that a mask cannot take', () => {
    on(() => {
      const x = grid();
      expect(() => x.index([true, false])).toThrow('a mask of the shape [3] on axis 0, not [2]');
      expect(() => x.indexPut_([[true, false]], 1)).toThrow('a mask of the shape [3]');
      expect(() => x.index(mx.array(true))).toThrow('at least one dimension');
      expect(() => x.index(0, 0, mx.array([true]))).toThrow(ArgumentError);
      expect(() => x.indexPut_(x.greater(8), mx.zeros([0]))).toThrow('at least one element');
      expect(() => x.indexPut_(x.greater(8), mx.zeros([2, 2]))).toThrow(ArgumentError);
    });
  });

  it('looks into index arrays where it is asked to', () => {
    configure({ checkBounds: true });
    on(() => {
      const x = grid();
      const places = mx.array([0, 4], mx.int32);
      expect(() => x.index(places)).toThrow('an index from -3 to 2');
      expect(() => x.index(0, places)).toThrow('an index from -4 to 3');
      expect(() => x.indexPut_([0, places], 1)).toThrow('an index from -4 to 3');
      expect(() => x.at(places).add(1)).toThrow('an index from -3 to 2');
      expect(() => mx.take(x, mx.array([12], mx.int64))).toThrow('received 12');
      expect(() => mx.takeAlongAxis(x, mx.array([[-5]], mx.int32), 1)).toThrow('received -5');
      expect(() => mx.putAlongAxis(x, mx.array([[4]], mx.int32), mx.array([[1n]]), 1)).toThrow('received 4');
      expect(x.index(mx.array([-3, 2], mx.int32)).shape).toEqual([2, 4]);
    });
  });

  it('gives the places that are not zero, by dimension', () => {
    const places = on(() =>
      mx.nonzero(
        mx.array([
          [0, 3, Number.NaN],
          [-0, 0, 1],
        ]),
      ),
    );
    expect(places.map((list) => list.tolist())).toEqual([
      [0, 0, 1],
      [1, 2, 2],
    ]);
    expect(places[0]?.dtype).toBe(mx.int32);
    expect(mx.nonzero(mx.zeros([0, 2]), { implementation: side }).map(({ shape }) => shape)).toEqual([[0], [0]]);
    expect(mx.nonzero(mx.zeros([2]), { implementation: side })[0]?.shape).toEqual([0]);
    expect(() => mx.nonzero(mx.array(1))).toThrow(ArgumentError);
    expect(() => mx.nonzero(anything([1]))).toThrow(ArgumentError);
  });

  it("gives the different values as NumPy's unique does", () => {
    const x = mx.array([
      [3, 1, Number.NaN],
      [1, Number.NaN, 3],
    ]);
    const all = { returnIndex: true, returnInverse: true, returnCounts: true, implementation: side };
    const [values, index, inverse, counts] = mx.unique(x, all);
    expect(values?.tolist()).toEqual([1, 3, Number.NaN]);
    expect(index?.tolist()).toEqual([1, 0, 2]);
    expect(inverse?.tolist()).toEqual([
      [1, 0, 2],
      [0, 2, 1],
    ]);
    expect(counts?.tolist()).toEqual([2, 2, 2]);
    expect(mx.unique(mx.array([2n, 1n, 2n]), { implementation: side }).tolist()).toEqual([1n, 2n]);
    expect(mx.unique(mx.array([true, true]), { implementation: side }).tolist()).toEqual([true]);
    expect(mx.unique(mx.zeros([0]), { implementation: side }).shape).toEqual([0]);
    expect(mx.unique(x, { returnCounts: true, implementation: side }).length).toBe(2);
  });

  it('has the parts of complex numbers, and takes lists of numbers without brackets', () => {
    on(() => {
      const z = mx.array([mx.Complex(1, 2)]);
      expect([z.real, z.imag, z.conj().imag].map((part) => part.item())).toEqual([1, 2, -2]);
      expect(grid().imag.tolist()).toEqual(mx.zeros([3, 4]).tolist());
      expect(grid().reshape(2, -1).shape).toEqual([2, 6]);
      expect(grid().reshape(2, 6, { stream: mx.cpu }).shape).toEqual([2, 6]);
      expect(mx.ones([1]).reshape().shape).toEqual([]);
      expect(grid().transpose(1, 0).shape).toEqual([4, 3]);
      expect(grid().transpose().shape).toEqual([4, 3]);
      expect(() => grid().transpose(0)).toThrow(OperationError);
    });
  });

  it('is a number where JavaScript asks for one', () => {
    on(() => {
      expect(Number(mx.array([3n]))).toBe(3);
      expect(anything(mx.array(2)) > 1).toBe(true);
      expect(() => Number(grid())).toThrow('size 1');
      expect(() => Number(mx.array(mx.Complex(1, 1)))).toThrow(ArgumentError);
      expect(`${mx.array(1)}`).toBe('array(1, dtype=float32)');
    });
  });
});

it('lets a gradient through what was added at places', () => {
  const loss = (x: ReturnType<typeof grid>) => mx.sum(x.at([0, 0]).add(x.index(1)).index(0));
  expect(
    mx
      .grad(loss)(mx.array([1, 2]))
      .tolist(),
  ).toEqual([1, 2]);
});

describe('places that are numbers', () => {
  const a = mx.ones([2, 3, 3]);

  it.each([
    ['take', () => mx.take(a, 18)],
    ['take along an axis', () => mx.take(a, [[0], [2]], 0)],
    ['takeAlongAxis', () => mx.takeAlongAxis(a, [[[-3]]], 0)],
    ['putAlongAxis', () => mx.putAlongAxis(a, [[[3]]], mx.array(1), 1)],
    ['slice', () => mx.slice(a, [2], [0], [1, 3, 3])],
    ['sliceUpdate', () => mx.sliceUpdate(a, mx.ones([1, 3, 3]), [2], [0])],
    ['gatherMm, left', () => mx.gatherMm(a, a, [2], [0])],
    ['gatherMm, right', () => mx.gatherMm(a, a, [0], [-1])],
    ['segmentedMm', () => mx.segmentedMm(mx.ones([2, 3]), mx.ones([3, 2]), [[0, 4]])],
    ['index', () => a.index([[0, 2]])],
    ['indexPut_', () => a.indexPut_([[[0, -3]]], 0)],
    ['at', () => a.at(0, 3).add(1)],
  ])('are refused out of range by %s', (_, use) => {
    expect(use).toThrow(ArgumentError);
  });
});
