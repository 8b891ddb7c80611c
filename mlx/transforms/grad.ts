import { ArgumentError, type Implementation } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { isListUpTo } from '../../registry/arguments/long-lists.ts';
import { checkedImplementation, checkedOptions, refuseMore } from '../../registry/arguments/options.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import type { MadeTracer, Transformer } from '../../router/transforms/tracing.ts';
import { router } from '../../runtime/runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';
import type { Argnames, Argnums, Gradients } from './gradients.ts';
import { buildTree, type Flat, flattenTree } from './tree.ts';

/** Which arguments to differentiate by: positions, and names in a trailing plain object. */
export interface GradOptions<Positions extends Argnums = Argnums, Names extends Argnames = Argnames> {
  readonly argnums?: Positions;
  readonly argnames?: Names;
  /** The backend that runs the function's whole body. */
  readonly implementation?: Implementation | undefined;
}

const MOST_ARGUMENTS = 2 ** 16;

interface Targets {
  readonly positions: readonly number[];
  readonly names: readonly string[];
}

function targetsOf(argnums: Argnums, argnames: Argnames, operation: string): Targets {
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation });
  };
  const names =
    argnames === undefined || argnames === null
      ? []
      : typeof argnames === 'string'
        ? [argnames]
        : isListUpTo(MOST_ARGUMENTS, argnames)
          ? [...argnames]
          : fail(`expected a name or a list of names for "argnames", received ${describeValue(argnames)}`);
  const chosen = argnums ?? (names.length === 0 ? 0 : []);
  const positions =
    typeof chosen === 'number'
      ? [chosen]
      : isListUpTo(MOST_ARGUMENTS, chosen)
        ? [...chosen]
        : fail(`expected an integer or a list of integers for "argnums", received ${describeValue(chosen)}`);
  for (const position of positions) {
    if (!Number.isInteger(position)) fail(`expected integers for "argnums", received ${describeValue(position)}`);
    if (position < 0) fail(`Can't compute the gradient of negative argument index ${position}`);
  }
  if (new Set(positions).size < positions.length) fail('expected each argument once in "argnums"');
  if (names.some((name) => typeof name !== 'string')) fail('expected names for "argnames"');
  if (positions.length + names.length === 0) fail('expected something to differentiate by');
  return { positions: positions.sort((a, b) => a - b), names };
}

/** The chosen arguments of one call, flat, and how to call the function with others in their places. */
function select(args: readonly unknown[], targets: Targets, operation: string) {
  const fail = (message: string): never => {
    throw new ArgumentError(message, { operation });
  };
  const keywords = targets.names.length === 0 ? undefined : (args.at(-1) as Record<string, unknown> | undefined);
  const flats: Flat[] = [];
  const add = (value: unknown, what: string) => {
    if (value === undefined) fail(`the function was called without ${what}, whose gradient is asked for`);
    const flat = flattenTree(value, operation);
    if (hasConstant(flat)) fail(`expected nothing but arrays in ${what}, whose gradient is asked for`);
    flats.push(flat);
  };
  for (const position of targets.positions) add(args[position], `argument ${position}`);
  for (const name of targets.names) {
    if (keywords === undefined || typeof keywords !== 'object' || keywords === null) {
      fail('expected a plain object with the arguments of "argnames" at the end');
    }
    add((keywords as Record<string, unknown>)[name], `"${name}"`);
  }
  const rebuild = (leaves: readonly unknown[]): unknown[] => {
    const rest = [...leaves];
    return flats.map(({ structure, leaves: own }) => buildTree(structure, rest.splice(0, own.length)));
  };
  const argumentsWith = (leaves: readonly Tensor[]): unknown[] => {
    const trees = rebuild(leaves);
    const changed = [...args];
    targets.positions.forEach((position, i) => {
      changed[position] = trees[i];
    });
    if (keywords !== undefined) {
      const named = targets.names.map((name, i) => [name, trees[targets.positions.length + i]]);
      changed[changed.length - 1] = { ...keywords, ...Object.fromEntries(named) };
    }
    return changed;
  };
  return { leaves: flats.flatMap(({ leaves }) => leaves), rebuild, argumentsWith };
}

