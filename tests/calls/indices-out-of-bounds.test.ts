import { afterAll, describe, expect, it } from 'vitest';
import { core as mx, shutdown } from '../../mlx/index.ts';

afterAll(() => shutdown());

type Tensor = ReturnType<typeof mx.array>;

const FAR = 2 ** 31 - 1;
const LEAST = -(2 ** 31);
const counted = (...shape: number[]) => mx.arange(shape.reduce((size, extent) => size * extent, 1)).reshape(shape);
const places = (...numbers: number[]) => mx.array(numbers, mx.int32);
const unsigned = (...numbers: number[]) => mx.array(numbers, mx.uint32);
/** Not looked into when the graph is built, for it is not there yet. */
const later = (indices: Tensor) => mx.add(indices, mx.zeros([1], indices.dtype)) as Tensor;

describe.each(['native', 'python'] as const)('an index array out of range, on the %s side', (implementation) => {
  const on = (run: () => Tensor) => mx.withImplementation(implementation, () => run().tolist());

  it.each([
    ['as given', (indices: Tensor) => indices],
    ['computed', later],
  ])('counts as the nearest place in range, %s', (_, given) => {
    const outside = () => given(places(FAR, 1, -1, LEAST, 4, -5));
    const rows = counted(4, 2).tolist() as number[][];
    const nearest = [3, 1, 3, 0, 3, 0].map((row) => rows[row]);
    expect(on(() => mx.take(counted(4, 2), outside(), 0))).toEqual(nearest);
    expect(on(() => counted(4, 2).index(outside()))).toEqual(nearest);
    expect(on(() => mx.take(counted(4), outside()))).toEqual([3, 1, 3, 0, 3, 0]);
    expect(on(() => counted(3, 4).index('1', outside()))).toEqual([7, 5, 7, 4, 7, 4]);
    const column = () => given(places(FAR, LEAST)).reshape([2, 1]);
    expect(on(() => mx.takeAlongAxis(counted(2, 3), column(), 1))).toEqual([[2], [3]]);
  });

  it('is written to the nearest place in range', () => {
    const outside = () => later(places(FAR, LEAST));
    expect(on(() => counted(4).at(outside()).add(10))).toEqual([10, 1, 2, 13]);
    expect(on(() => counted(4).at(outside()).maximum(10))).toEqual([10, 1, 2, 10]);
    expect(
      on(() => {
        const a = counted(4);
        a.indexPut_(outside(), -1);
        return a;
      }),
    ).toEqual([-1, 1, 2, -1]);
    expect(on(() => mx.putAlongAxis(counted(2, 3), outside().reshape([2, 1]), mx.array(9, mx.int32), 1))).toEqual([
      [0, 1, 9],
      [9, 4, 5],
    ]);
  });

  it('moves a block into the tensor', () => {
    const start = () => later(places(FAR, LEAST));
    expect(on(() => mx.slice(counted(3, 3), start(), [0, 1], [1, 2]))).toEqual([[6, 7]]);
    expect(on(() => mx.sliceUpdate(counted(2, 2), mx.array([[9]], mx.int32), start(), [0, 1]))).toEqual([
      [0, 1],
      [9, 3],
    ]);
  });

  it('starts no update of fewer dimensions', () => {
    const call = () => mx.sliceUpdate(counted(3, 3), mx.array([9], mx.int32), places(FAR), [-1]);
    expect(() => mx.withImplementation(implementation, call)).toThrow(/"update" with 2 dimensions/);
  });

  it('is a batch, a column and a class in range', () => {
    const batches = mx.stack([mx.ones([2, 2]), mx.full([2, 2], 3)]);
    const far = () => later(unsigned(2 ** 32 - 1));
    const threes = [
      [
        [6, 6],
        [6, 6],
      ],
    ];
    expect(on(() => mx.gatherMm(mx.ones([1, 2, 2]), batches, far(), far()))).toEqual(threes);
    const segments = () => later(unsigned(1, 2 ** 32 - 1)).reshape([1, 2]);
    expect(on(() => mx.segmentedMm(mx.ones([1, 4]), mx.ones([4, 1]), segments()))).toEqual([[[3]]]);
    const logits = mx.array([[0, 0]]);
    const loss = on(() => mx.fast.crossEntropy(logits, later(places(FAR)))) as number[];
    expect(loss[0]).toBeCloseTo(Math.log(2), 6);
  });

  it.each([mx.uint8, mx.int8, mx.uint16, mx.int16, mx.uint64, mx.int64])('of %s too', (dtype) => {
    const outside = () => later(mx.array([0, 2, 100], dtype));
    expect(on(() => mx.take(counted(300), outside()))).toEqual([0, 2, 100]);
    expect(on(() => mx.take(counted(3), outside()))).toEqual([0, 2, 2]);
  });
});

describe.each(['native', 'python'] as const)(
  'an index array where there is nothing to pick, on the %s side',
  (side) => {
    const one = () => later(places(0));
    it.each([
      ['take', () => mx.take(mx.zeros([2, 0]), one(), 1)],
      ['take', () => mx.take(mx.zeros([0]), one())],
      ['takeAlongAxis', () => mx.takeAlongAxis(mx.zeros([0]), one(), { axis: null })],
      ['putAlongAxis', () => mx.putAlongAxis(mx.zeros([0]), one(), mx.zeros([1]), 0)],
      ['gatherMm', () => mx.gatherMm(mx.zeros([0, 2, 2]), mx.zeros([1, 2, 2]), later(unsigned(0)), later(unsigned(0)))],
      ['crossEntropy', () => mx.fast.crossEntropy(mx.zeros([1, 0]), one())],
    ])('is refused by %s', (_, call) => {
      expect(() => mx.withImplementation(side, call)).toThrow(/expected at least one/);
    });
  },
);

describe('an index array out of range under a transform', () => {
  const outside = () => places(FAR, 1, LEAST);
  const gathered = (a: Tensor, indices: Tensor) => mx.take(a, indices, 0) as Tensor;

  it('gives the gradient of the nearest place', () => {
    const gradient = mx.grad((a: Tensor) => mx.sum(gathered(a, later(outside()))) as Tensor);
    expect((gradient(mx.zeros([4])) as Tensor).tolist()).toEqual([1, 1, 0, 1]);
  });

  it('is held against the axis of one example', () => {
    const rows = mx.vmap(gathered, [0, 0])(counted(2, 3), mx.stack([outside(), outside()])) as Tensor;
    expect(rows.tolist()).toEqual([
      [2, 1, 0],
      [5, 4, 3],
    ]);
  });

  it('is held against the shape of each call of a compiled function', () => {
    for (const shapeless of [false, true]) {
      const compiled = mx.compile(gathered, { shapeless });
      expect((compiled(counted(2), outside()) as Tensor).tolist()).toEqual([1, 1, 0]);
      expect((compiled(counted(5), outside()) as Tensor).tolist()).toEqual([4, 1, 0]);
    }
  });
});
