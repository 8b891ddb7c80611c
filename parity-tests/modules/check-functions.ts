import { core as mx, registry } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { treeFlatten, treeUnflatten } from '../../mlx/utils/index.ts';
import { snakeCase } from '../../registry/naming.ts';
import type { Argument, FunctionRow } from './activation-rows.ts';
import { on, pythonOptions } from './check.ts';
import { withFiles } from './files.ts';
import type {
  InitializerRow,
  LossInput,
  LossRow,
  OptimizerRow,
  ScheduleArgument,
  ScheduleRow,
} from './function-rows.ts';
import { differAny, drawn, type Pairs, score } from './outcome.ts';
import type { InputSpec, Options } from './rows.ts';

type Tensor = mx.Array;

const pythonFunction = registry.register<{ value: Tensor; gradients: Tensor[] }>({
  name: 'module_reference.function',
  python: 'module_reference:function',
});
const pythonInitializer = registry.register<Tensor>({
  name: 'module_reference.initializer',
  python: 'module_reference:initializer',
});
const pythonSchedule = registry.register<Tensor[]>({
  name: 'module_reference.schedule',
  python: 'module_reference:schedule',
});
const pythonOptimizer = registry.register<{ parameters: Pairs; state: Pairs; resumed: Pairs }>({
  name: 'module_reference.optimizer',
  python: 'module_reference:optimizer',
});

/** What native, and then Python with our own code, give, against what Python gives. Undefined where all agree. */
function onBoth(run: () => readonly Tensor[], expected: readonly Tensor[]): string | undefined {
  for (const side of ['native', 'python'] as const) {
    const difference = differAny(on(side, run), expected);
    if (difference !== undefined) return `${side}: ${difference}`;
  }
  return undefined;
}

/** The value of the function, and its gradients by the arrays of numbers. */
function valueAndGradients(fun: (...arrays: Tensor[]) => Tensor, inputs: readonly Tensor[]): Tensor[] {
  const floats = inputs.flatMap(({ dtype }, i) => (mx.issubdtype(dtype, mx.floating) ? [i] : []));
  const total = (...given: Tensor[]) => score([fun(...given)]);
  const gradients = mx.grad<Tensor | Tensor[]>(total as (...args: never[]) => unknown, floats)(...inputs);
  return [fun(...inputs), ...(Array.isArray(gradients) ? gradients : [gradients])];
}

export function checkFunction(
  row: FunctionRow,
  specs: readonly InputSpec[],
  args: readonly Argument[],
  seed: number,
): string | undefined {
  return mx.tidy(() => {
    mx.random.seed(seed);
    const inputs = specs.map(drawn) as Tensor[];
    const path = row.python ?? snakeCase(row.name);
    const python = pythonFunction(path, [...inputs, ...args]);
    const run = () => valueAndGradients((...arrays) => row.call(arrays, args), inputs);
    return onBoth(run, [python.value, ...python.gradients]);
  });
}

function lossInput({ shape, below, range }: LossInput): Tensor {
  if (below !== undefined) return mx.random.randint(0, below, shape, mx.int32);
  if (range === 'positive') return mx.random.uniform(0.1, 2, shape);
  if (range === 'probabilities') return mx.random.uniform(0.05, 0.95, shape);
  const normal = mx.random.normal(shape);
  return range === 'signs' ? mx.where(normal.greater(0), 1, -1).astype(mx.float32) : normal;
}

export function checkLoss(
  row: LossRow,
  options: Options,
  specs: readonly LossInput[],
  seed: number,
): string | undefined {
  return mx.tidy(() => {
    mx.random.seed(seed);
    const inputs = specs.map(lossInput);
    const loss = (nn.losses as unknown as Record<string, (...args: unknown[]) => Tensor>)[row.name];
    if (loss === undefined) return `nn.losses has no ${row.name}`;
    const python = pythonFunction(`nn.losses.${snakeCase(row.name)}`, inputs, pythonOptions(options));
    const run = () => valueAndGradients((...given) => loss(...given, options), inputs);
    return onBoth(run, [python.value, ...python.gradients]);
  });
}

export function checkInitializer(
  row: InitializerRow,
  args: readonly number[],
  shape: readonly number[],
  seed: number,
): string | undefined {
  return mx.tidy(() => {
    const array = mx.zeros(shape);
    const python = pythonInitializer(`nn.init.${snakeCase(row.name)}`, args, array, seed);
    const initializer = (nn.init as unknown as Record<string, (...args: unknown[]) => (array: Tensor) => Tensor>)[
      row.name
    ];
    if (initializer === undefined) return `nn.init has no ${row.name}`;
    return onBoth(() => {
      mx.random.seed(seed);
      return [initializer(...args)(array)];
    }, [python]);
  });
}

