import type { Transforms } from '../../backend/backend.ts';
import type { Dtype } from '../../foundation/values/dtypes.ts';
import { isSameShape } from '../../foundation/values/index-layout.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import {
  type Captured,
  captureAlike,
  captureTree,
  flattenAlike,
  flattenTree,
  type Structure,
  structureKey,
} from './tree.ts';

/** One trace: the number MLX keeps it under, and what the function gave. */
export interface Trace {
  readonly id: number;
  /** Whose cache it is in. */
  readonly transforms: Transforms;
  structure: Structure | undefined;
  /** How many arrays there are in that; those of `outputs` follow. */
  results: number;
  /** Calls of it under way. MLX writes into a trace while it is made. */
  running: number;
}

/** The arrays of one call, and the trace that computes it. */
export interface TracedCall {
  readonly trace: Trace;
  readonly given: Structure;
  readonly captured: Captured;
  /** Those of the arguments, then the captured ones. */
  readonly leaves: readonly Tensor[];
  /** How many are of the arguments. */
  readonly own: number;
}

/** What arguments and captured arrays were in a call. It holds no array. */
interface Kind {
  readonly transforms: Transforms;
  readonly given: Structure;
  readonly captured: Structure;
  readonly leaves: readonly { readonly dtype: Dtype; readonly shape: readonly number[] }[];
  readonly key: string;
}

// Functions that are called with ever other constants, and those that were dropped within one turn, which V8 reports only
// at its end, would keep memory for ever: the least recently used trace is erased.
const MOST_TRACES = 1024;

/** Every trace, the one used last behind all others, and what it is part of. */
const recent = new Map<Trace, { readonly traces: Map<string, Trace>; readonly key: string }>();
let newest: Trace | undefined;

// MLX keeps traces by number, for the whole process; Python's functions there are addresses, far above these.
let nextId = 1;

const forgotten = new FinalizationRegistry<ReadonlyMap<string, Trace>>((traces) => {
  for (const trace of traces.values()) forget(trace);
});

function forget(trace: Trace): void {
  recent.delete(trace);
  if (newest === trace) newest = undefined;
  trace.transforms.eraseCompiled(trace.id);
}

/** Makes the trace the one used last. */
function touch(traces: Map<string, Trace>, key: string, trace: Trace): void {
  if (trace === newest) return;
  newest = trace;
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

/** The traces of one function, by the kind of what it is called with. */
export class CompiledTraces {
  readonly #traces = new Map<string, Trace>();
  readonly #inputs: object;
  readonly #shapeless: boolean;
  readonly #operation: string;
  /** Of the last call: most that follow are like it, and a comparison is cheaper than a key. */
  #last: Kind | undefined;

  constructor(inputs: object, shapeless: boolean, operation: string) {
    this.#inputs = inputs;
    this.#shapeless = shapeless;
    this.#operation = operation;
  }

  /** Erases the traces when the function is collected. */
  eraseWith(fun: object): void {
    forgotten.register(fun, this.#traces);
  }

  /** The call of these arguments, with the trace that was made for their kind, or a new one. */
  find(args: readonly unknown[], side: string, transforms: Transforms): TracedCall {
    return this.#findAsLast(args, transforms) ?? this.#findByKey(args, side, transforms);
  }

  #findAsLast(args: readonly unknown[], transforms: Transforms): TracedCall | undefined {
    const last = this.#last;
    if (last === undefined || last.transforms !== transforms) return undefined;
    const given = flattenAlike(last.given, args);
    if (given === undefined) return undefined;
    const captured = captureAlike(last.captured, this.#inputs);
    const trace = this.#traces.get(last.key);
    if (captured === undefined || trace === undefined) return undefined;
    const leaves = [...given.leaves, ...captured.leaves];
    const isAlike = (leaf: Tensor, i: number): boolean => {
      const { dtype, shape } = last.leaves[i] as Kind['leaves'][number];
      if (leaf.dtype !== dtype) return false;
      return this.#shapeless ? leaf.ndim === shape.length : isSameShape(leaf.shape, shape);
    };
    if (!leaves.every(isAlike)) return undefined;
    touch(this.#traces, last.key, trace);
    return { trace, given: last.given, captured, leaves, own: given.leaves.length };
  }

  #findByKey(args: readonly unknown[], side: string, transforms: Transforms): TracedCall {
    const operation = this.#operation;
    const given = flattenTree(args, operation);
    const captured = captureTree(this.#inputs, operation);
    const leaves = [...given.leaves, ...captured.leaves];
    const kinds = leaves.map(({ dtype, shape }) => ({ dtype, shape }));
    const sizes = kinds.map(({ dtype, shape }) => `${dtype.code}:${this.#shapeless ? shape.length : shape.join('x')}`);
    const structures = [given, captured].map(({ structure }) => structureKey(structure, operation));
    const key = [side, ...structures, sizes.join()].join(';');
    const trace = this.#traces.get(key) ?? { id: nextId++, transforms, structure: undefined, results: 0, running: 0 };
    touch(this.#traces, key, trace);
    this.#last = { transforms, given: given.structure, captured: captured.structure, leaves: kinds, key };
    return { trace, given: given.structure, captured, leaves, own: given.leaves.length };
  }
}
