import type { Tensor } from '../../router/tensors/tensor.ts';
import { Stream } from '../../runtime/streams.ts';
import { checkArray } from '../arguments/checks.ts';
import { anything, group, instance, number, or, signature } from '../arguments/signature.ts';
import * as mx from '../core.ts';
import type { Group } from '../devices/distributed.ts';
import { treeFlatten, treeMap, treeUnflatten } from '../utils/trees.ts';
import { clippedTo, norm, sumOfSquares } from './clip.ts';

export { checkpoint, valueAndGrad } from './value-and-grad.ts';

export interface AverageGradientsOptions {
  /** The processes to average over. Default: all. */
  readonly group?: Group | null;
  /** Gradients are sent together up to so many bytes; of 0 or less each is sent by itself. Default: 32 MiB. */
  readonly allReduceSize?: number;
  /** Where to run the communication. */
  readonly communicationStream?: Stream | null;
}

const averageArguments = signature(
  'nn.averageGradients',
  {
    gradients: anything,
    group: or(group, null),
    allReduceSize: or(number, 32 * 2 ** 20),
    communicationStream: or(instance(Stream, 'a stream (mx.Stream)'), null),
  },
  1,
);

/** The gradients with their paths. @throws ArgumentError for a leaf that is no array. */
function flatArrays(gradients: unknown, operation: string): [string, Tensor][] {
  const flat = treeFlatten<Tensor>(gradients);
  for (const [path, array] of flat) checkArray(array, path, operation);
  return flat;
}

/** The places of the gradients that are sent together. */
function batches(sizes: readonly number[], itemSize: number, limit: number): number[][] {
  const groups: number[][] = [];
  let group: number[] = [];
  let bytes = 0;
  sizes.forEach((size, i) => {
    group.push(i);
    bytes += size * itemSize;
    if (bytes < limit) return;
    groups.push(group);
    group = [];
    bytes = 0;
  });
  if (group.length > 0) groups.push(group);
  return groups;
}

/**
 * The mean of each gradient over all processes of a group.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary_functions/mlx.nn.average_gradients.html
 */
export function averageGradients<Gradients>(
  gradients: Gradients,
  group?: Group | null | AverageGradientsOptions,
  allReduceSize?: number | AverageGradientsOptions,
  communicationStream?: Stream | null,
): Gradients;
export function averageGradients<Gradients>(...args: unknown[]): Gradients {
  const { group, allReduceSize, communicationStream, ...given } = averageArguments(args);
  const gradients = given.gradients as Gradients;
  const flat = flatArrays(gradients, 'nn.averageGradients');
  const members = group ?? mx.distributed.init();
  const count = members.size();
  if (count === 1) return gradients;
  const stream = communicationStream ?? undefined;
  const mean = (array: Tensor) =>
    mx.distributed.allSum(array, { group: members, ...(stream !== undefined && { stream }) }).divide(count);
  const [first] = flat;
  if (first === undefined) return gradients;
  const { dtype } = first[1];
  if (allReduceSize <= 0 || flat.some(([, array]) => array.dtype !== dtype)) {
    return treeMap<Gradients>(mean as (leaf: never) => unknown, gradients);
  }
  const sizes = flat.map(([, { size }]) => size);
  const averaged = batches(sizes, dtype.size, allReduceSize).flatMap((places) => {
    const parts = places.map((i) => flat[i] as [string, Tensor]);
    const ends = places.map((_, i) => places.slice(0, i + 1).reduce((sum, place) => sum + (sizes[place] as number), 0));
    const all = mean(mx.concatenate(parts.map(([, array]) => array.reshape(-1))));
    const pieces = mx.split(all, ends.slice(0, -1));
    return parts.map(([path, { shape }], i) => [path, (pieces[i] as Tensor).reshape(...shape)] as const);
  });
  return treeUnflatten<Gradients>(averaged);
}

const clipArguments = signature(
  'nn.utils.clipGradNormSharded',
  { gradients: anything, maxNorm: norm, group: or(group, null) },
  1,
);

/**
 * The gradients of parameters that are spread over the processes of a group, multiplied so that the norm of all together is
 * at most `maxNorm`; and that norm.
 */
export function clipGradNormSharded<Gradients>(
  gradients: Gradients,
  maxNorm: number,
  group?: Group | null | { readonly group?: Group | null },
): [Gradients, Tensor];
export function clipGradNormSharded<Gradients>(...args: unknown[]): [Gradients, Tensor] {
  const { gradients, maxNorm, group } = clipArguments(args);
  const squares = sumOfSquares(gradients, 'nn.utils.clipGradNormSharded');
  return clippedTo(gradients as Gradients, maxNorm, mx.distributed.allSum(squares, { group }));
}
