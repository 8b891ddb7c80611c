import { ArgumentError } from '../../../foundation/errors/errors.ts';
import { isPlain } from '../../../foundation/values/containers.ts';
import { describeValue } from '../../../registry/arguments/describe.ts';
import { Tensor } from '../../../router/tensors/tensor.ts';
import { group, type Kind, list, number, or, signature, size } from '../../arguments/signature.ts';
import * as mx from '../../core.ts';
import type { Group } from '../../devices/distributed.ts';
import { treeMapWithPath } from '../../utils/trees.ts';
import type { ParameterTree } from '../module.ts';

// How the processes of a group share parameters out.

/** `all-to-sharded`: each process has a part of the outputs; `sharded-to-all`: of the inputs. */
export type Sharding = 'all-to-sharded' | 'sharded-to-all';
/** Into how many equal parts the axis falls, or where they end: as places, or as fractions. */
export type Segments = number | readonly number[];
/** The axis to share a parameter out by, alone or with segments that are shared out each; null: none. */
export type ShardingPredicate = (path: string, weight: Tensor) => number | readonly [number, Segments] | null;

export interface ShardingOptions {
  readonly segments?: Segments;
  /** The processes to share among. Default: all. */
  readonly group?: Group | null;
}

const sumArguments = signature('nn.layers.sumGradients', { group });
const identities = new WeakMap<Group, (x: Tensor) => Tensor>();

/** The identity, whose gradient is the sum of the gradients of all processes. */
export function sumGradients(group: Group): (x: Tensor) => Tensor;
export function sumGradients(...args: unknown[]): (x: Tensor) => Tensor {
  const { group } = sumArguments(args);
  if (group.size() === 1) return (x) => x;
  const known = identities.get(group);
  if (known !== undefined) return known;
  const identity = mx.customFunction((x: Tensor) => x);
  identity.vjp((_: unknown, cotangent: unknown) => mx.distributed.allSum(cotangent as Tensor, { group }));
  const call = identity as unknown as (x: Tensor) => Tensor;
  identities.set(group, call);
  return call;
}

function parts(weight: Tensor, segments: Segments, axis: number): Tensor[] {
  if (typeof segments === 'number' || segments.every(Number.isInteger)) {
    return mx.split(weight, segments as number | number[], axis) as Tensor[];
  }
  const extent = weight.shape.at(axis) as number;
  const ends = segments.map((fraction) => Math.trunc(fraction * extent));
  return mx.split(weight, ends, axis) as Tensor[];
}

/** What a predicate chose. */
function checkedAxis(chosen: unknown, path: string): readonly [axis: number, segments: Segments] {
  const [axis, segments = 1]: readonly unknown[] = Array.isArray(chosen) ? chosen : [chosen];
  const given = segmentsKind.read(segments);
  if (Number.isInteger(axis) && given !== undefined) return [axis as number, given];
  throw new ArgumentError(
    `expected an axis, a list of an axis and segments, or null for "${path}", received ${describeValue(chosen)}`,
    { operation: 'nn.layers.shardInplace' },
  );
}

/** The part of each parameter that is this process's. */
export function shard(parameters: object, predicate: ShardingPredicate, group: Group): ParameterTree {
  const [count, rank] = [group.size(), group.rank()];
  const own = (path: string, weight: unknown): unknown => {
    if (!(weight instanceof Tensor)) return weight;
    const chosen = predicate(path, weight);
    if (chosen === null) return weight;
    const [axis, segments] = checkedAxis(chosen, path);
    const mine = parts(weight, segments, axis).map((part) => mx.split(part, count, axis)[rank] as Tensor);
    return mx.contiguous(mx.concatenate(mine, axis));
  };
  return treeMapWithPath<ParameterTree>(own as never, parameters);
}

export function predicateOf(sharding: Sharding, segments: Segments): ShardingPredicate {
  if (sharding === 'all-to-sharded') {
    return (path, weight) => (path.endsWith('bias') ? [-1, segments] : [Math.max(weight.ndim - 2, 0), segments]);
  }
  return (path) => (path.endsWith('bias') ? null : [-1, segments]);
}

const numbers = list(number, 'a list of numbers');
const segmentsKind: Kind<Segments> = {
  expected: 'a positive integer or a list of numbers',
  read: (value) => size.read(value) ?? numbers.read(value),
};
const shardingKinds = { segments: or(segmentsKind, 1), group: or(group, null) };

/** Reads the options of the function of this name. */
export function optionsFor(operation: string): (options: ShardingOptions) => { segments: Segments; group: Group } {
  const read = signature(operation, shardingKinds);
  return (options) => {
    const { segments, group } = read([checkedObject(options, operation)]);
    return { segments, group: group ?? mx.distributed.init() };
  };
}

/** Python takes these by name alone. */
function checkedObject(options: unknown, operation: string): object {
  if (isPlain(options)) return options;
  throw new ArgumentError(`expected options in an object, received ${describeValue(options)}`, { operation });
}
