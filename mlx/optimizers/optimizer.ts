import { ArgumentError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { childKeys, isKeyed, isPlain, keysOf } from '../../foundation/values/containers.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedFlag, checkedOptions } from '../../registry/arguments/options.ts';
import { Tensor } from '../../router/tensors/tensor.ts';
import { tensorsOf } from '../../router/tensors/tree.ts';
import { checkArray } from '../arguments/checks.ts';
import * as mx from '../core.ts';
import { disposeBut } from '../evaluation/donation.ts';
import { tidy } from '../evaluation/evaluation.ts';
import { checkModule, type Module } from '../nn/module.ts';
import { Walk } from '../utils/walk.ts';
import type { Schedule } from './schedulers.ts';

/** What an optimizer keeps for one parameter: `{ m, v }`, say. */
export type ParameterState = Record<string, Tensor>;

/** The number of steps, what is scheduled, and under the names of the parameters what is kept for each. */
export interface OptimizerState {
  [name: string]: unknown;
}

export interface UpdateOptions {
  /**
   * The gradients, and the arrays that the step replaces in the model and in the state, are disposed of after it, wherever
   * else you hold them, so that MLX computes in their memory. Kept is what stands still in the model or the optimizer, in their
   * fields, plain objects, lists and modules; and all where the step throws. Another model that shares the parameters, such as a
   * target network after `target.update(online.parameters())`, loses them: give it copies, `mx.array(w)`. Default: false.
   * @throws DisposedError where a donated array is used
   */
  readonly donate?: boolean | undefined;
}

type Node = Record<string | number, unknown>;

const UPDATING = 'optimizers.Optimizer.update';
const APPLYING = 'optimizers.Optimizer.applyGradients';

/** @throws ArgumentError for what holds nothing. */
function checkTree(tree: unknown, name: string, operation: string): void {
  if (Array.isArray(tree) || isPlain(tree) || isKeyed(tree)) return;
  throw new ArgumentError(
    `expected a list, an object or a module of arrays for "${name}", received ${describeValue(tree)}`,
    { operation },
  );
}

/** Where something is kept for one parameter. @throws ArgumentError for what is no object, or frozen. */
export function checkState(state: unknown): asserts state is ParameterState {
  if (isPlain(state) && Object.isExtensible(state)) return;
  throw new ArgumentError(`expected an object that can be written to for "state", received ${describeValue(state)}`, {
    operation: 'optimizers.Optimizer.initSingle',
  });
}

/** What `initSingle` put into the state under that name. @throws ArgumentError where it is not there. */
export function kept(state: ParameterState, name: string): Tensor {
  const value: unknown = (state as ParameterState | null | undefined)?.[name];
  if (value instanceof Tensor) return value;
  throw new ArgumentError(
    `expected a state made by initSingle, but there is no array "${name}" in ${describeValue(state)}`,
    {
      operation: 'optimizers.Optimizer.applySingle',
    },
  );
}

/** The two that a step begins with. */
export function checkPair(gradient: unknown, parameter: unknown): void {
  checkArray(gradient, 'gradient', 'optimizers.Optimizer.applySingle');
  checkArray(parameter, 'parameter', 'optimizers.Optimizer.applySingle');
}

function emptyLike(tree: unknown, limit: Walk, depth: number): unknown {
  limit.enter(tree, depth);
  if (Array.isArray(tree)) return Array.from(tree, (item) => emptyLike(item, limit, depth + 1));
  const own = keysOf(tree) ?? [];
  return Object.fromEntries(own.map((key) => [key, emptyLike((tree as Node)[key], limit, depth + 1)]));
}

/** Has the state a place for each parameter; what it has already stays. */
function extend(parameters: unknown, state: unknown, path: string, limit: Walk, depth = 0): void {
  limit.enter(parameters, depth);
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
    if ((state as Node)[key] === undefined) (state as Node)[key] = emptyLike(inner, limit, depth + 1);
    else extend(inner, (state as Node)[key], place, limit, depth + 1);
  }
}

/** What steps are given, noted during an update that donates. */
let given: Tensor[] | undefined;

