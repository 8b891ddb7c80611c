import type { CustomRules, TracedFunction, Transforms } from '../../backend/backend.ts';
import type { Handle } from '../../foundation/values/values.ts';
import type { Addon } from '../addon/addon.ts';
import { tracing } from '../addon/errors.ts';
import { type Slots, slotsOf } from '../handles/slots.ts';
import { type Dispatched, NativeExporting } from './exporting.ts';

/** MLX's own transforms. The addon knows functions by number, and reports which ones no closure holds any more. */
export class NativeTransforms implements Transforms {
  readonly exporting: NativeExporting;
  readonly #addon: Addon;
  readonly #slots: Slots;
  /**
   * By number; those of `#free` are given again. Not a map: each time that one makes room, the table that it leaves behind
   * keeps the next one, and so all functions, until a full collection.
   */
  readonly #functions: (Dispatched | undefined)[] = [];
  readonly #free: number[] = [];

  constructor(addon: Addon, slots: Slots) {
    this.#addon = addon;
    this.#slots = slots;
    this.exporting = new NativeExporting(addon, slots, (run) => this.#keep(run));
    addon.setDispatcher((fn, ...groups) => {
      const run = this.#functions[fn];
      if (run === undefined) throw new RangeError(`the transform calls function ${fn}, which is gone`);
      return run(...(groups as never[]));
    });
  }

  valueAndGrad(run: TracedFunction, inputs: readonly Handle[], argnums: readonly number[]): [Handle[], Handle[]] {
    return this.#pair(() => this.#addon.valueAndGrad(this.#add(run), slotsOf(inputs), argnums));
  }

  vjp(run: TracedFunction, primals: readonly Handle[], cotangents: readonly Handle[]): [Handle[], Handle[]] {
    return this.#pair(() => this.#addon.vjp(this.#add(run), slotsOf(primals), slotsOf(cotangents)));
  }

  jvp(run: TracedFunction, primals: readonly Handle[], tangents: readonly Handle[]): [Handle[], Handle[]] {
    return this.#pair(() => this.#addon.jvp(this.#add(run), slotsOf(primals), slotsOf(tangents)));
  }

  vmap(
    run: TracedFunction,
    inputs: readonly Handle[],
    inAxes: readonly number[],
    outAxes: (outputs: readonly Handle[]) => readonly number[],
  ): Handle[] {
    const [traced, outputs] = this.#pair(() => this.#addon.vmapTrace(this.#add(run), slotsOf(inputs), inAxes));
    return this.#list(() =>
      this.#addon.vmapReplace(slotsOf(inputs), slotsOf(traced), slotsOf(outputs), inAxes, outAxes(outputs)),
    );
  }

  checkpoint(run: TracedFunction, inputs: readonly Handle[]): Handle[] {
    return this.#list(() => this.#addon.checkpoint(this.#add(run), slotsOf(inputs)));
  }

  customFunction(run: TracedFunction, { vjp, jvp, vmap }: CustomRules, inputs: readonly Handle[]): Handle[] {
    const adopt = (codes: readonly number[]) => this.#slots.adoptAll(codes);
    const numbers = [
      this.#add(run),
      vjp === undefined
        ? -1
        : this.#keep((a: number[], b: number[], c: number[]) => slotsOf(vjp(adopt(a), adopt(b), adopt(c)))),
      jvp === undefined
        ? -1
        : this.#keep((a: number[], b: number[], argnums: number[]) => slotsOf(jvp(adopt(a), adopt(b), argnums))),
      vmap === undefined
        ? -1
        : this.#keep((a: number[], axes: number[]) => {
            const [outputs, outAxes] = vmap(adopt(a), axes);
            return [slotsOf(outputs), [...outAxes]];
          }),
    ] as const;
    return this.#list(() => this.#addon.customFunction(...numbers, slotsOf(inputs)));
  }

  compiled(id: number, shapeless: boolean, run: TracedFunction, inputs: readonly Handle[]): Handle[] {
    return this.#list(() => this.#addon.compiled(this.#add(run), id, shapeless, slotsOf(inputs)));
  }

  eraseCompiled(id: number): void {
    this.#addon.eraseCompiled(id);
  }

  setCompiling(enabled: boolean): void {
    if (enabled) this.#addon.enableCompile();
    else this.#addon.disableCompile();
  }

  #add(run: TracedFunction): number {
    return this.#keep((inputs: number[]) => slotsOf(run(this.#slots.adoptAll(inputs))));
  }

  #keep(run: Dispatched): number {
    for (const dropped of this.#addon.drainFunctions()) {
      this.#functions[dropped] = undefined;
      this.#free.push(dropped);
    }
    const number = this.#free.pop() ?? this.#functions.length;
    this.#functions[number] = run;
    return number;
  }

  #pair(run: () => [number[], number[]]): [Handle[], Handle[]] {
    const [first, second] = tracing(run);
    return [this.#slots.adoptAll(first), this.#slots.adoptAll(second)];
  }

  #list(run: () => number[]): Handle[] {
    return this.#slots.adoptAll(tracing(run));
  }
}
