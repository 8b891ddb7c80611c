import type { Given, Precondition } from './preconditions.ts';

/** A number for every axis, or one for each; undefined where it is neither, which MLX refuses itself. */
function perAxis(value: unknown, axes: number): readonly number[] | undefined {
  if (typeof value === 'number') return Array.from({ length: axes }, () => value);
  return Array.isArray(value) && value.length === axes && value.every(Number.isInteger) ? value : undefined;
}

interface Plan {
  readonly stride: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly dilation: readonly number[];
}

/** Whether the kernel of the CPU goes over more places near the edge than there are, and writes behind its result. */
function overruns(input: readonly number[], kernel: readonly number[], plan: Plan): boolean {
  return input.some((size, axis) => {
    const [stride, before, after, dilation, taps] = [plan.stride, plan.before, plan.after, plan.dilation, kernel].map(
      (list) => list[axis] as number,
    ) as [number, number, number, number, number];
    const places = Math.floor((size + before + after - dilation * (taps - 1) - 1) / stride) + 1;
    return places >= 1 && Math.ceil(before / stride) > places;
  });
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

function refusal({ input }: { readonly input: readonly number[] }): string {
  return `expected a padding of no more places than the result has, received one that MLX on the CPU cannot do for an input of ${input.join(' by ')}`;
}

export const convolutionEdges: Precondition = (given) => {
  const shapes = spatial(given);
  if (shapes === undefined) return undefined;
  const axes = shapes.input.length;
  const value = (name: string): unknown => given.value(name);
  const [before, after] = sides(value('padding'), axes);
  const [stride, dilation] = [value('stride'), value('dilation') ?? value('kernel_dilation')].map((list) =>
    perAxis(list, axes),
  );
  const spread = perAxis(value('input_dilation') ?? 1, axes);
  if (!before || !after || !stride || !dilation || !spread) return undefined;
  const plan = { stride, before, after, dilation };
  const input = shapes.input.map((size, axis) => (size - 1) * (spread[axis] as number) + 1);
  if (uncovered(input, shapes.kernel, plan)) {
    return `expected a padded input that covers the dilated kernel, received ${input.join(' by ')} for ${shapes.kernel.join(' by ')}`;
  }
  // Of one axis, and of an input spread out, MLX has other kernels, which keep within their result.
  if (axes < 2 || spread.some((factor) => factor !== 1)) return undefined;
  return overruns(input, shapes.kernel, plan) ? refusal(shapes) : undefined;
};

function sides(padding: unknown, axes: number): [readonly number[] | undefined, readonly number[] | undefined] {
  const twoLists = Array.isArray(padding) && padding.every(Array.isArray);
  return twoLists
    ? [perAxis(padding[0], axes), perAxis(padding[1], axes)]
    : [perAxis(padding, axes), perAxis(padding, axes)];
}

/** A transposed convolution is one over the padded input; a stride spreads it, which goes another way. */
export const transposedEdges: Precondition = (given) => {
  const shapes = spatial(given);
  if (shapes === undefined || shapes.input.length < 2) return undefined;
  const axes = shapes.input.length;
  const [stride, padding, dilation, more] = ['stride', 'padding', 'dilation', 'output_padding'].map((name) =>
    perAxis(given.value(name), axes),
  );
  if (!stride || !padding || !dilation || !more || stride.some((step) => step !== 1)) return undefined;
  const before = shapes.kernel.map((taps, axis) => (dilation[axis] as number) * (taps - 1) - (padding[axis] as number));
  const after = before.map((size, axis) => size + (more[axis] as number));
  return overruns(shapes.input, shapes.kernel, { stride, before, after, dilation }) ? refusal(shapes) : undefined;
};