/** The schedule of that name; a list that begins with a name among the arguments is one. */
export function madeSchedule(name: string, args: readonly unknown[]): optimizers.Schedule {
  const read = (value: unknown): unknown => {
    if (!Array.isArray(value)) return value;
    return typeof value[0] === 'string' ? madeSchedule(value[0], value.slice(1)) : value.map(read);
  };
  const make = (optimizers as unknown as Record<string, (...args: unknown[]) => optimizers.Schedule>)[name];
  if (make === undefined) throw new Error(`optimizers has no ${name}`);
  return make(...args.map(read));
}

/** Names within arguments as Python has them. */
export function pythonArguments(args: readonly unknown[]): unknown[] {
  return args.map((value) =>
    Array.isArray(value) ? pythonArguments(value) : typeof value === 'string' ? snakeCase(value) : value,
  );
}

export function checkSchedule(row: ScheduleRow, args: readonly ScheduleArgument[]): string | undefined {
  return mx.tidy(() => {
    const steps = [0, 1, 2, 5, 10, 30];
    const python = pythonSchedule(snakeCase(row.name), pythonArguments(args), steps);
    const run = () => {
      const schedule = madeSchedule(row.name, args);
      return steps.map((step) => schedule(mx.array(step, mx.uint64)));
    };
    return onBoth(run, python);
  });
}

const SHAPES: readonly (readonly [string, readonly number[]])[] = [
  ['first.weight', [3, 4]],
  ['first.bias', [3]],
  ['layers.0.weight', [2, 3, 2]],
  ['layers.1.scale', [4]],
];
const STEPS = 10;

export function newOptimizer({ name, make }: OptimizerRow, options: Options): optimizers.Optimizer {
  if (make !== undefined) return make(options);
  const Class = (optimizers as unknown as Record<string, new (options: Options) => optimizers.Optimizer>)[name];
  if (Class === undefined) throw new Error(`optimizers has no ${name}`);
  return new Class(options);
}

function go(optimizer: optimizers.Optimizer, parameters: object, steps: readonly Pairs[]): object {
  return steps.reduce((now, step) => optimizer.applyGradients(treeUnflatten<object>(step), now), parameters);
}

function sorted(tree: object): Pairs {
  return treeFlatten<Tensor>(tree).sort(([a], [b]) => (a < b ? -1 : 1));
}

/**
 * Ten steps on both sides and in Python, whose state, written to a file after five steps by either, the other goes on
 * from. Undefined where all parameters and all states agree in every bit.
 */
export function checkOptimizer(row: OptimizerRow, options: Options, seed: number): string | undefined {
  const check = (here: string, there: string) => {
    mx.random.seed(seed);
    const draw = (): Pairs => SHAPES.map(([path, shape]) => [path, mx.random.normal(shape)]);
    const weights = draw();
    const gradients = Array.from({ length: STEPS }, draw);
    const [first, second] = [gradients.slice(0, STEPS / 2), gradients.slice(STEPS / 2)];
    const between = on('native', () => {
      const optimizer = newOptimizer(row, options);
      const parameters = go(optimizer, treeUnflatten<object>(weights), first);
      mx.saveSafetensors(here, Object.fromEntries(treeFlatten<Tensor>(optimizer.state)));
      return parameters;
    });
    const path = row.python ?? `optimizers.${row.name}`;
    const python = pythonOptimizer(path, pythonOptions(options), weights, gradients, here, there);
    const resumed = on('native', () => {
      const optimizer = newOptimizer(row, options);
      optimizer.state = treeUnflatten<optimizers.OptimizerState>(mx.load(there) as Record<string, Tensor>);
      return sorted(go(optimizer, between, second));
    });
    const byPython = sorted(treeUnflatten<object>(python.resumed));
    const afterFiles = differAny(
      [...resumed, ...byPython].map(([, array]) => array),
      [...byPython, ...sorted(treeUnflatten<object>(python.parameters))].map(([, array]) => array),
    );
    if (afterFiles !== undefined) return `with the state of a file: ${afterFiles}`;
    const expected = [python.parameters, python.state].map((pairs) => sorted(treeUnflatten<object>(pairs)));
    const names = expected.map((pairs) => pairs.map(([path]) => path));
    const run = () => {
      const optimizer = newOptimizer(row, options);
      const parameters = go(optimizer, treeUnflatten<object>(weights), gradients);
      const own = [sorted(parameters), sorted(optimizer.state)];
      const found = own.map((pairs) => pairs.map(([path]) => path));
      if (String(found) !== String(names)) throw new Error(`named ${String(found)} and ${String(names)}`);
      return own.flat().map(([, array]) => array);
    };
    return onBoth(
      run,
      expected.flat().map(([, array]) => array),
    );
  };
  return withFiles((here, there) => mx.tidy(() => check(here, there)));
}
