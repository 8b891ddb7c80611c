import { type BuiltInBackend, MlxRouterError } from '../../foundation/errors/errors.ts';
import { isInexact } from '../../foundation/values/dtypes.ts';
import { core as mx, registry } from '../../mlx/index.ts';
import { disregard } from '../../registry/arguments/promises.ts';
import { camelCase } from '../../registry/naming.ts';
import { qualifiedName } from '../../registry/operation.ts';
import { mapRecipes, recipesOf, type TensorRecipe } from '../call.ts';
import type { Outcome } from '../compare.ts';
import { build, contents } from '../sides.ts';
import { halved, outputsOf, weights } from '../transforms/native.ts';
import { fitted, type Known } from './fit.ts';
import type { CallStep, Effect, Program, Step, WrapperStep } from './program.ts';

type Tensor = mx.Array;
/** What a step gave; empty for one that failed, or has no result. */
type Slot = readonly Tensor[];

/** How a program is run. */
export interface Mode {
  /** The side of a step at the top; all of a transform's body goes there. */
  readonly sideOf: (step: number) => BuiltInBackend;
  /** Shapes and dtypes from another run, so that none is asked for, which a pipeline would have to wait for. */
  readonly known?: readonly (readonly Known[])[];
  readonly pipeline?: boolean;
  /** Steps that were refused at once in another run: what they give here is left alone. */
  readonly refused?: readonly boolean[];
  readonly onStep?: (step: number) => void;
}

export interface Run {
  /** Of each step at the top: what its call gave at once, then what its results hold when they are read at the end. */
  readonly outcomes: readonly Outcome[];
  readonly known: readonly (readonly Known[])[];
  readonly refused: readonly boolean[];
}

function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof Error)) return { kind: 'error', name: typeof error, code: null, message: String(error) };
  const { name, message } = error;
  return { kind: 'error', name, code: error instanceof MlxRouterError ? error.code : null, message };
}

const NONE: Outcome = { kind: 'result', contents: { kind: 'plain', value: undefined } };

class Runner {
  readonly side: () => BuiltInBackend;
  constructor(side: () => BuiltInBackend) {
    this.side = side;
  }

  call(
    { call, sources }: CallStep,
    slots: readonly Slot[],
    known?: (at: number) => readonly Known[] | undefined,
  ): Slot {
    const tensors = new Map<TensorRecipe, Tensor>();
    recipesOf(call).forEach((recipe, i) => {
      const source = sources[i] ?? null;
      const at = source === null ? -1 : slots.length - 1 - (source.back % Math.max(slots.length, 1));
      const value = slots[at]?.[0];
      if (value === undefined || source === null) tensors.set(recipe, build(this.side(), recipe));
      else if (source.raw) tensors.set(recipe, value);
      else tensors.set(recipe, fitted(value, known?.(at)?.[0] ?? { shape: value.shape, dtype: value.dtype }, recipe));
    });
    const make = (value: unknown) => mapRecipes(value, (recipe) => tensors.get(recipe));
    const keywords = Object.fromEntries(
      Object.entries(call.keywords).map(([name, value]) => [camelCase(name), make(value)]),
    );
    return outputsOf(registry.call(qualifiedName(call.operation), ...call.positional.map(make), keywords));
  }

  /** The steps in a function: the first that fails ends it. */
  body(steps: readonly Step[], slots: readonly Slot[]): Slot[] {
    const all = [...slots];
    for (const step of steps) all.push(this.step(step, all));
    return all;
  }

  step(step: Step, slots: readonly Slot[]): Slot {
    switch (step.kind) {
      case 'call':
        return this.call(step, slots);
      case 'wrapper':
        return this.wrapper(step, slots);
      case 'effect':
        effectNow(step.effect, valueAt(slots, step.back));
        return [];
    }
  }

