import type { CustomRules } from '../../backend/backend.ts';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { refuseMore } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import type { Transformer } from '../../router/transforms/tracing.ts';
import { router } from '../../runtime/runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';
import { type Arguments, type ForArguments, inOrder, type Results, soleOrAll, withoutConstants } from './rule-trees.ts';
import { traceCall } from './traced.ts';
import { buildTree, type Flat, flattenTree, type Structure } from './tree.ts';
import { type AxisTree, axesOf, ofResult } from './vmap.ts';

export interface CustomFunction<Fun extends AnyFunction> {
  (...args: Parameters<Fun>): ReturnType<Fun>;
  /** Gives the gradient by each array in the arguments, in a tree like them. */
  vjp(rule: (primals: Arguments<Fun>, cotangents: Results<Fun>, outputs: Results<Fun>) => unknown): CustomFunction<Fun>;
  /** Gives the tangents in a tree like the result; in those of the arguments is null where there is none. */
  jvp(rule: (primals: Arguments<Fun>, tangents: ForArguments<Fun, Tensor>) => unknown): CustomFunction<Fun>;
  /** Gives `[outputs, axes]`, two trees like the result; in the axes of the arguments is null where none is mapped. */
  vmap(rule: (inputs: Arguments<Fun>, axes: ForArguments<Fun, number>) => unknown): CustomFunction<Fun>;
}

/** As many arrays as there are in what the tree stands for. */
function arraysOf(result: unknown, like: Structure, count: number, what: string): Flat {
  const operation = 'mx.customFunction';
  const flat = flattenTree(inOrder(checkSynchronous(result, operation), like), operation);
  if (flat.leaves.length === count) return flat;
  throw new ArgumentError(
    `expected the ${what} to give ${count} ${count === 1 ? 'array' : 'arrays'}, received ${describeValue(result)}`,
    { operation },
  );
}

/** MLX's custom functions have at least one output. */
function checkOutput({ leaves }: Flat, result: unknown, operation: string): void {
  if (leaves.length > 0) return;
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

function axisOf(axis: number | null, tensor: Tensor): number {
  if (axis === null) return -1;
  if (Number.isInteger(axis) && axis >= 0 && axis < tensor.ndim) return axis;
  throw new ArgumentError(
    `expected the vmap rule to give null or an axis of an array of ${tensor.ndim} dimensions, received ${describeValue(axis)}`,
    { operation: 'mx.customFunction' },
  );
}

type Handles = Parameters<Transformer['wrap']>[0];
type Rule = (...args: unknown[]) => unknown;

/**
 * `fun` with rules of its own for differentiation and vectorisation: `const f = mx.customFunction(fun); f.vjp(rule)`.
 * What has no rule is worked out from `fun`. As in Python, rules get the arguments and results as the trees that they
 * are: the arguments in a list, or the one alone as it is.
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
    // The rules may run after the tensors were freed.
    let shapes: (readonly number[])[] = [];
    const traced = traceCall(transformer, fun, input, operation, (output, result) => {
      checkOutput(output, result, operation);
      shapes = output.leaves.map((leaf) => leaf.shape);
    });
    const given = soleOrAll(input.structure);
    const found = () => traced.output().structure;
    const count = input.leaves.length;
    const { vjp, jvp, vmap } = rules;
    const lowered: CustomRules = {
      ...(vjp && {
        vjp: (primals, cotangents, outputs) =>
          transformer.inside(() => {
            const at = transformer.wrap(primals);
            const tree = (handles: Handles) => buildTree(found(), transformer.wrap(handles));
            const gradients = vjp(buildTree(given, at), tree(cotangents), tree(outputs));
            const { leaves } = arraysOf(gradients, given, count, 'vjp rule');
            const expected = at.map((primal) => primal.shape);
            return transformer.handles(checkShapes(leaves, expected, 'vjp rule'));
          }),
      }),
      ...(jvp && {
        jvp: (primals, tangents, argnums) =>
          transformer.inside(() => {
            const along = transformer.wrap(tangents);
            const all = Array.from({ length: count }, (_, i) => along[argnums.indexOf(i)] ?? null);
            const results = jvp(buildTree(given, transformer.wrap(primals)), buildTree(withoutConstants(given), all));
            const { leaves } = arraysOf(results, found(), shapes.length, 'jvp rule');
            return transformer.handles(checkShapes(leaves, shapes, 'jvp rule'));
          }),
      }),
      ...(vmap && {
        vmap: (inputs, axes) =>
          transformer.inside(() => {
            const mapped = axes.map((axis) => (axis === -1 ? null : axis));
            const pair = vmap(buildTree(given, transformer.wrap(inputs)), buildTree(withoutConstants(given), mapped));
            const [results, outAxes] = pairOf(pair);
            const flat = arraysOf(results, found(), shapes.length, 'vmap rule');
            const chosen = axesOf(ofResult(outAxes ?? null, flat), flat, 'axes', operation, axisOf);
            return [transformer.handles(flat.leaves), chosen];
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

function pairOf(result: unknown): [unknown, AxisTree | undefined] {
  checkSynchronous(result, 'mx.customFunction');
  if (Array.isArray(result) && result.length === 2) return result as [unknown, AxisTree];
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