/** The state and the fields of an optimizer, and of those that it consists of. */
function heldBy(optimizer: Optimizer): unknown[] {
  const fields = Object.values(optimizer);
  const parts = fields.flat().filter((field): field is Optimizer => field instanceof Optimizer);
  return [optimizer.state, fields, parts.map(heldBy)];
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
  constructor(schedulers: Readonly<Record<string, Schedule>> | null = {}) {
    const given: unknown = schedulers ?? {};
    if (!isPlain(given) || Object.values(given).some((schedule) => typeof schedule !== 'function')) {
      throw new ArgumentError(`expected an object of schedules, received ${describeValue(given)}`, {
        operation: 'optimizers.Optimizer',
      });
    }
    for (const [name, schedule] of Object.entries(given)) this.#schedules.set(name, schedule as Schedule);
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
    return this.#number('step');
  }

  get learningRate(): Tensor {
    return this.#number('learning_rate');
  }

  #number(name: string): Tensor {
    const value: unknown = this.state[name];
    if (value instanceof Tensor) return value;
    throw new ArgumentError(`there is no array "${name}" in the state, but ${describeValue(value)}`, {
      operation: `optimizers.${this.constructor.name}`,
    });
  }

  set learningRate(value: number | Tensor) {
    this.state['learning_rate'] = this.#checkedNumber('learning_rate', value);
  }

  #checkedNumber(name: string, value: unknown): Tensor {
    if (value instanceof Tensor) return value;
    if (typeof value === 'number') return mx.array(value);
    throw new ArgumentError(
      `expected a number, an array or a schedule for "${name}", received ${describeValue(value)}`,
      { operation: `optimizers.${this.constructor.name}` },
    );
  }

  /** Makes what is kept for each parameter; the first update does so by itself. */
  init(parameters: object): void {
    const operation = 'optimizers.Optimizer.init';
    checkTree(parameters, 'parameters', operation);
    extend(parameters, this.state, '', new Walk(operation));
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
  update(model: Module, gradients: object, options: UpdateOptions = {}): void {
    checkModule(model, UPDATING);
    const { donate } = checkedOptions<UpdateOptions>(options, ['donate'], UPDATING);
    if (donate === undefined || !checkedFlag(donate, 'donate', UPDATING)) {
      model.update(this.applyGradients(gradients, model));
      return;
    }
    const before = given;
    const own: Tensor[] = [];
    try {
      given = own;
      model.update(this.applyGradients(gradients, model));
    } finally {
      given = before;
    }
    disposeBut(new Set(tensorsOf([model, heldBy(this)], UPDATING)), own);
  }

  /**
   * The parameters after a step: of those that have a gradient, in the tree of the gradients.
   * @throws ArgumentError for a gradient without a parameter.
   */
  applyGradients(gradients: object, parameters: object): Record<string, unknown> {
    checkTree(gradients, 'gradients', APPLYING);
    checkTree(parameters, 'parameters', APPLYING);
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
    for (const [name, schedule] of this.#schedules) {
      this.state[name] = this.#checkedNumber(name, schedule(this.step));
    }
    this.state['step'] = this.step.add(1);
    // What several places share has one state and is changed once.
    const changed = new Map<Tensor, Tensor>();
    const limit = new Walk(APPLYING);
    const walk = (gradient: unknown, parameter: unknown, state: unknown, path: string, depth: number): unknown => {
      limit.enter(gradient, depth);
      const own = childKeys(gradient);
      if (own === undefined) return this.#applied(gradient, parameter, state, path, changed);
      const items = own.map((key) => {
        const place = path === '' ? String(key) : `${path}.${key}`;
        const [inner, own] = [parameter, state].map((node) => (node as Node | null | undefined)?.[key]);
        return walk((gradient as Node)[key], inner, own, place, depth + 1);
      });
      return Array.isArray(gradient) ? items : Object.fromEntries(own.map((key, i) => [key, items[i]]));
    };
    return walk(gradients, parameters, this.state, '', 0) as Record<string, unknown>;
  }

  #applied(gradient: unknown, parameter: unknown, state: unknown, path: string, changed: Map<Tensor, Tensor>): Tensor {
    const operation = APPLYING;
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
    if (before !== undefined) {
      given?.push(gradient);
      return before;
    }
    given?.push(gradient, parameter, ...Object.values(state as Node).filter((value) => value instanceof Tensor));
    const after = this.applySingle(gradient, parameter, state as ParameterState);
    changed.set(parameter, after);
    return after;
  }

  /** A number of the state: itself, or the first of its schedule. */
  protected schedule(name: string, value: number | Tensor | Schedule): void {
    if (typeof value === 'function') this.#schedules.set(name, value);
    this.state[name] = this.#checkedNumber(name, typeof value === 'function' ? value(this.step) : value);
  }
}
