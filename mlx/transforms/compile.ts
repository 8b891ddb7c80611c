import type { Transforms } from '../../backend/backend.ts';
import { ArgumentError, type Implementation } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedImplementation, checkedOptions, refuseMore } from '../../registry/arguments/options.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import type { Transformer } from '../../router/transforms/tracing.ts';
import { router } from '../../runtime/runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';
import { buildTree, captureTree, fillPlaces, flattenTree, type Structure, structureKey } from './tree.ts';

export interface CompileOptions {
  /** Arrays that the function reads besides its arguments: a list or object whose leaves may change between calls. */
  readonly inputs?: object;
  /** A list or object whose leaves the function replaces; they are replaced after each call. */
  readonly outputs?: object;
  /** One trace for arguments of all shapes. */
  readonly shapeless?: boolean;
  /** The backend that runs the function's whole body. */
  readonly implementation?: Implementation | undefined;
}

/** One trace: the number MLX keeps it under, and what the function gave. */
interface Trace {
  readonly id: number;
  /** Whose cache it is in. */
  readonly transforms: Transforms;
  structure: Structure | undefined;
  /** How many arrays there are in that; those of `outputs` follow. */
  results: number;
  /** Calls of it under way. MLX writes into a trace while it is made. */
  running: number;
}

// Functions that are called with ever other constants, and those that were dropped within one turn, which V8 reports only
// at its end, would keep memory for ever: the least recently used trace is erased.
const MOST_TRACES = 1024;

/** Every trace, the one used last behind all others, and what it is part of. */
const recent = new Map<Trace, { readonly traces: Map<string, Trace>; readonly key: string }>();

// MLX keeps traces by number, for the whole process; Python's functions there are addresses, far above these.
let nextId = 1;

const forgotten = new FinalizationRegistry<ReadonlyMap<string, Trace>>((traces) => {
  for (const trace of traces.values()) forget(trace);
});

function forget(trace: Trace): void {
  recent.delete(trace);
  trace.transforms.eraseCompiled(trace.id);
}

function shapesKey(leaves: readonly Tensor[], shapeless: boolean): string {
  return leaves.map(({ dtype, shape, ndim }) => `${dtype.code}:${shapeless ? ndim : shape.join('x')}`).join();
}

/** Makes the trace the one used last. */
function touch(traces: Map<string, Trace>, key: string, trace: Trace): void {
  traces.set(key, trace);
  recent.delete(trace);
  recent.set(trace, { traces, key });
  if (recent.size <= MOST_TRACES) return;
  for (const [oldest, part] of recent) {
    if (oldest.running > 0 || oldest === trace) continue;
    part.traces.delete(part.key);
    forget(oldest);
    return;
  }
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
  const names = ['inputs', 'outputs', 'shapeless', 'implementation'] as const;
  const options: Partial<Record<(typeof names)[number], unknown>> = isPython
    ? { inputs: first, outputs: second, shapeless: third }
    : checkedOptions<CompileOptions>(first === undefined ? {} : first, names, operation);
  return {
    inputs: container(options.inputs, 'inputs', operation),
    outputs: container(options.outputs, 'outputs', operation),
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
  const { inputs, outputs, shapeless, implementation } = optionsOf(given, operation);
  const traces = new Map<string, Trace>();

  const compiled = (...args: unknown[]): unknown =>
    router.transforming.run(fun, operation, implementation, (transformer) => callOn(transformer, args));
  const callOn = (transformer: Transformer, args: unknown[]): unknown => {
    const given = flattenTree(args, operation);
    const captured = captureTree(inputs ?? [], operation);
    const leaves = [...given.leaves, ...captured.leaves];
    const key = [
      transformer.side,
      structureKey(given.structure, operation),
      structureKey(captured.structure, operation),
      shapesKey(leaves, shapeless),
    ].join(';');
    const trace = traces.get(key) ?? {
      id: nextId++,
      transforms: transformer.transforms,
      structure: undefined,
      results: 0,
      running: 0,
    };
    touch(traces, key, trace);
    const { id } = trace;
    const run = transformer.traced((traced) => {
      const own = traced.slice(0, given.leaves.length);
      try {
        fillPlaces(captured.places, traced.slice(own.length), operation);
        const result = checkSynchronous(fun(...(buildTree(given.structure, own) as unknown[])), operation);
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
      results = transformer.wrap(transformer.transforms.compiled(id, shapeless, run, transformer.handles(leaves)));
    } finally {
      trace.running -= 1;
    }
    const replaced = captureTree(outputs ?? [], operation).places;
    const state = results.slice(trace.results);
    if (replaced.length !== state.length) {
      throw new ArgumentError(
        `expected "outputs" with the ${state.length} arrays that it had when the function was traced, received ${replaced.length}`,
        { operation },
      );
    }
    fillPlaces(replaced, state, operation);
    return buildTree(trace.structure as Structure, results.slice(0, trace.results));
  };
  forgotten.register(compiled, traces);
  return compiled as Fun;
}

/** Compiled functions run as they are written, until `enableCompile`. */
export function disableCompile(): void {
  router.transforming.setCompiling(false);
}

export function enableCompile(): void {
  router.transforming.setCompiling(true);
}
