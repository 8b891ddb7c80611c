import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { childKeys, isPlain } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import * as mx from '../core.ts';
import { tidy } from '../evaluation/evaluation.ts';
import type { Module } from '../nn/module.ts';
import type { Schedule } from './schedulers.ts';

/** What an optimizer keeps for one parameter: `{ m, v }`, say. */
export type ParameterState = Record<string, Tensor>;

/** The number of steps, what is scheduled, and under the names of the parameters what is kept for each. */
export interface OptimizerState {
  [name: string]: unknown;
}

type Node = Record<string | number, unknown>;

function emptyLike(tree: unknown): unknown {
  const own = childKeys(tree);
  if (own === undefined) return {};
  if (Array.isArray(tree)) return tree.map(emptyLike);
  return Object.fromEntries(own.map((key) => [key, emptyLike((tree as Node)[key])]));
}

/** Has the state a place for each parameter; what it has already stays. */
function extend(parameters: unknown, state: unknown, path: string): void {
  const own = childKeys(parameters);
  if (own === undefined) return;
  if (childKeys(state) === undefined || Array.isArray(parameters) !== Array.isArray(state)) {
    throw new ArgumentError(
      `expected a state that fits the parameters, but what it has for "${path}" is ${describeValue(state)}`,
      { operation: 'optimizers.Optimizer.init' },
    );
  }
  for (const key of own) {
    const place = path === '' ? String(key) : `${path}.${key}`;
    const inner = (parameters as Node)[key];
    if ((state as Node)[key] === undefined) (state as Node)[key] = emptyLike(inner);
    else extend(inner, (state as Node)[key], place);
  }
}

/**
 * The base of all optimizers. A subclass says in `initSingle` what it keeps for a parameter, and in `applySingle` how a
 * gradient changes it. Arrays that these make are freed after the step, but for those in the state or in fields.
 * @see https://ml-explore.github.io/mlx/build/html/python/optimizers/optimizer.html
 */
export class Optimizer {
  #isInitialized = false;
  #state: OptimizerState = { step: mx.array(0, mx.uint64) };
  readonly #schedules = new Map<string, Schedule>();

  /** Schedules of numbers of its own, by their names in the state. */
  constructor(schedulers: Readonly<Record<string, Schedule>> = {}) {
    for (const [name, schedule] of Object.entries(schedulers)) this.#schedules.set(name, schedule);
  }

  /** Everything that changes from step to step, as `mx.compile` captures it. To save it, flatten it. */
  get state(): OptimizerState {
    return this.#state;
  }

  /** Goes on from a state that was saved. */
  set state(state: OptimizerState) {
    if (!isPlain(state)) {
      throw new ArgumentError(`expected an object as the state, received ${describeValue(state)}`, {
        operation: 'optimizers.Optimizer.state',
      });
    }
    this.#isInitialized = false;
    this.#state = state;
  }

  /** How many steps were taken: a scalar of uint64. */
  get step(): Tensor {
    return this.state['step'] as Tensor;
  }

  get learningRate(): Tensor {
    return this.state['learning_rate'] as Tensor;
  }

  set learningRate(value: number | Tensor) {
    this.state['learning_rate'] = value instanceof Tensor ? value : mx.array(value);
  }

  /** Makes what is kept for each parameter; the first update does so by itself. */
  init(parameters: object): void {
    extend(parameters, this.state, '');
    const walk = (node: unknown, state: unknown): void => {
      const own = childKeys(node);
      if (own === undefined) {
        if (node instanceof Tensor && Object.keys(state as object).length === 0) {
          this.initSingle(node, state as ParameterState);
        }
        return;
      }
      for (const key of own) walk((node as Node)[key], (state as Node)[key]);
    };
    walk(parameters, this.state);
    this.#isInitialized = true;
  }

  /** Puts what it keeps for a parameter into its state. */
  initSingle(_parameter: Tensor, _state: ParameterState): void {
    throw this.#missing('initSingle');
  }

