import { describe, expect, it } from 'vitest';
import { broadcast, lengthOf, slicedBlock, withoutLeadingOnes, writeLayout } from './index-layout.ts';
import { Slice } from './values.ts';

type Tensor = { readonly shape: readonly number[] };
const tensor = (...shape: number[]): Tensor => ({ shape });

function target(parts: Parameters<typeof writeLayout<Tensor>>[0], shape: readonly number[]) {
  return writeLayout(parts, shape, (part) => part.shape)?.dimensions.map(lengthOf);
}

describe('the shape that an index writes to', () => {
  it.each([
    ['the rest of the axes', [0], [5, 6], [6]],
    ['dots in front', ['...', 0], [4, 5, 6], [4, 5]],
    ['new axes', [null, 0, null], [5, 6], [1, 1, 6]],
    ['slices, which are cut to their steps', [new Slice(1, 4, 2), new Slice(5, null, -1)], [5, 6], [2, 6]],
    ['a slice without elements', [new Slice(0, 0, 1)], [5], [0]],
    [
      'tensors where the first of them stands',
      [new Slice(null, null, null), tensor(2, 1), tensor(3)],
      [4, 5, 6],
      [4, 2, 3],
    ],
    ['parted tensors in front', [new Slice(0, 1, 1), tensor(2), null, tensor(2)], [4, 5, 6], [2, 1, 1]],
    [
      'numbers, which part nothing and count for nothing',
      [0, new Slice(null, null, null), tensor(2)],
      [4, 5, 6],
      [5, 2],
    ],
    ['a number between tensors', [tensor(2), 0, tensor(2)], [4, 5, 6], [2]],
  ] as [string, Parameters<typeof writeLayout<Tensor>>[0], number[], number[]][])(
    'has %s',
    (_, parts, shape, expected) => {
      expect(target(parts, shape)).toEqual(expected);
    },
  );

  it('is unknown where tensors do not broadcast', () => {
    expect(target([tensor(2), tensor(3)], [4, 5])).toBeUndefined();
  });

  it('counts numbers from the front', () => {
    const layout = writeLayout<Tensor>([-1, tensor(1)], [4, 5], (part) => part.shape);
    expect([...(layout?.numbers ?? [])]).toEqual([[0, 3]]);
    expect([...(layout?.tensors.keys() ?? [])]).toEqual([1]);
  });
});

describe('the block that slices cut out', () => {
  it('has places by axis, and whole axes behind', () => {
    expect(slicedBlock([new Slice(null, null, null), new Slice(1, 6, 2)], [3, 7, 2])).toEqual({
      starts: [0, 1, 0],
      stops: [3, 6, 2],
      steps: [1, 2, 1],
      sizes: [3, 3, 2],
    });
  });

  it('ends a whole axis before the first place where it runs backwards', () => {
    expect(slicedBlock([new Slice(null, null, -1)], [4])).toEqual({
      starts: [3],
      stops: [-5],
      steps: [-1],
      sizes: [4],
    });
  });

  it.each([
    ['numbers', [0], [4]],
    ['new axes', [null, new Slice(0, 1, 1)], [4]],
    ['dots', ['...'], [4]],
    ['tensors', [tensor(2)], [4]],
    ['nothing', [], []],
    ['slices without elements', [new Slice(2, 2, 1)], [4]],
    ['axes without elements', [new Slice(0, 1, 1)], [4, 0]],
  ] as [string, unknown[], number[]][])('is no other: %s', (_, parts, shape) => {
    expect(slicedBlock(parts, shape)).toBeUndefined();
  });
});

it('broadcasts shapes from the back', () => {
  expect(broadcast([3, 1], [2, 1, 4])).toEqual([2, 3, 4]);
  expect(broadcast([], [2])).toEqual([2]);
  expect(broadcast([0], [1])).toEqual([0]);
  expect(broadcast([2], [3])).toBeUndefined();
});

it('overlooks ones in front', () => {
  expect(withoutLeadingOnes([1, 1, 2, 1])).toEqual([2, 1]);
  expect(withoutLeadingOnes([1, 1])).toEqual([]);
});