function hasConstant({ structure }: Flat): boolean {
  const walk = (part: typeof structure): boolean =>
    part.kind === 'constant' || ((part.kind === 'list' || part.kind === 'object') && part.items.some(walk));
  return walk(structure);
}

/** The scalar to differentiate, which comes first where the function also gives other things. */
function lossIn(result: unknown, mayHaveMore: boolean): unknown {
  return mayHaveMore && Array.isArray(result) ? result[0] : result;
}

function checkedLoss(result: unknown, mayHaveMore: boolean, operation: string): Tensor {
  const loss = lossIn(result, mayHaveMore);
  if (loss instanceof Tensor && loss.ndim === 0) return loss;
  disregard(result);
  const received = loss instanceof Tensor ? `one of the shape [${loss.shape}]` : describeValue(loss);
  throw new ArgumentError(
    `expected the function to give a scalar array${mayHaveMore ? ', alone or first in a list' : ''}, received ${received}`,
    { operation },
  );
}

interface Differentiation {
  readonly fun: AnyFunction;
  readonly targets: Targets;
  /** Whether the function may give a list, whose first item is the loss. */
  readonly mayHaveMore: boolean;
  readonly operation: string;
  readonly implementation: Implementation | undefined;
}

function differentiate(how: Differentiation, args: unknown[]) {
  const { fun, operation, implementation } = how;
  return router.transforming.run(fun, operation, implementation, (transformer) =>
    differentiateOn(transformer, how, args),
  );
}

function differentiateOn(transformer: Transformer, how: Differentiation, args: unknown[]) {
  const { fun, targets, mayHaveMore, operation } = how;
  const { leaves, rebuild, argumentsWith } = select(args, targets, operation);
  let shape: Flat | undefined;
  const originals = leaves.map(({ native }) => native);
  let tracers: readonly MadeTracer[] = [];
  const run = transformer.traced((inputs) => {
    tracers = inputs.map((tracer, i) => ({ tracer, handle: tracer.native, original: originals[i] ?? null }));
    const result = checkSynchronous(fun(...argumentsWith(inputs)), operation);
    const loss = checkedLoss(result, mayHaveMore, operation);
    shape = flattenTree(result, operation);
    // MLX differentiates the first output; the others come along.
    return [loss, ...shape.leaves.filter((leaf) => leaf !== loss)];
  });
  const argnums = leaves.map((_, i) => i);
  const [values, gradients] = transformer.transforms.valueAndGrad(run, transformer.handles(leaves), argnums);
  transformer.endTracers(tracers);
  const { structure, leaves: traced } = shape as unknown as Flat;
  const outputs = transformer.wrap(values);
  const loss = traced.indexOf(lossIn(buildTree(structure, traced), mayHaveMore) as Tensor);
  const others = outputs.slice(1);
  const inOrder = traced.map((leaf, i) => (i === loss || leaf === traced[loss] ? outputs[0] : others.shift()));
  const trees = rebuild(transformer.wrap(gradients));
  return { value: buildTree(structure, inOrder), gradients: arrange(trees, targets) };
}

/** One gradient alone, several as a list; with names `[positional or null, by name]`, as in Python. */
function arrange(trees: unknown[], { positions, names }: Targets): unknown {
  const positional = trees.slice(0, positions.length);
  const byPosition = positions.length === 0 ? null : positions.length === 1 ? positional[0] : positional;
  if (names.length === 0) return byPosition;
  return [byPosition, Object.fromEntries(names.map((name, i) => [name, trees[positions.length + i]]))];
}