  /** The parameter after the step. */
  applySingle(_gradient: Tensor, _parameter: Tensor, _state: ParameterState): Tensor {
    throw this.#missing('applySingle');
  }

  #missing(method: string): UnsupportedOperationError {
    const operation = `${this.constructor.name}.${method}`;
    return new UnsupportedOperationError(`${this.constructor.name} has no ${method} method`, { operation });
  }

  /** Takes a step: changes the model's parameters by their gradients. */
  update(model: Module, gradients: object): void {
    model.update(this.applyGradients(gradients, model));
  }

  /**
   * The parameters after a step: of those that have a gradient, in the tree of the gradients.
   * @throws ArgumentError for a gradient without a parameter.
   */
  applyGradients(gradients: object, parameters: object): Record<string, unknown> {
    let outcome: { applied: Record<string, unknown> } | { error: unknown } = { applied: {} };
    // What is not freed at once keeps its memory through the evaluation, where MLX would use it again. After an error the
    // state is kept too: a part of it may be new.
    tidy(() => {
      try {
        outcome = { applied: this.#apply(gradients, parameters) };
      } catch (error) {
        outcome = { error };
      }
      return [outcome, this.#state, Object.values(this)];
    });
    if ('error' in outcome) throw outcome.error;
    return outcome.applied;
  }

  #apply(gradients: object, parameters: object): Record<string, unknown> {
    if (!this.#isInitialized) this.init(gradients);
    for (const [name, schedule] of this.#schedules) this.state[name] = schedule(this.step);
    this.state['step'] = this.step.add(1);
    // What several places share has one state and is changed once.
    const changed = new Map<Tensor, Tensor>();
    const walk = (gradient: unknown, parameter: unknown, state: unknown, path: string): unknown => {
      const own = childKeys(gradient);
      if (own === undefined) return this.#applied(gradient, parameter, state, path, changed);
      const items = own.map((key) => {
        const place = path === '' ? String(key) : `${path}.${key}`;
        const [inner, kept] = [parameter, state].map((node) => (node as Node | undefined)?.[key]);
        return walk((gradient as Node)[key], inner, kept, place);
      });
      return Array.isArray(gradient) ? items : Object.fromEntries(own.map((key, i) => [key, items[i]]));
    };
    return walk(gradients, parameters, this.state, '') as Record<string, unknown>;
  }

  #applied(gradient: unknown, parameter: unknown, state: unknown, path: string, changed: Map<Tensor, Tensor>): Tensor {
    const operation = 'optimizers.Optimizer.applyGradients';
    if (!(gradient instanceof Tensor)) {
      throw new ArgumentError(
        `expected an array (mx.array) as the gradient of "${path}", received ${describeValue(gradient)}`,
        {
          operation,
        },
      );
    }
    if (!(parameter instanceof Tensor)) {
      throw new ArgumentError(`there is a gradient, but no parameter "${path}"`, { operation });
    }
    if (childKeys(state) === undefined) {
      throw new ArgumentError(
        `there is nothing in the state for "${path}": the optimizer began with other parameters; call init with these`,
        { operation },
      );
    }
    const before = changed.get(parameter);
    if (before !== undefined) return before;
    const after = this.applySingle(gradient, parameter, state as ParameterState);
    changed.set(parameter, after);
    return after;
  }

  /** A number of the state: itself, or the first of its schedule. */
  protected schedule(name: string, value: number | Tensor | Schedule): void {
    if (typeof value === 'function') {
      this.#schedules.set(name, value);
      this.state[name] = value(this.step);
      return;
    }
    if (typeof value !== 'number' && !(value instanceof Tensor)) {
      throw new ArgumentError(
        `expected a number, an array or a schedule for "${name}", received ${describeValue(value)}`,
        {
          operation: `optimizers.${this.constructor.name}`,
        },
      );
    }
    this.state[name] = value instanceof Tensor ? value : mx.array(value);
  }
}
