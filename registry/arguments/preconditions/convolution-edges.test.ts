import { describe, expect, it } from 'vitest';
import { convolutionEdges } from './convolution-edges.ts';
import type { Given } from './precondition.ts';

function given(input: number[], weight: number[], values: Record<string, unknown>): Given {
  const shapes: Record<string, number[]> = { input, weight };
  return { value: (name: string) => values[name], shape: (name: string) => shapes[name] } as unknown as Given;
}

const plain = { stride: 1, padding: 0, dilation: 1, output_padding: 0 };

describe('a convolution', () => {
  it('is refused where the kernel is wider than the padded input', () => {
    const narrow = given([1, 2, 1, 1], [1, 2, 2, 1], { ...plain, stride: [1, 2] });
    expect(convolutionEdges(narrow)).toMatch(/covers the dilated kernel, received 2 by 1 for 2 by 2/);
    expect(convolutionEdges(given([1, 1, 1], [1, 2, 1], { ...plain, stride: 2 }))).toBeDefined();
    expect(convolutionEdges(given([1, 1, 1], [1, 2, 1], { ...plain, padding: 1 }))).toBeUndefined();
  });
});
