/// <reference types="node" preserve="true" />
import fc from 'fast-check';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { internals } from '../mlx/index.ts';
import { checkedOptions } from '../registry/arguments/options.ts';
import type { DtypeSet, ValueSet } from '../registry/sample.ts';
import { anyDtype } from './arbitraries/dtypes.ts';
import { shapes } from './arbitraries/shapes.ts';
import { tensor } from './arbitraries/tensors.ts';
import type { TensorRecipe } from './call.ts';
import { checkOperation } from './check.ts';
import type { OperationReport } from './operation-report.ts';
import { ownCalls } from './own.ts';
import { failureText } from './report/text.ts';
import { hasBothSides } from './sides.ts';

export { assertModule, checkModule, modules, type OwnModule } from './modules/own.ts';
export { calls, type OwnCalls } from './own.ts';

export interface ArrayOptions {
  /** A fixed shape; otherwise one of `minRank` to `maxRank` dimensions. */
  readonly shape?: readonly number[];
  /** 0 by default. */
  readonly minRank?: number;
  /** 4 by default. */
  readonly maxRank?: number;
  /** The least length of a dimension: 0 by default, so that empty arrays come, too. */
  readonly minSize?: number;
  /** The greatest length of a dimension, 5 by default. */
  readonly maxSize?: number;
  /** `'float32'` by default. */
  readonly dtypes?: DtypeSet;
  /** `'finite'` by default; `'any'` has NaN, infinities, -0 and subnormals. */
  readonly values?: ValueSet;
}

/** Arrays for the arguments of a call, in every memory layout: contiguous, transposed, sliced, broadcast. */
export function array(options: ArrayOptions = {}): fc.Arbitrary<TensorRecipe> {
  const {
    shape,
    dtypes = 'float32',
    values = 'finite',
    ...limits
  } = checkedOptions<ArrayOptions>(
    options,
    ['shape', 'minRank', 'maxRank', 'minSize', 'maxSize', 'dtypes', 'values'],
    'parity.array',
  );
  const anyShape = shape === undefined ? shapes(limits) : fc.constant([...shape]);
  return fc.tuple(anyShape, anyDtype(dtypes)).chain(([chosen, dtype]) => tensor(chosen, dtype, values));
}

export interface CheckOptions {
  /** 100 by default. */
  readonly runs?: number;
  /** 1 by default; another seed makes other calls. */
  readonly seed?: number;
}

/**
 * Runs calls of one operation on both backends and compares structure, shape, dtype and every bit of the results.
 *
 * @returns the report, whose `failures` have the smallest call that differs as a program in both languages.
 * @throws ArgumentError where the operation has only one side, or no function makes its calls.
 */
export function check(name: string, options: CheckOptions = {}): OperationReport {
  const { runs = 100, seed = 1 } = checkedOptions<CheckOptions>(options, ['runs', 'seed'], 'parity.check');
  const operation = internals.router.prepare(name).operation;
  if (!hasBothSides(operation)) {
    throw new ArgumentError('parity.check: the operation needs both a Python function and a port', { operation: name });
  }
  if (operation.sample.generator === 'none' && ownCalls(name) === undefined) {
    throw new ArgumentError('parity.check: say how its calls are made with parity.calls', { operation: name });
  }
  return checkOperation(operation, { runs, seed });
}

/** As `check`; throws an Error with the failure in words, for tests. */
export function assert(name: string, options: CheckOptions = {}): OperationReport {
  const report = check(name, options);
  const [failure] = report.failures;
  if (failure !== undefined) throw new Error(failureText(report, failure));
  return report;
}
