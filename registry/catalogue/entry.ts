import type { Family, Namespace, NativeBinding, Operation } from '../operation.ts';
import type { Parameter } from '../parameters.ts';
import type { DtypeSet, Generator, Sample, SpecialGenerator, ValueSet } from '../sample.ts';
import { usualGradient } from './gradients.ts';

/** What `family` and `op` are given for an operation already, and what a row writes in a way of its own. */
type Apart = 'name' | 'namespace' | 'family' | 'parameters' | 'python' | 'native' | 'doc' | 'sample';

/**
 * What a row may leave out is Python's own path, the C function of the same name, one tensor as the result. A row with a
 * `nativeReason` has no native implementation, one with a `pythonReason` none in Python.
 */
export interface Row extends Pick<Operation, 'doc' | 'sample'>, Partial<Omit<Operation, Apart>> {
  readonly python?: string;
  readonly native?: NativeBinding;
}

/** The rows of one family: `const op = family('linalg', 'linalg')`, then `op('svd', [array('a'), …], { … })`. */
export function family(name: Family, namespace: Namespace = '') {
  return (operation: string, parameters: readonly Parameter[], row: Row): Operation => ({
    result: 'array',
    method: false,
    gradient: usualGradient(parameters, row.sample),
    ...row,
    name: operation,
    namespace,
    family: name,
    parameters,
    python: row.pythonReason === undefined ? (row.python ?? pythonPath(namespace, operation)) : null,
    native: row.nativeReason === undefined ? (row.native ?? cName(namespace, operation)) : null,
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

/** As `sample`, for a generator written for the one operation, with what it keeps to. */
export function special(
  generator: SpecialGenerator,
  constraint: string,
  dtypes: DtypeSet = 'float',
  values: ValueSet = 'any',
): Sample {
  return { generator, dtypes, values, constraint };
}

function pythonPath(namespace: Namespace, name: string): string {
  return `mlx.core:${namespace === '' ? name : `${namespace}.${name}`}`;
}

function cName(namespace: Namespace, name: string): string {
  return namespace === '' ? name : `${namespace}_${name}`;
}
