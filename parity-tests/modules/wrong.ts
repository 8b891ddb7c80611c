import { MlxRouterError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { core as mx, registry } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { snakeCase } from '../../registry/naming.ts';
import { FUNCTIONS } from './activation-rows.ts';
import { newLayer, on, pythonOptions, pythonPath } from './check.ts';
import { madeSchedule, newOptimizer, pythonArguments } from './check-functions.ts';
import { OPTIMIZERS } from './function-rows.ts';
import { differAny, drawn, outputsOf } from './outcome.ts';
import { LAYERS } from './rows.ts';
import type { ModuleKind } from './run.ts';
import type { WrongCall, WrongInput } from './wrong-calls.ts';
import { hasReason } from './wrong-reasons.ts';

type Tensor = mx.Array;

/** How a call ended in Python: with results, or with an exception of that class. */
interface Attempt {
  readonly results: Tensor[];
  /** Empty where there was none. */
  readonly error: string;
}

const attempt = registry.register<Attempt>({
  name: 'module_reference.attempt',
  python: 'module_reference:attempt',
});

/** The errors with which this library refuses a call; all others are faults. */
const REFUSALS = ['ERR_MLX_ARGUMENT', 'ERR_MLX_OPERATION'];

function drawnWrong(spec: WrongInput | null): Tensor | null {
  const array = drawn(spec);
  return array === null || spec?.dtype === undefined ? array : array.multiply(3).astype(mx[spec.dtype]);
}

function pathOf(kind: ModuleKind, name: string): string {
  const short = name.split('.').at(-1) as string;
  if (kind === 'layer') return pythonPath(LAYERS.find((row) => row.name === short) as { name: string });
  if (kind === 'function') return FUNCTIONS.find((row) => row.name === name)?.python ?? snakeCase(name);
  if (kind === 'optimizer') return OPTIMIZERS.find((row) => row.name === short)?.python ?? name;
  return snakeCase(kind === 'schedule' ? short : name);
}

/** The same call here: what makes something first, and then what that does with the arrays. */
function here(kind: ModuleKind, name: string, { options, args, training }: WrongCall) {
  const short = name.split('.').at(-1) as string;
  const given = Object.keys(options).length === 0 ? [] : [options];
  switch (kind) {
    case 'layer': {
      const row = LAYERS.find((own) => own.name === short);
      const layer = newLayer(row as (typeof LAYERS)[number], options).train(training) as ReturnType<typeof newLayer>;
      return (inputs: readonly unknown[]) => outputsOf(layer.forward(...inputs));
    }
    case 'function': {
      const row = FUNCTIONS.find((own) => own.name === name) as (typeof FUNCTIONS)[number];
      return (inputs: readonly unknown[]) => [row.call(inputs as Tensor[], args as never)];
    }
    case 'loss': {
      const loss = (nn.losses as unknown as Record<string, (...all: unknown[]) => Tensor>)[short];
      return (inputs: readonly unknown[]) => [loss?.(...inputs, ...given) as Tensor];
    }
    case 'initializer': {
      const make = (nn.init as unknown as Record<string, (...all: unknown[]) => (array: unknown) => Tensor>)[short];
      const initializer = make?.(...args);
      return ([array]: readonly unknown[]) => [initializer?.(array) as Tensor];
    }
    case 'schedule': {
      const schedule = madeSchedule(short, args);
      return () => [schedule(mx.array(3, mx.uint64))];
    }
    case 'optimizer': {
      const row = OPTIMIZERS.find((own) => own.name === short) as (typeof OPTIMIZERS)[number];
      const optimizer = newOptimizer(row, options);
      return ([parameter, gradient]: readonly unknown[]) => {
        const bias = mx.full([3], 0.5);
        const gradients = gradient === undefined ? { bias } : { bias, weight: gradient };
        const parameters = { bias: mx.ones([3]), weight: parameter };
        const changed = Object.entries(optimizer.applyGradients(gradients, parameters) as Record<string, Tensor>);
        return changed.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, array]) => array);
      };
    }
  }
}

type Ours = { readonly results: Tensor[] } | { readonly error: unknown };

function attemptHere(
  side: 'native' | 'python',
  kind: ModuleKind,
  name: string,
  call: WrongCall,
  inputs: readonly unknown[],
  seed: number,
): Ours {
  try {
    return on(side, () => {
      mx.random.seed(seed);
      const run = here(kind, name, call);
      const results = run(inputs);
      mx.eval(results);
      return { results };
    });
  } catch (error) {
    return { error };
  }
}

const SEED = 7;

/** Makes the wrong call on native, on Python, and with Python's own. Undefined where all agree, or differ for a reason. */
export function checkWrong(kind: ModuleKind, name: string, call: WrongCall): string | undefined {
  return mx.tidy(() => {
    mx.random.seed(SEED + 1);
    const inputs = call.inputs.map(drawnWrong);
    const args = pythonArguments(call.args);
    const options = pythonOptions(call.options);
    const python = attempt(kind, pathOf(kind, name), args, options, inputs, call.training, SEED);
    for (const side of ['native', 'python'] as const) {
      const own = attemptHere(side, kind, name, call, inputs, SEED);
      const difference = differenceOf(own, python, name, call);
      if (difference !== undefined) return `${side}, ${call.what}: ${difference}`;
    }
    return undefined;
  });
}

/** What is wrong with how the call ended here, beside how it ended in Python. */
export function differenceOf(own: Ours, python: Attempt, name: string, { what }: WrongCall): string | undefined {
  const isMeant = (taken: Parameters<typeof hasReason>[2]) => hasReason(name, what, taken);
  if ('error' in own) {
    const { error } = own;
    if (!(error instanceof MlxRouterError) || !REFUSALS.includes(error.code)) {
      return `an error that is not for its caller: ${messageOf(error)}`;
    }
    return python.error !== '' || isMeant('Python') ? undefined : `only refused here: ${messageOf(error)}`;
  }
  if (python.error !== '') return isMeant('here') ? undefined : `only refused by Python: ${python.error}`;
  const difference = differAny(own.results, python.results);
  return difference === undefined || isMeant('both') ? undefined : difference;
}
