import { core as mx, registry } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import * as optimizers from '../../mlx/optimizers/index.ts';
import { treeFlatten, treeUnflatten } from '../../mlx/utils/index.ts';
import { differ, pythonOptions, score, snakeCase } from './check.ts';
import type { InitializerRow, LossInput, LossRow, OptimizerRow, ScheduleRow } from './function-rows.ts';
import type { Options } from './rows.ts';

type Tensor = mx.Array;
type Pairs = [string, Tensor][];

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
const pythonOptimizer = registry.register<{ parameters: Pairs; state: Pairs }>({
  name: 'module_reference.optimizer',
  python: 'module_reference:optimizer',
});

/** What native, and then Python with our own code, give, against what Python gives. Undefined where all agree. */
function onBoth(run: () => readonly Tensor[], expected: readonly Tensor[]): string | undefined {
  for (const side of ['native', 'python'] as const) {
    const found = mx.withImplementation(side, run);
    if (found.length !== expected.length) return `${side}: ${found.length} arrays, and Python ${expected.length}`;
    for (const [i, array] of found.entries()) {
      const difference = differ(array, expected[i] as Tensor);
      if (difference !== undefined) return `${side}, array ${i}: ${difference}`;
    }
  }
  return undefined;
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
    const floats = inputs.flatMap(({ dtype }, i) => (mx.issubdtype(dtype, mx.floating) ? [i] : []));
    const run = () => {
      const fun = (...given: unknown[]) => score([loss(...given, options)]);
      const gradients = mx.grad<Tensor | Tensor[]>(fun as (...args: never[]) => unknown, floats)(...inputs);
      return [loss(...inputs, options), ...(Array.isArray(gradients) ? gradients : [gradients])];
    };
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

export function checkSchedule(row: ScheduleRow, args: readonly number[]): string | undefined {
  return mx.tidy(() => {
    const steps = [0, 1, 2, 5, 10, 30];
    const python = pythonSchedule(`optimizers.${snakeCase(row.name)}`, args, steps);
    const schedule = (optimizers as unknown as Record<string, (...args: unknown[]) => optimizers.Schedule>)[row.name];
    if (schedule === undefined) return `optimizers has no ${row.name}`;
    return onBoth(() => steps.map((step) => schedule(...args)(mx.array(step, mx.uint64))), python);
  });
}

const SHAPES: readonly (readonly [string, readonly number[]])[] = [
  ['first.weight', [3, 4]],
  ['first.bias', [3]],
  ['layers.0.weight', [2, 3, 2]],
  ['layers.1.scale', [4]],
];
const STEPS = 10;

export function checkOptimizer(row: OptimizerRow, options: Options, seed: number): string | undefined {
  return mx.tidy(() => {
    mx.random.seed(seed);
    const draw = (): Pairs => SHAPES.map(([path, shape]) => [path, mx.random.normal(shape)]);
    const weights = draw();
    const gradients = Array.from({ length: STEPS }, draw);
    const python = pythonOptimizer(`optimizers.${row.name}`, pythonOptions(options), weights, gradients);
    const Class = (optimizers as unknown as Record<string, new (options: Options) => optimizers.Optimizer>)[row.name];
    if (Class === undefined) return `optimizers has no ${row.name}`;
    const names = [python.parameters, python.state].map((pairs) => pairs.map(([path]) => path).sort());
    const sorted = (pairs: Pairs) => [...pairs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, array]) => array);
    const run = () => {
      const optimizer = new Class(options);
      let parameters = treeUnflatten<object>(weights);
      for (const step of gradients) parameters = optimizer.applyGradients(treeUnflatten<object>(step), parameters);
      const own = [treeFlatten<Tensor>(parameters), treeFlatten<Tensor>(optimizer.state)] as const;
      const found = own.map((pairs) => pairs.map(([path]) => path).sort());
      if (String(found) !== String(names)) throw new Error(`named ${String(found)} and ${String(names)}`);
      return own.flatMap(sorted);
    };
    return onBoth(run, [...sorted(python.parameters), ...sorted(python.state)]);
  });
}
