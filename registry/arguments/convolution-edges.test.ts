import { describe, expect, it } from 'vitest';
import { convolutionEdges, transposedEdges } from './convolution-edges.ts';
import type { Given } from './preconditions.ts';

function given(input: number[], weight: number[], values: Record<string, unknown>): Given {
  const shapes: Record<string, number[]> = { input, weight };
  return { value: (name: string) => values[name], shape: (name: string) => shapes[name] } as unknown as Given;
}

const plain = { stride: 1, padding: 0, dilation: 1, output_padding: 0 };

describe('a convolution whose padding has more places than the result', () => {
  it('is refused: MLX writes behind the result', () => {
    const small = given([1, 1, 1, 1], [1, 3, 1, 1], { ...plain, padding: [2, 0], dilation: [2, 1] });
    expect(convolutionEdges(small)).toMatch(/an input of 1 by 1/);
    const volume = given([2, 1, 1, 1, 3], [3, 3, 2, 1, 3], {
      stride: [1, 3, 3],
      padding: [2, 2, 1],
      dilation: [2, 2, 1],
    });
    expect(convolutionEdges(volume)).toMatch(/1 by 1 by 1/);
    const sides = given([1, 1, 1, 1], [1, 3, 1, 1], {
      stride: 1,
      padding: [
        [2, 0],
        [2, 0],
      ],
      kernel_dilation: [2, 1],
      input_dilation: 1,
    });
    expect(convolutionEdges(sides)).toBeDefined();
  });

  it.each([
    ['as many places', [1, 2, 1, 1], [1, 3, 1, 1], { ...plain, padding: [2, 0], dilation: [2, 1] }],
    ['a stride over the padding', [1, 1, 1, 1], [1, 3, 1, 1], { stride: 2, padding: [2, 0], dilation: [2, 1] }],
    ['one axis', [1, 1, 1], [1, 3, 1], { ...plain, padding: 2, dilation: 2 }],
    ['a list of another length', [1, 1, 1, 1], [1, 3, 1, 1], { ...plain, padding: [2], dilation: 2 }],
  ])('but not with %s', (_, input, weight, values) => {
    expect(convolutionEdges(given(input, weight, values))).toBeUndefined();
  });

  it('is refused where the kernel is wider than the padded input', () => {
    const narrow = given([1, 2, 1, 1], [1, 2, 2, 1], { ...plain, stride: [1, 2] });
    expect(convolutionEdges(narrow)).toMatch(/covers the dilated kernel, received 2 by 1 for 2 by 2/);
    expect(convolutionEdges(given([1, 1, 1], [1, 2, 1], { ...plain, stride: 2 }))).toBeDefined();
    expect(convolutionEdges(given([1, 1, 1], [1, 2, 1], { ...plain, padding: 1 }))).toBeUndefined();
  });

  it('is refused where it is transposed', () => {
    expect(transposedEdges(given([1, 1, 1, 1], [1, 3, 1, 1], { ...plain, dilation: [2, 1] }))).toBeUndefined();
    const cropped = { ...plain, padding: [2, 0], dilation: [3, 1] };
    expect(transposedEdges(given([1, 1, 1, 1], [1, 3, 1, 1], cropped))).toBeDefined();
    expect(transposedEdges(given([1, 1, 1, 1], [1, 3, 1, 1], { ...cropped, stride: 2 }))).toBeUndefined();
  });
});
