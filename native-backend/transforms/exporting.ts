import type { Exporter, Exporting, NamedFunction, TracedFunction } from '../../backend/backend.ts';
import type { Handle } from '../../foundation/values/values.ts';
import type { Addon } from '../addon/addon.ts';
import { tracing } from '../addon/errors.ts';
import { type Slots, slotsOf } from '../handles/slots.ts';

/** What the addon's calls back into JavaScript pass: slots, and names where a function takes named arrays. */
export type Dispatched = (...groups: never[]) => readonly number[] | [number[], number[]];

/** An object of the addon: MLX's exporter, or a function it read from a file. */
export type Held = object & { readonly held?: never };

/** The addon's part in exported functions and drawn graphs. */
export interface ExportFunctions {
  exportFunction(
    path: string,
    fn: number,
    inputs: number[],
    names: readonly string[],
    named: number[],
    shapeless: boolean,
  ): void;
  exporter(path: string, fn: number, shapeless: boolean): Held;
  exporterApply(exporter: Held, inputs: number[]): void;
  exporterClose(exporter: Held): void;
  importFunction(path: string): Held;
  importedApply(imported: Held, inputs: number[], names: readonly string[], named: number[]): number[];
  exportToDot(path: string, outputs: number[], names: readonly string[], named: number[]): void;
}

/** Functions as files. `keep` gives the addon's number of a function. */
export class NativeExporting implements Exporting {
  readonly #addon: Addon;
  readonly #slots: Slots;
  readonly #keep: (run: Dispatched) => number;

  constructor(addon: Addon, slots: Slots, keep: (run: Dispatched) => number) {
    this.#addon = addon;
    this.#slots = slots;
    this.#keep = keep;
  }

  exportFunction(
    path: string,
    run: NamedFunction,
    inputs: readonly Handle[],
    named: Readonly<Record<string, Handle>>,
    shapeless: boolean,
  ): void {
    const fn = this.#keep((given: number[], names?: string[], slots?: number[]) => {
      const handles = this.#slots.adoptAll(slots ?? []);
      const byName = new Map((names ?? []).map((name, i) => [name, handles[i] as Handle]));
      return slotsOf(run(this.#slots.adoptAll(given), byName));
    });
    const others = slotsOf(Object.values(named));
    tracing(() => this.#addon.exportFunction(path, fn, slotsOf(inputs), Object.keys(named), others, shapeless));
  }

  exporter(path: string, run: TracedFunction, shapeless: boolean): Exporter {
    const fn = this.#keep((given: number[]) => slotsOf(run(this.#slots.adoptAll(given))));
    const held = tracing(() => this.#addon.exporter(path, fn, shapeless));
    return {
      add: (inputs) => tracing(() => this.#addon.exporterApply(held, slotsOf(inputs))),
      close: () => tracing(() => this.#addon.exporterClose(held)),
    };
  }

  importFunction(path: string): (inputs: readonly Handle[], named: Readonly<Record<string, Handle>>) => Handle[] {
    const held = tracing(() => this.#addon.importFunction(path));
    return (inputs, named) => {
      const others = slotsOf(Object.values(named));
      return this.#slots.adoptAll(
        tracing(() => this.#addon.importedApply(held, slotsOf(inputs), Object.keys(named), others)),
      );
    };
  }

  exportToDot(path: string, outputs: readonly Handle[], named: Readonly<Record<string, Handle>>): void {
    const others = slotsOf(Object.values(named));
    tracing(() => this.#addon.exportToDot(path, slotsOf(outputs), Object.keys(named), others));
  }
}
