import type { CustomRules, TensorInfo } from '../../backend/backend.ts';
import { ArgumentError, OperationError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import type { Rule, Rules } from '../../registry/rules.ts';
import { isTensor, type Tensor } from '../tensors/tensor.ts';
import { mapTensors, tensorsOf } from '../tensors/tree.ts';
import type { Transformer } from '../transforms/tracing.ts';

/** One call, inside a transform, of an operation that only the other backend has. */
export interface Crossing {
  readonly name: string;
  readonly rules: Rules;
  /** What the rules get to see of the call. */
  readonly args: readonly unknown[];
  /** Computes the values on the other side, out of sight of the transform. */
  readonly run: () => unknown;
}

const ON_PYTHON = "run the transform on Python: mx.withImplementation('python', …)";

/** The errors that a transform on Python would not have met. */
const nativeOnly = new WeakSet<UnsupportedOperationError>();

/** Whether the very same transform may well succeed on Python. */
export function mayWorkOnPython(error: unknown): boolean {
  return error instanceof UnsupportedOperationError && nativeOnly.has(error);
}

function unsupported(message: string, operation: string, cause?: unknown): UnsupportedOperationError {
  const error = new UnsupportedOperationError(message, { operation, implementation: 'native', cause });
  nativeOnly.add(error);
  return error;
}

/** For an operation without a port and without rules. */
export function cannotCross(hasPython: boolean, operation: string): UnsupportedOperationError {
  const text = 'it is not ported, so a transform that runs on native cannot see into it';
  if (hasPython) return unsupported(`${text}; port it, give it a vjp (registry.register), or ${ON_PYTHON}`, operation);
  return new UnsupportedOperationError(text, { operation, implementation: 'native' });
}

/**
 * Runs the call with values, and puts its results into the trace as MLX's custom function whose rules are the
 * operation's. Inside `vmap` and `compile` there are no values to run it with.
 */
export function cross(transformer: Transformer, crossing: Crossing): unknown {
  const { name, args, run } = crossing;
  const primals = tensorsOf(args, name);
  const result = computed(run, primals, transformer, name);
  const outputs = tensorsOf(result, name);
  if (primals.length === 0 || outputs.length === 0) return result;
  const constants = transformer.handles(outputs);
  const rules = lower(
    transformer,
    crossing,
    outputs.map((output) => transformer.info(output)),
  );
  const handles = transformer.transforms.customFunction(() => constants, rules, transformer.handles(primals));
  const traced = transformer.wrap(handles);
  return mapTensors(result, () => traced.shift());
}

/** Evaluates what the call needs first, so that an error of the operation's own is not taken for a lack of values. */
function computed(run: () => unknown, primals: readonly Tensor[], transformer: Transformer, operation: string) {
  try {
    transformer.evaluate(primals);
  } catch (cause) {
    if (!(cause instanceof OperationError && cause.message.includes(NO_VALUES))) throw cause;
    throw unsupported(
      'it is not ported, and in Python it needs values, which there are none of inside mx.compile and mx.vmap; ' +
        `call it outside, port it, or ${ON_PYTHON}`,
      operation,
      cause,
    );
  }
  return run();
}

/** MLX's own words, where an array only stands for values to come. */
const NO_VALUES = 'during function transformations';

/** The rules as a backend calls them. One that is missing is an error: MLX would take the constants for the function. */
function lower(
  transformer: Transformer,
  { name, rules, args }: Crossing,
  outputs: readonly TensorInfo[],
): Required<CustomRules> {
  const wrap = (handles: Parameters<typeof transformer.wrap>[0]) => transformer.wrap(handles);
  const withPrimals = (primals: readonly Tensor[]) => {
    const rest = [...primals];
    return mapTensors(args, () => rest.shift());
  };
  return {
    vjp: (primals, cotangents, results) =>
      transformer.inside(() => {
        const rule = required(rules.vjp, 'vjp', name);
        const at = wrap(primals);
        const given = rule(at, wrap(cotangents), wrap(results), withPrimals(at));
        const like = at.map((primal) => transformer.info(primal));
        return transformer.handles(checked(given, like, transformer, `${name}: expected its vjp`));
      }),
    jvp: (primals, tangents, argnums) =>
      transformer.inside(() => {
        const rule = required(rules.jvp, 'jvp', name);
        const at = wrap(primals);
        const along = wrap(tangents);
        const all = at.map((_, i) => along[argnums.indexOf(i)] ?? null);
        const given = rule(at, all, withPrimals(at));
        return transformer.handles(checked(given, outputs, transformer, `${name}: expected its jvp`));
      }),
    vmap: () => {
      required(undefined, 'vmap', name);
      return [[], []];
    },
  };
}

function required(rule: unknown, kind: string, operation: string): Rule {
  if (rule !== undefined) return rule as Rule;
  throw unsupported(
    `it is not ported, and has no ${kind} of its own; port it, give it a ${kind} (registry.register), or ${ON_PYTHON}`,
    operation,
  );
}

/** One array for each of `like`, of its shape and dtype, zeros for null: MLX takes what a rule gives as it is. */
function checked(given: unknown, like: readonly TensorInfo[], transformer: Transformer, expected: string): Tensor[] {
  const list = Array.isArray(given) ? given : [given];
  disregard(given);
  if (list.length !== like.length) {
    const arrays = like.length === 1 ? '1 array' : `${like.length} arrays`;
    throw new ArgumentError(`${expected} to give ${arrays}, received ${describeValue(given)}`);
  }
  return list.map((item: unknown, i) => {
    const { shape, dtype } = like[i] as TensorInfo;
    if (item === null || item === undefined) return transformer.zeros(like[i] as TensorInfo);
    if (!isTensor(item)) throw new ArgumentError(`${expected} to give arrays, received ${describeValue(item)} at ${i}`);
    const found = transformer.info(item);
    if (found.shape.join() === shape.join() && found.dtype === dtype) return item;
    throw new ArgumentError(
      `${expected} to give ${dtype.name} of shape [${shape}] at ${i}, received ${found.dtype.name} of shape [${found.shape}]`,
    );
  });
}
