import type { Implementation } from '../../foundation/errors/errors.ts';
import type { Element, Handle } from '../../foundation/values/values.ts';
import type { Backends } from '../selection/backends.ts';
import { type EvaluationName, Telemetry } from '../telemetry/telemetry.ts';
import { named, Residency } from './residency.ts';
import type { Tensor } from './tensor.ts';
import { tensorsOf } from './tree.ts';

/** Evaluates and reads tensors where they live. */
export abstract class Evaluator {
  readonly telemetry: Telemetry;
  readonly residency: Residency;
  /** How many decimals the text of tensors has; -1: as MLX chooses. */
  printPrecision = -1;
  readonly #backends: Backends;

  constructor(backends: Backends, telemetry?: Telemetry) {
    this.#backends = backends;
    this.telemetry = telemetry ?? new Telemetry(() => backends.python.statistics?.read() ?? {});
    this.residency = new Residency(backends, this.telemetry);
  }

  /** Called before each evaluation, which is seldom enough to look at what has changed meanwhile. */
  protected abstract beforeEvaluation(): void;

  read(tensor: Tensor): Uint8Array<ArrayBuffer> {
    const { backend, handle } = this.residency.holder(tensor);
    return this.#evaluating('read', backend.name, () => backend.read(handle));
  }

  /** The one element, where the backend has a short way to it; undefined where it has none, or where there is not one. */
  item(tensor: Tensor): Element | undefined {
    const { backend, handle } = this.residency.holder(tensor);
    const { scalars } = backend;
    if (scalars === undefined) return undefined;
    this.beforeEvaluation();
    if (this.telemetry.traced || this.telemetry.timed) {
      return this.#watched('read', backend.name, () => scalars.item(handle));
    }
    // To read what is there takes less than to watch it.
    const element = scalars.item(handle);
    if (element !== undefined) this.telemetry.evaluation('read', backend.name).calls++;
    return element;
  }

  readAsync(tensor: Tensor, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
    const { backend, handle } = this.residency.holder(tensor);
    return this.#evaluating('read', backend.name, () => backend.readAsync(handle, signal));
  }

  text(tensor: Tensor): string {
    const printed = this.residency.holders(tensor).find(({ backend }) => backend.printing !== undefined);
    // What cannot print its tensors has them printed natively.
    const { name, printing } = printed?.backend ?? this.#backends.native;
    const handle = printed?.handle ?? this.residency.at(tensor, name);
    return this.#evaluating('read', name, () => printing?.text(handle, this.printPrecision) ?? '');
  }

  eval(tree: unknown): void {
    const operation = 'mx.eval';
    try {
      for (const [side, handles] of this.#bySide(tree, operation)) {
        this.#evaluating('eval', side, () => this.#backends.get(side).eval(handles));
      }
    } catch (error) {
      throw named(error, operation);
    }
  }

  async evalAsync(tree: unknown, signal?: AbortSignal): Promise<void> {
    const operation = 'mx.asyncEval';
    try {
      // Asynchronous, so that one side that throws at once leaves no promise of the other behind.
      const evaluations = this.#bySide(tree, operation).map(async ([side, handles]) =>
        this.#evaluating('eval', side, () => this.#backends.get(side).evalAsync(handles, signal)),
      );
      await Promise.all(evaluations);
    } catch (error) {
      throw named(error, operation);
    }
  }

  #bySide(tree: unknown, operation: string): [Implementation, Handle[]][] {
    const sides = new Map<Implementation, Handle[]>();
    for (const tensor of tensorsOf(tree, operation)) {
      const { backend, handle } = this.residency.holder(tensor);
      const handles = sides.get(backend.name);
      if (handles === undefined) sides.set(backend.name, [handle]);
      else handles.push(handle);
    }
    return [...sides];
  }

  #evaluating<T>(operation: EvaluationName, side: Implementation, run: () => T): T {
    this.beforeEvaluation();
    return this.#watched(operation, side, run);
  }

  #watched<T>(operation: EvaluationName, side: Implementation, run: () => T): T {
    if (!this.telemetry.traced) return this.telemetry.evaluated(operation, side, run);
    const evaluate = () => this.telemetry.evaluated(operation, side, run);
    return this.telemetry.span('mlx_router.eval', { implementation: side }, true, evaluate);
  }
}
