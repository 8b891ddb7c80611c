import { ArgumentError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions, refuseMore } from '../../registry/arguments/options.ts';
import { router } from '../../runtime/runtime.ts';
import { scoped } from '../evaluation/scoped.ts';

/** How arrays are printed, by `toString`, `console.log` and `mx.printoptions`. */
export interface PrintOptions {
  /** How many decimals; -1 is MLX's own way: up to six significant digits. */
  readonly precision: number;
}

const MOST_DECIMALS = 1000;

function checked(options: unknown, operation: string): number {
  const isNumber = typeof options === 'number';
  const precision = isNumber ? options : checkedOptions<PrintOptions>(options, ['precision'], operation).precision;
  if (precision === undefined) return -1;
  if (Number.isInteger(precision) && (precision as number) >= -1 && (precision as number) <= MOST_DECIMALS) {
    return precision as number;
  }
  throw new ArgumentError(
    `expected an integer from -1 to ${MOST_DECIMALS} for "precision", received ${describeValue(precision)}`,
    { operation },
  );
}

/** Prints arrays with so many decimals from now on, on both backends; without an argument in MLX's own way again. */
export function setPrintoptions(options: Partial<PrintOptions> | number = {}, ...more: never[]): void {
  refuseMore(more, 'mx.setPrintoptions');
  router.printPrecision = checked(options, 'mx.setPrintoptions');
}

export function getPrintoptions(): PrintOptions {
  return { precision: router.printPrecision };
}

/** What `mx.printoptions` gives: ends the scope, through `using` or by hand. */
export interface PrintScope extends Disposable {
  end(): void;
}

/**
 * Prints arrays with so many decimals until the scope ends: `using scope = mx.printoptions({ precision: 3 })`, or for
 * the length of a synchronous function.
 */
export function printoptions(options: Partial<PrintOptions> | number): PrintScope;
export function printoptions<T>(options: Partial<PrintOptions> | number, run: () => T): T;
export function printoptions<T>(
  options: Partial<PrintOptions> | number,
  run?: () => T,
  ...more: never[]
): PrintScope | T {
  const operation = 'mx.printoptions';
  const precision = checked(options, operation);
  refuseMore(more, operation);
  return scoped(operation, run, () => {
    const before = router.printPrecision;
    router.printPrecision = precision;
    return () => {
      router.printPrecision = before;
    };
  });
}
