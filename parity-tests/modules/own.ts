import fc from 'fast-check';
import { ArgumentError } from '../../foundation/errors/errors.ts';
import { core as mx, registry } from '../../mlx/index.ts';
import { newModule } from '../../mlx/nn/register-module.ts';
import { checkedOptions } from '../../registry/arguments/options.ts';
import { difference, drawn, type Layer, outcomeOf } from './outcome.ts';
import { firstDifference } from './property.ts';
import type { InputSpec, Options } from './rows.ts';
import type { RowReport } from './run.ts';

/** How parity makes and calls a class of modules of the user's own. */
export interface OwnModule {
  /** Lists of the constructor's positional arguments. */
  readonly arguments: fc.Arbitrary<readonly unknown[]>;
  /** Its keywords. */
  readonly keywords?: fc.Arbitrary<Options>;
  /** Shapes of what `forward` takes, for those arguments: normal numbers, or integers below `below`. */
  readonly inputs: (args: readonly unknown[], keywords: Options) => fc.Arbitrary<readonly InputSpec[]>;
}

interface Case {
  readonly args: readonly unknown[];
  readonly keywords: Options;
  readonly inputs: readonly InputSpec[];
  readonly seed: number;
  readonly training: boolean;
}

const own = new Map<string, OwnModule>();

/** Says how a registered class of modules is made and called, for `checkModule` and for `mlx-router parity --modules`. */
export function modules(name: string, given: OwnModule): void {
  checkedOptions<OwnModule>(given, ['arguments', 'keywords', 'inputs'], 'parity.modules');
  if (registry.find(name)?.module !== 'create') {
    throw new ArgumentError('parity.modules: expected the name of a class added by registry.registerModule', {
      operation: name,
    });
  }
  own.set(name, given);
}

export function ownModules(): string[] {
  return [...own.keys()];
}

/**
 * Makes modules of that class on both sides, from the same random numbers, and compares their parameters, what they give,
 * and the gradients by parameters and inputs, in every bit.
 *
 * @throws ArgumentError where the class has only one side, or `parity.modules` has not said how it is made.
 */
export function checkModule(name: string, options: { runs?: number; seed?: number } = {}): RowReport {
  const { runs = 100, seed = 1 } = checkedOptions<{ runs?: number; seed?: number }>(
    options,
    ['runs', 'seed'],
    'parity.checkModule',
  );
  const described = own.get(name);
  if (described === undefined) {
    throw new ArgumentError('parity.checkModule: say how its modules are made with parity.modules', {
      operation: name,
    });
  }
  const operation = registry.find(name);
  if (operation?.python === null || operation?.nativeReason !== undefined) {
    throw new ArgumentError('parity.checkModule: the class needs both a Python class and a port', { operation: name });
  }
  const start = performance.now();
  const { runs: made, failure } = firstDifference(cases(described), (drawnCase) => differenceOf(name, drawnCase), {
    numRuns: runs,
    seed,
  });
  const milliseconds = Math.round(performance.now() - start);
  return { kind: 'layer', name, runs: made, trainings: 0, wrongCalls: 0, failure, reasons: [], milliseconds };
}

/** As `checkModule`; throws an Error with the first difference in words, for tests. */
export function assertModule(name: string, options: { runs?: number; seed?: number } = {}): RowReport {
  const report = checkModule(name, options);
  if (report.failure !== null) {
    throw new Error(`${name} differs from Python's: ${report.failure.difference}\n${report.failure.sample}`);
  }
  return report;
}

function cases(described: OwnModule): fc.Arbitrary<Case> {
  return fc.tuple(described.arguments, described.keywords ?? fc.constant({})).chain(([args, keywords]) =>
    fc.record({
      args: fc.constant(args),
      keywords: fc.constant(keywords),
      inputs: described.inputs(args, keywords),
      seed: fc.nat(1_000_000),
      training: fc.boolean(),
    }),
  );
}

function differenceOf(name: string, { args, keywords, inputs, ...conditions }: Case): string | undefined {
  const given = Object.keys(keywords).length === 0 ? args : [...args, keywords];
  return mx.tidy(() => {
    mx.random.seed(conditions.seed + 1);
    const arrays = inputs.map(drawn);
    // How a port is printed is its own affair.
    const on = (side: 'native' | 'python') => {
      const make = () => newModule(name, given) as Layer;
      return { ...mx.withImplementation(side, () => outcomeOf(make, conditions, arrays)), text: '' };
    };
    const found = difference(on('native'), on('python'));
    return found === undefined ? undefined : `the port and Python: ${found}`;
  });
}
