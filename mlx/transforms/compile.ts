import { describeValue } from '../../registry/arguments/describe.ts';
import type { Transforms } from '../../registry/backend.ts';
import { ArgumentError, type Implementation } from '../../registry/errors.ts';
import type { Tensor } from '../../router/tensor.ts';
import type { Transformer } from '../../router/tracing.ts';
import { router } from '../runtime.ts';
import { type AnyFunction, checkFunction, checkSynchronous } from './function.ts';
import { buildTree, fillTree, flattenTree, type Structure, structureKey } from './tree.ts';

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
  /** Calls of it under way. MLX writes into a trace while it is made. */
  running: number;
}

// Functions that are called with ever other constants, and those that were dropped within one turn, of which V8 tells only
// at its end, would keep memory for ever: of all traces that used longest ago goes.
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

function checkContainer(value: unknown, name: string, operation: string): void {
  if (value === undefined || (typeof value === 'object' && value !== null)) return;
  throw new ArgumentError(`expected a list or an object of arrays for "${name}", received ${describeValue(value)}`, {
    operation,
  });
}

/**
 * `fun`, traced once for arguments of each kind and from then on run without calling it: MLX simplifies the graph and
 * fuses what it can. Whatever else the function does happens only while it is traced. Numbers, strings and the
 * structure of the arguments are part of the kind. Of more than 1024 traces, of all functions together, the one used longest
 * ago is dropped, and made again when it is needed.
 *
 * @see https://ml-explore.github.io/mlx/build/html/python/_autosummary/mlx.core.compile.html
 */
export function compile<Fun extends AnyFunction>(fun: Fun, options: CompileOptions = {}): Fun {
  const operation = 'mx.compile';
  checkFunction(fun, operation);
  const { inputs, outputs, shapeless = false, implementation } = options;
  checkContainer(inputs, 'inputs', operation);
  checkContainer(outputs, 'outputs', operation);
  const traces = new Map<string, Trace>();

  const compiled = (...args: unknown[]): unknown =>
    router.transforming.run(fun, operation, implementation, (transformer) => callOn(transformer, args));
  const callOn = (transformer: Transformer, args: unknown[]): unknown => {
    const given = flattenTree(args, operation);
    const captured = flattenTree(inputs ?? [], operation);
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
      running: 0,
    };
    touch(traces, key, trace);
    const { id } = trace;
    const run = transformer.traced((traced) => {
      const own = traced.slice(0, given.leaves.length);
      if (inputs !== undefined) fillTree(inputs, traced.slice(own.length));
      try {
        const result = checkSynchronous(fun(...(buildTree(given.structure, own) as unknown[])), operation);
        const all = flattenTree([result, outputs ?? []], operation);
        trace.structure = all.structure;
        return all.leaves;
      } finally {
        if (inputs !== undefined) fillTree(inputs, captured.leaves);
      }
    });
    trace.running += 1;
    let results: Tensor[];
    try {
      results = transformer.wrap(transformer.transforms.compiled(id, shapeless, run, transformer.handles(leaves)));
    } finally {
      trace.running -= 1;
    }
    const [result, state] = buildTree(trace.structure as Structure, results) as [unknown, object];
    if (outputs !== undefined) fillTree(outputs, flattenTree(state, operation).leaves);
    return result;
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
