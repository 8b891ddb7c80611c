import { ArgumentError, type Implementation } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedImplementation, checkedOptions, refuseMore } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import type { Transformer } from '../../router/transforms/tracing.ts';
import { router } from '../../runtime/runtime.ts';
import { disposeBut } from '../evaluation/donation.ts';
import { CompiledTraces } from './compiled-traces.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';
import { buildTree, captureTree, fillPlaces, flattenTree, type Structure } from './tree.ts';

export interface CompileOptions {
  /** Arrays that the function reads besides its arguments: a list or object whose leaves may change between calls. */
  readonly inputs?: object;
  /** A list or object whose leaves the function replaces; they are replaced after each call. */
  readonly outputs?: object;
  /**
   * The arrays that `outputs` replaces are disposed of after each call, wherever else you hold them, so that the step
   * computes in their memory. Those that are arguments of the call too, or stand in `inputs` and are not replaced, are kept, and so
   * are all where the function throws. Default: false.
   * @throws ArgumentError at `compile` where there are no `outputs`; DisposedError where a donated array is used
   */
  readonly donate?: boolean;
  /** One trace for arguments of all shapes. */
  readonly shapeless?: boolean;
  /** The backend that runs the function's whole body. */
  readonly implementation?: Implementation | undefined;
}

function container(value: unknown, name: string, operation: string): object | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object') return value;
  throw new ArgumentError(`expected a list or an object of arrays for "${name}", received ${describeValue(value)}`, {
    operation,
  });
}

/** Options in an object, or Python's order: inputs, outputs, shapeless. An object in the first place is the options. */
function optionsOf(given: readonly unknown[], operation: string) {
  const [first, second, third, ...more] = given;
  const isPython =
    given.length > 1 ? first === undefined || first === null || Array.isArray(first) : Array.isArray(first);
  if (!isPython) refuseMore(given.slice(1), operation);
  refuseMore(more, operation);
  const names = ['inputs', 'outputs', 'donate', 'shapeless', 'implementation'] as const;
  const options: Partial<Record<(typeof names)[number], unknown>> = isPython
    ? { inputs: first, outputs: second, shapeless: third }
    : checkedOptions<CompileOptions>(first === undefined ? {} : first, names, operation);
  const outputs = container(options.outputs, 'outputs', operation);
  const donate = checkedFlag(options.donate ?? false, 'donate', operation);
  if (donate && outputs === undefined) {
    throw new ArgumentError('expected "outputs" beside "donate", whose arrays are replaced, received none', {
      operation,
    });
  }
  return {
    inputs: container(options.inputs, 'inputs', operation),
    outputs,
    donate,
    shapeless: checkedFlag(options.shapeless ?? false, 'shapeless', operation),
    implementation: checkedImplementation(options.implementation, operation),
  };
}

/**
 * `fun`, traced once for arguments of each kind and from then on run without calling it: MLX simplifies the graph and
 * fuses what it can. Whatever else the function does happens only while it is traced. Numbers, strings and the
 * structure of the arguments are part of the kind. Of more than 1024 traces, of all functions together, the one used longest
 * ago is dropped, and made again when it is needed. The options come in an object, or in Python's order, `inputs` being a
 * list or null.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.compile.html
 */
export function compile<Fun extends AnyFunction>(fun: Fun, options?: CompileOptions): Fun;
export function compile<Fun extends AnyFunction>(
  fun: Fun,
  inputs: readonly unknown[] | null | undefined,
  outputs?: object | null,
  shapeless?: boolean,
): Fun;
export function compile<Fun extends AnyFunction>(fun: Fun, ...given: unknown[]): Fun {
  const operation = 'mx.compile';
  checkFunction(fun, operation);
  const { inputs, outputs, donate, shapeless, implementation } = optionsOf(given, operation);
  const traces = new CompiledTraces(inputs ?? [], shapeless, operation);

  const compiled = (...args: unknown[]): unknown =>
    router.transforming.run(fun, operation, implementation, (transformer) => callOn(transformer, args));
  const callOn = (transformer: Transformer, args: unknown[]): unknown => {
    const { transforms } = transformer;
    const { trace, given, captured, leaves, own } = traces.find(args, transformer.side, transforms);
    // The function puts tracers in their places while it is traced.
    const donated = donate ? (outputs === inputs ? captured : captureTree(outputs, operation)).leaves : [];
    let isTracing = false;
    const run = transformer.traced((traced) => {
      isTracing = true;
      try {
        fillPlaces(captured.places, traced.slice(own), operation);
        const result = checkSynchronous(fun(...(buildTree(given, traced.slice(0, own)) as unknown[])), operation);
        const output = flattenTree(result, operation);
        trace.structure = output.structure;
        trace.results = output.leaves.length;
        return [...output.leaves, ...captureTree(outputs ?? [], operation).leaves];
      } finally {
        fillPlaces(captured.places, captured.leaves, operation);
      }
    });
    trace.running += 1;
    let results: Tensor[];
    try {
      results = transformer.wrap(transforms.compiled(trace.id, shapeless, run, transformer.handles(leaves)));
    } finally {
      trace.running -= 1;
    }
    // Only the function itself puts arrays where there were none.
    const isKnown = outputs === inputs && !isTracing;
    const replaced = isKnown ? captured.places : captureTree(outputs ?? [], operation).places;
    const state = results.slice(trace.results);
    if (replaced.length !== state.length) {
      throw new ArgumentError(
        `expected "outputs" with the ${state.length} arrays that it had when the function was traced, received ${replaced.length}`,
        { operation },
      );
    }
    fillPlaces(replaced, state, operation);
    if (donate) {
      const kept = outputs === inputs ? [] : captureTree(inputs ?? [], operation).leaves;
      disposeBut(new Set([...leaves.slice(0, own), ...kept]), donated);
    }
    return buildTree(trace.structure as Structure, results.slice(0, trace.results));
  };
  traces.eraseWith(compiled);
  return compiled as Fun;
}

/** Compiled functions run as they are written, until `enableCompile`. */
export function disableCompile(): void {
  router.transforming.setCompiling(false);
}

export function enableCompile(): void {
  router.transforming.setCompiling(true);
}
