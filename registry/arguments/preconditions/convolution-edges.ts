import type { Given, Precondition } from './precondition.ts';

/** A number for every axis, or one for each; undefined where it is neither, which MLX refuses itself. */
function perAxis(value: unknown, axes: number): readonly number[] | undefined {
  if (typeof value === 'number') return Array.from({ length: axes }, () => value);
  return Array.isArray(value) && value.length === axes && value.every(Number.isInteger) ? value : undefined;
}

interface Plan {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly dilation: readonly number[];
}

function spatial(given: Given): { input: readonly number[]; kernel: readonly number[] } | undefined {
  const [input, kernel] = ['input', 'weight'].map((name) => given.shape(name).slice(1, -1)) as [number[], number[]];
  return input.length === kernel.length ? { input, kernel } : undefined;
}

/** Whether the kernel is wider than the padded input: MLX rounds its count of places towards zero, and reads on. */
function uncovered(input: readonly number[], kernel: readonly number[], plan: Plan): boolean {
  return input.some((size, axis) => {
    const [before, after, dilation, taps] = [plan.before, plan.after, plan.dilation, kernel].map(
      (list) => list[axis] as number,
    ) as [number, number, number, number];
    return size > 0 && size + before + after < dilation * (taps - 1) + 1;
  });
}

export const convolutionEdges: Precondition = (given) => {
  const shapes = spatial(given);
  if (shapes === undefined) return undefined;
  const axes = shapes.input.length;
  const value = (name: string): unknown => given.value(name);
  const [before, after] = sides(value('padding'), axes);
  const dilation = perAxis(value('dilation') ?? value('kernel_dilation'), axes);
  const spread = perAxis(value('input_dilation') ?? 1, axes);
  if (!before || !after || !dilation || !spread) return undefined;
  const input = shapes.input.map((size, axis) => (size - 1) * (spread[axis] as number) + 1);
  if (uncovered(input, shapes.kernel, { before, after, dilation })) {
    return `expected a padded input that covers the dilated kernel, received ${input.join(' by ')} for ${shapes.kernel.join(' by ')}`;
  }
  return undefined;
};

function sides(padding: unknown, axes: number): [readonly number[] | undefined, readonly number[] | undefined] {
  const twoLists = Array.isArray(padding) && padding.every(Array.isArray);
  return twoLists
    ? [perAxis(padding[0], axes), perAxis(padding[1], axes)]
    : [perAxis(padding, axes), perAxis(padding, axes)];
}
