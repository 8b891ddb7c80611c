import type { Precondition } from './arguments/preconditions/precondition.ts';
import type { Gradient } from './gradient.ts';
import type { Parameter } from './parameters.ts';
import type { Sample, TransformLimit } from './sample.ts';

export const FAMILIES = [
  'creation',
  'unary',
  'binary',
  'reduction',
  'shape',
  'indexing',
  'sorting',
  'linalg',
  'fft',
  'random',
  'conv',
  'quantized',
  'fast',
  'io',
  'transform',
  'memory',
  'stream',
  'distributed',
  'user',
  'model',
] as const;
export type Family = (typeof FAMILIES)[number];

/** The submodule of `mlx.core` that holds the operation; '' is `mlx.core` itself. */
export type Namespace = (typeof NAMESPACES)[number];
export const NAMESPACES = ['', 'linalg', 'fft', 'random', 'fast', 'distributed'] as const;

/**
 * How the native backend gets an operation:
 * a C function of mlx-c by its name without `mlx_`, whose arguments are the parameters in order;
 * or one chosen by the axis given (none: null, one: a number, many: a list), the axis left out where it is null;
 * or a lowering: TypeScript in `native-backend/lowerings` over the C functions named here.
 */
export type NativeBinding =
  | string
  | { readonly axis: string; readonly none?: string; readonly one?: string; readonly many?: string }
  | { readonly lowering: readonly string[] };

/** `array`: one tensor; `arrays`: a list of them; `any`: a tree, or plain data. */
export type ResultKind = 'array' | 'arrays' | 'any';

/** One row of the catalogue. Everything else about an operation is derived from it. */
export interface Operation {
  /** Python's own name, in snake_case. */
  readonly name: string;
  readonly namespace: Namespace;
  readonly family: Family;
  readonly parameters: readonly Parameter[];
  /** Takes any keyword besides: a backend receives them as one object behind the parameters' values. */
  readonly anyKeyword?: boolean;
  readonly result: ResultKind;
  /** The TypeScript type of the result, where `result` says too little: `[array, array]`. */
  readonly returns?: string;
  /** The parameter whose own type `returns` mentions, by the parameter's name in PascalCase. */
  readonly returnsBy?: string;
  /** One sentence. */
  readonly doc: string;
  /** Lines of a program that shows it, for the page of its family; what they print stands in their comments. */
  readonly example?: readonly string[];
  /** Dotted Python path of the function, `module:attribute` as in entry points. null: no Python implementation. */
  readonly python: string | null;
  readonly native: NativeBinding | null;
  /** Why `native` is null. */
  readonly nativeReason?: string;
  /** Why `python` is null. */
  readonly pythonReason?: string;
  /** Other names of the same function, in snake_case. */
  readonly aliases?: readonly string[];
  /** A user's: gives the same for the same arguments and does nothing else, so it may run again after a crash. */
  readonly pure?: boolean;
  /** Of a module that a user adds: the call that makes one, under the module's name, and the one that runs one. */
  readonly module?: 'create' | 'forward';
  /** Also a method of `mx.array`. */
  readonly method: boolean;
  /** The method also takes the numbers of its list one by one: `x.reshape(2, 3)`. */
  readonly variadicMethod?: boolean;
  /** Python's special method that `a + b` calls: `__add__`. A method of `mx.array` here, named after the operation. */
  readonly operator?: `__${string}__`;
  /** Also a method that gives its array the result, `a.add_(b)`, where the array has one of these dtypes. */
  readonly inPlace?: 'all' | 'inexact';
  readonly sample: Sample;
  /** What a call has to fulfil before MLX may see it. */
  readonly preconditions?: readonly Precondition[];
  /** Absent: not known, as of a user's operation. */
  readonly gradient?: Gradient;
  /** Between which numbers it is smooth, if not between -2 and 2. */
  readonly domain?: readonly [number, number];
  /** MLX computes float64 in single precision too. */
  readonly precision?: 'single';
  /** In which of its transforms MLX gives something else than it should. */
  readonly limits?: readonly TransformLimit[];
  /**
   * Why its tensors may not be replaced by others of a wrong shape or dtype: MLX reads or writes out of bounds then, and
   * the answer is chance, or the end of the process. Tests still try other wrong arguments.
   */
  readonly hazard?: string;
}

/** `linalg.svd`: how configuration, telemetry and reports name an operation. */
export function qualifiedName(operation: Pick<Operation, 'name' | 'namespace'>): string {
  return operation.namespace === '' ? operation.name : `${operation.namespace}.${operation.name}`;
}