  wrapper(step: WrapperStep, outer: readonly Slot[]): Slot {
    const { wrapper, body } = step;
    const inputs = step.inputs.map((back) => valueAt(outer, back) ?? mx.array([1.5, -2]));
    const f = (...given: Tensor[]): Tensor[] => {
      const before = [...outer, ...given.map((tensor) => [tensor])];
      const after = this.body(body, before).slice(before.length);
      return step.outputs.map((back) => valueAt(after, back) ?? (given[0] as Tensor));
    };
    const loss = (...given: Tensor[]): Tensor =>
      f(...given)
        .map((output) => mx.sum(mx.astype(output.dtype.kind === 'complex' ? mx.real(output) : output, mx.float32)))
        .reduce((sum, next) => mx.add(sum, next));
    const argnums = inputs.map((_, i) => i);
    switch (wrapper) {
      case 'grad':
        return outputsOf(mx.grad(loss, { argnums })(...inputs.map(inexact)));
      case 'valueAndGrad':
        return outputsOf(mx.valueAndGrad(loss, { argnums })(...inputs.map(inexact)));
      case 'vjp': {
        const primals = inputs.map(inexact);
        return mx.vjp(f, primals, f(...primals).map(weights)).flat() as Tensor[];
      }
      case 'jvp': {
        const primals = inputs.map(inexact);
        return mx.jvp(f, primals, primals.map(weights)).flat() as Tensor[];
      }
      case 'vmap': {
        const axes = inputs.map((input, i): number | null => {
          const axis = step.axes[i] ?? null;
          return axis === null ? null : axis % (input.ndim + 1);
        });
        if (!axes.some((axis) => axis !== null)) axes[0] = 0;
        const mapped = inputs.map((input, i) =>
          axes[i] === null ? input : mx.stack([input, halved(input)], { axis: axes[i] as number }),
        );
        return mx.vmap(f, axes)(...mapped) as Tensor[];
      }
      case 'checkpoint':
        return mx.checkpoint(f)(...inputs);
      case 'customFunction':
        return mx.customFunction(f)(...inputs);
      case 'customVjp':
        return mx
          .customFunction(f)
          .vjp((primals: Tensor | Tensor[]) => [primals].flat().map((primal) => mx.multiply(primal, 2)))(...inputs);
      case 'compile': {
        const compiled = mx.compile(f, { shapeless: step.shapeless });
        compiled(...inputs);
        return compiled(...inputs);
      }
    }
  }
}

function inexact(tensor: Tensor): Tensor {
  return isInexact(tensor.dtype) ? tensor : mx.astype(tensor, mx.float32);
}

function valueAt(slots: readonly Slot[], back: number): Tensor | undefined {
  return slots.length === 0 ? undefined : slots[slots.length - 1 - (back % slots.length)]?.[0];
}

function effectNow(effect: Effect, tensor: Tensor | undefined): void {
  if (tensor === undefined) return;
  switch (effect) {
    case 'eval':
      mx.eval(tensor);
      break;
    case 'item':
      mx.reshape(tensor, [-1]).index(0).item();
      break;
    case 'tolist':
      tensor.tolist();
      break;
    case 'text':
      String(tensor);
      break;
    case 'asyncEval':
      disregard(mx.asyncEval(tensor));
      break;
    case 'data':
      disregard(tensor.data());
      break;
    case 'dispose':
      tensor.dispose();
      break;
  }
}

async function effectLater(effect: Effect, tensor: Tensor | undefined): Promise<void> {
  if (effect === 'asyncEval' && tensor !== undefined) await mx.asyncEval(tensor);
  else if (effect === 'data' && tensor !== undefined) await tensor.data();
  else effectNow(effect, tensor);
}

/** Runs the program; what is left of it when it is done is freed. */
export async function runProgram({ steps }: Program, mode: Mode): Promise<Run> {
  let side: BuiltInBackend = 'native';
  const runner = new Runner(() => side);
  const slots: Slot[] = [];
  const outcomes: Outcome[] = [];
  const known: (readonly Known[])[] = [];
  const refused: boolean[] = [];
  mx.random.seed(7);
  const run = async (): Promise<void> => {
    for (const [at, step] of steps.entries()) {
      mode.onStep?.(at);
      side = mode.sideOf(at);
      let slot: Slot = [];
      let outcome = NONE;
      try {
        if (step.kind === 'effect')
          await mx.withImplementation(side, () => effectLater(step.effect, valueAt(slots, step.back)));
        else {
          slot = mx.withImplementation(side, () =>
            step.kind === 'call' ? runner.call(step, slots, (at) => mode.known?.[at]) : runner.wrapper(step, slots),
          );
        }
      } catch (error) {
        outcome = outcomeOfError(error);
      }
      refused.push(outcome.kind === 'error');
      if (mode.refused?.[at] === true) for (const tensor of slot) tensor.dispose();
      slots.push(mode.refused?.[at] === true ? [] : slot);
      outcomes.push(outcome);
      known.push(mode.known?.[at] ?? slot.map(({ shape, dtype }) => ({ shape, dtype })));
    }
    for (const [at, slot] of slots.entries()) {
      if (slot.length === 0) continue;
      mode.onStep?.(at + 0.5);
      try {
        outcomes[at] = { kind: 'result', contents: contents([...slot]) };
      } catch (error) {
        outcomes[at] = outcomeOfError(error);
      }
    }
  };
  try {
    await (mode.pipeline === true ? mx.pipeline(run) : run());
  } catch (error) {
    if (!(error instanceof MlxRouterError)) throw error;
  } finally {
    for (const tensor of slots.flat()) tensor.dispose();
  }
  return { outcomes, known, refused };
}
