import {
  type Family,
  type Namespace,
  type NativeBinding,
  type Operation,
  qualifiedName,
  type ResultKind,
} from '../operation.ts';
import type { Parameter } from '../parameters.ts';
import type { DtypeSet, Generator, Sample, ValueSet } from '../sample.ts';
import { gradientOf } from './gradients.ts';

/** What a row may leave out is Python's own path, the C function of the same name, one tensor as the result. */
export interface Row {
  readonly doc: string;
  readonly sample: Sample;
  readonly result?: ResultKind;
  readonly returns?: string;
  readonly returnsBy?: string;
  readonly method?: boolean;
  readonly python?: string;
  readonly native?: NativeBinding;
  /** Why it is not ported: a row with a reason has no native implementation. */
  readonly nativeReason?: string;
  /** Why Python cannot run it: a row with a reason has no Python implementation. */
  readonly pythonReason?: string;
  readonly aliases?: readonly string[];
}

/** The rows of one family: `const op = family('linalg', 'linalg')`, then `op('svd', [array('a'), …], { … })`. */
export function family(name: Family, namespace: Namespace = '') {
  return (operation: string, parameters: readonly Parameter[], row: Row): Operation => ({
    name: operation,
    namespace,
    family: name,
    parameters,
    result: row.result ?? 'array',
    ...(row.returns === undefined ? {} : { returns: row.returns }),
    ...(row.returnsBy === undefined ? {} : { returnsBy: row.returnsBy }),
    doc: row.doc,
    python: row.pythonReason === undefined ? (row.python ?? pythonPath(namespace, operation)) : null,
    native: row.nativeReason === undefined ? (row.native ?? cName(namespace, operation)) : null,
    ...(row.nativeReason === undefined ? {} : { nativeReason: row.nativeReason }),
    ...(row.pythonReason === undefined ? {} : { pythonReason: row.pythonReason }),
    ...(row.aliases === undefined ? {} : { aliases: row.aliases }),
    method: row.method ?? false,
    sample: row.sample,
    gradient: gradientOf(qualifiedName({ name: operation, namespace }), parameters, row.sample),
  });
}

/** How parity samples a row: `sample('broadcast', 'numeric', 'any')`. */
export function sample(
  generator: Generator,
  dtypes: DtypeSet = 'float',
  values: ValueSet = 'any',
  tolerance?: Sample['tolerance'],
): Sample {
  return {
    generator,
    dtypes,
    values,
    ...(tolerance === undefined ? {} : { tolerance }),
  };
}

/** As `sample`, for a generator written for the one operation, with what it must keep to. */
export function special(constraint: string, dtypes: DtypeSet = 'float', values: ValueSet = 'any'): Sample {
  return { generator: 'special', dtypes, values, constraint };
}

function pythonPath(namespace: Namespace, name: string): string {
  return `mlx.core:${namespace === '' ? name : `${namespace}.${name}`}`;
}

function cName(namespace: Namespace, name: string): string {
  return namespace === '' ? name : `${namespace}_${name}`;
}
