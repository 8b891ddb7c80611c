import { describeValue } from '../../registry/arguments/describe.ts';
import { refuseMore } from '../../registry/arguments/options.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import type { CustomRules } from '../../registry/backend.ts';
import { ArgumentError } from '../../registry/errors.ts';
import type { Tensor } from '../../router/tensor.ts';
import type { Transformer } from '../../router/tracing.ts';
import { router } from '../runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';
import { traceCall } from './traced.ts';
import { type Flat, flattenTree } from './tree.ts';

/** What a rule gets of several arguments or results is a list; of one it is the one. */
type OneOrList = Tensor | Tensor[];

// biome-ignore lint/suspicious/noExplicitAny: how many arrays a tree has is not in its type
type Unknown = any;

/** Something for each array among the arguments or results of a function, where their types say how many there are. */
type ForEach<Parts extends readonly unknown[], Item> = number extends Parts['length']
  ? Unknown
  : Parts extends readonly [Tensor]
    ? NonNullable<Item>
    : Parts extends readonly Tensor[]
      ? { [K in keyof Parts]: Item }
      : Unknown;

type Arguments<Fun extends AnyFunction, Item = Tensor> = ForEach<Required<Parameters<Fun>>, Item>;

type Results<Fun extends AnyFunction> =
  ReturnType<Fun> extends Tensor
    ? Tensor
    : ReturnType<Fun> extends readonly unknown[]
      ? ForEach<ReturnType<Fun>, Tensor>
      : Unknown;

export interface CustomFunction<Fun extends AnyFunction> {
  (...args: Parameters<Fun>): ReturnType<Fun>;
  /** Gives the gradient by each argument. */
  vjp(rule: (primals: Arguments<Fun>, cotangents: Results<Fun>, outputs: Results<Fun>) => unknown): CustomFunction<Fun>;
  /** Gives the tangent of each output; the tangent of an argument that has none is null. */
  jvp(rule: (primals: Arguments<Fun>, tangents: Arguments<Fun, Tensor | null>) => unknown): CustomFunction<Fun>;
  /** Gives `[outputs, axes]`; the axis of an argument that is not mapped is null. */
  vmap(rule: (inputs: Arguments<Fun>, axes: Arguments<Fun, number | null>) => unknown): CustomFunction<Fun>;
}

function alone<T>(items: T[]): T | T[] {
  return items.length === 1 ? (items[0] as T) : items;
}

function arraysOf(result: unknown, count: number, what: string): Tensor[] {
  const operation = 'mx.customFunction';
  const { leaves } = flattenTree(checkSynchronous(result, operation), operation);
  if (leaves.length === count) return leaves;
  disregard(result);
  throw new ArgumentError(
    `expected the ${what} to give ${count} ${count === 1 ? 'array' : 'arrays'}, received ${describeValue(result)}`,
    { operation },
  );
}

/** MLX's custom functions have at least one output. */
function checkOutput({ leaves }: Flat, result: unknown, operation: string): void {
  if (leaves.length > 0) return;
  disregard(result);
  throw new ArgumentError(`expected the function to give at least one array, received ${describeValue(result)}`, {
    operation,
  });
}

/** MLX takes what a rule gives as it is: a shape that does not fit would be a wrong gradient. */
function checkShapes(given: readonly Tensor[], like: readonly (readonly number[])[], what: string): Tensor[] {
  given.forEach((tensor, i) => {
    const expected = like[i] as readonly number[];
    if (tensor.shape.join() === expected.join()) return;
    throw new ArgumentError(
      `expected the ${what} to give an array of shape [${expected}] at ${i}, received shape [${tensor.shape}]`,
      { operation: 'mx.customFunction' },
    );
  });
  return [...given];
}

function axisOf(axis: unknown, tensor: Tensor): number {
  if (axis === null || axis === undefined) return -1;
  if (Number.isInteger(axis) && (axis as number) >= 0 && (axis as number) < tensor.ndim) return axis as number;
  throw new ArgumentError(
    `expected the vmap rule to give null or an axis of an array of ${tensor.ndim} dimensions, received ${describeValue(axis)}`,
    { operation: 'mx.customFunction' },
  );
}

type Rule = (...args: unknown[]) => unknown;

/**
 * `fun` with rules of its own for differentiation and vectorisation: `const f = mx.customFunction(fun); f.vjp(rule)`.
 * What has no rule is worked out from `fun`.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.custom_function.html
 */