/** What is checked of the arguments behind the function: positions and names, or an object of both. */
function readOptions(operation: string, given: readonly unknown[]) {
  const [first, argnames, ...more] = given;
  refuseMore(more, operation);
  let options: GradOptions = { argnums: first as Argnums, argnames: argnames as Argnames };
  if (typeof first === 'object' && first !== null && !Array.isArray(first)) {
    refuseMore([argnames], operation);
    options = checkedOptions<GradOptions>(first, ['argnums', 'argnames', 'implementation'], operation);
  }
  return {
    targets: targetsOf(options.argnums, options.argnames, operation),
    implementation: checkedImplementation(options.implementation, operation),
  };
}

/**
 * A function that gives both the value of `fun` and its gradient. `fun` gives a scalar array, alone or first in a list
 * whose other items come along. Arguments may be trees: nested lists and plain objects of arrays. The gradient is typed
 * as the arguments that it is by; `valueAndGrad<Value, Gradients>` types it otherwise.
 *
 * @param argnums which arguments to differentiate by, by position; the first by default. Of one, also of a list of one,
 * the gradient comes alone; of several as a list, by position.
 * @param argnames which ones by name, in a plain object at the end of the arguments.
 * @returns a function of the same arguments that gives `[value, gradients]`.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.value_and_grad.html
 */
export function valueAndGrad<
  Fun extends AnyFunction,
  const Positions extends Argnums = undefined,
  const Names extends Argnames = undefined,
>(
  fun: Fun,
  argnums?: Positions,
  argnames?: Names,
): (...args: Parameters<Fun>) => [ReturnType<Fun>, Gradients<Fun, Positions, Names>];
export function valueAndGrad<
  Fun extends AnyFunction,
  const Positions extends Argnums = undefined,
  const Names extends Argnames = undefined,
>(
  fun: Fun,
  options: GradOptions<Positions, Names>,
): (...args: Parameters<Fun>) => [ReturnType<Fun>, Gradients<Fun, Positions, Names>];
export function valueAndGrad<Value = Tensor, Gradients = Tensor>(
  fun: AnyFunction,
  argnums?: Argnums | GradOptions,
  argnames?: Argnames,
): (...args: unknown[]) => [Value, Gradients];
export function valueAndGrad(fun: AnyFunction, ...given: unknown[]) {
  const operation = 'mx.valueAndGrad';
  checkFunction(fun, operation);
  const how = { fun, ...readOptions(operation, given), mayHaveMore: true, operation };
  return (...args: unknown[]) => {
    const { value, gradients } = differentiate(how, args);
    return [value, gradients];
  };
}

/**
 * A function that gives the gradient of `fun`, which gives a scalar array. The gradient is typed as the arguments that
 * it is by; `grad<Gradients>` types it otherwise.
 *
 * @param argnums which arguments to differentiate by, by position; the first by default. Of one, also of a list of one,
 * the gradient comes alone; of several as a list, by position.
 * @param argnames which ones by name, in a plain object at the end of the arguments.
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.grad.html
 */
export function grad<
  Fun extends AnyFunction,
  const Positions extends Argnums = undefined,
  const Names extends Argnames = undefined,
>(fun: Fun, argnums?: Positions, argnames?: Names): (...args: Parameters<Fun>) => Gradients<Fun, Positions, Names>;
export function grad<
  Fun extends AnyFunction,
  const Positions extends Argnums = undefined,
  const Names extends Argnames = undefined,
>(fun: Fun, options: GradOptions<Positions, Names>): (...args: Parameters<Fun>) => Gradients<Fun, Positions, Names>;
export function grad<Gradients = Tensor>(
  fun: AnyFunction,
  argnums?: Argnums | GradOptions,
  argnames?: Argnames,
): (...args: unknown[]) => Gradients;
export function grad(fun: AnyFunction, ...given: unknown[]) {
  const operation = 'mx.grad';
  checkFunction(fun, operation);
  const how = { fun, ...readOptions(operation, given), mayHaveMore: false, operation };
  return (...args: unknown[]) => differentiate(how, args).gradients;
}
