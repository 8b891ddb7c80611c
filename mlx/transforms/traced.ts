import type { TracedFunction } from '../../backend/backend.ts';
import type { Handle } from '../../foundation/values/values.ts';
import type { Transformer } from '../../router/transforms/tracing.ts';
import { type AnyFunction, checkSynchronous } from './function.ts';
import { buildTree, type Flat, flattenTree } from './tree.ts';

/** A call of a function on trees as MLX traces it: on flat lists of arrays. */
export interface TracedCall {
  readonly run: TracedFunction;
  readonly inputs: Handle[];
  /** What the function gave, once MLX has called it. */
  readonly output: () => Flat;
  /** The tree that the function gave, with these in its leaves. */
  readonly result: (handles: readonly Handle[]) => unknown;
}

/** `check` gets the arrays that the function gave, and what it gave as a whole. */
export function traceCall(
  transformer: Transformer,
  fun: AnyFunction,
  input: Flat,
  operation: string,
  check: (output: Flat, result: unknown) => void = () => undefined,
): TracedCall {
  let output: Flat | undefined;
  const run = transformer.traced((inputs) => {
    const result = checkSynchronous(fun(...(buildTree(input.structure, inputs) as unknown[])), operation);
    output = flattenTree(result, operation);
    check(output, result);
    return output.leaves;
  });
  return {
    run,
    inputs: transformer.handles(input.leaves),
    output: () => output as Flat,
    result: (handles) => buildTree((output as Flat).structure, transformer.wrap(handles)),
  };
}