export function customFunction<Fun extends AnyFunction>(fun: Fun, ...more: never[]): CustomFunction<Fun> {
  const operation = 'mx.customFunction';
  checkFunction(fun, operation);
  refuseMore(more, operation);
  const rules: { vjp?: Rule; jvp?: Rule; vmap?: Rule } = {};

  const call = (...args: unknown[]): unknown =>
    router.transforming.run(fun, operation, undefined, (transformer) => callOn(transformer, args));
  const callOn = (transformer: Transformer, args: unknown[]): unknown => {
    const input = flattenTree(args, operation);
    // The rules may run when the tensors are gone.
    let shapes: (readonly number[])[] = [];
    const traced = traceCall(transformer, fun, input, operation, (output, result) => {
      checkOutput(output, result, operation);
      shapes = output.leaves.map((leaf) => leaf.shape);
    });
    const count = input.leaves.length;
    const group = (handles: Parameters<typeof transformer.wrap>[0]) => alone(transformer.wrap(handles)) as OneOrList;
    const { vjp, jvp, vmap } = rules;
    const lowered: CustomRules = {
      ...(vjp && {
        vjp: (primals, cotangents, outputs) =>
          transformer.inside(() => {
            const at = transformer.wrap(primals);
            const gradients = arraysOf(vjp(alone(at), group(cotangents), group(outputs)), count, 'vjp rule');
            const expected = at.map((primal) => primal.shape);
            return transformer.handles(checkShapes(gradients, expected, 'vjp rule'));
          }),
      }),
      ...(jvp && {
        jvp: (primals, tangents, argnums) =>
          transformer.inside(() => {
            const given = transformer.wrap(tangents);
            const all = Array.from({ length: count }, (_, i) => given[argnums.indexOf(i)] ?? null);
            const found = arraysOf(jvp(group(primals), alone(all)), shapes.length, 'jvp rule');
            return transformer.handles(checkShapes(found, shapes, 'jvp rule'));
          }),
      }),
      ...(vmap && {
        vmap: (inputs, axes) =>
          transformer.inside(() => {
            const given = axes.map((axis) => (axis === -1 ? null : axis));
            const [results, outAxes] = pairOf(vmap(group(inputs), alone(given)));
            const found = arraysOf(results, shapes.length, 'vmap rule');
            const chosen = found.map((tensor, i) => axisOf(Array.isArray(outAxes) ? outAxes[i] : outAxes, tensor));
            return [transformer.handles(found), chosen];
          }),
      }),
    };
    return traced.result(transformer.transforms.customFunction(traced.run, lowered, traced.inputs));
  };

  const custom = Object.assign(call, {
    vjp: (rule: unknown) => add('vjp', rule),
    jvp: (rule: unknown) => add('jvp', rule),
    vmap: (rule: unknown) => add('vmap', rule),
  }) as unknown as CustomFunction<Fun>;
  function add(kind: keyof typeof rules, rule: unknown): CustomFunction<Fun> {
    checkFunction(rule, `${operation}.${kind}`);
    rules[kind] = rule;
    return custom;
  }
  return custom;
}

function pairOf(result: unknown): [unknown, number | (number | null)[] | null] {
  checkSynchronous(result, 'mx.customFunction');
  if (Array.isArray(result) && result.length === 2) return result as [unknown, number[]];
  throw new ArgumentError(`expected the vmap rule to give [outputs, axes], received ${describeValue(result)}`, {
    operation: 'mx.customFunction',
  });
}

/**
 * `fun`, whose intermediates are not kept for the gradient but computed again: less memory for more time.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.checkpoint.html
 */
export function checkpoint<Fun extends AnyFunction>(fun: Fun, ...more: never[]): Fun {
  const operation = 'mx.checkpoint';
  checkFunction(fun, operation);
  refuseMore(more, operation);
  const checkpointed = (...args: unknown[]): unknown => {
    const input = flattenTree(args, operation);
    return router.transforming.run(fun, operation, undefined, (transformer) => {
      const call = traceCall(transformer, fun, input, operation, (output, result) =>
        checkOutput(output, result, operation),
      );
      return call.result(transformer.transforms.checkpoint(call.run, call.inputs));
    });
  };
  return checkpointed as Fun;
}
