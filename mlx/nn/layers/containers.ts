import { ArgumentError } from '../../../foundation/errors/errors.ts';
import { describeValue } from '../../../registry/arguments/describe.ts';
import { Module } from '../module.ts';

/** A module, or a function. */
export type Link = { forward(x: never): unknown } | ((x: never) => unknown);

type Input<S> = S extends { forward(x: infer In): unknown } ? In : S extends (x: infer In) => unknown ? In : never;
type Output<S> = S extends { forward(x: never): infer Out } ? Out : S extends (x: never) => infer Out ? Out : never;

/** What the first step takes and the last one gives. */
type InputOf<Steps extends readonly Link[]> = Steps extends readonly [infer First, ...unknown[]]
  ? Input<First>
  : unknown;
type OutputOf<Steps extends readonly Link[]> = Steps extends readonly [...unknown[], infer Last]
  ? Output<Last>
  : unknown;

/**
 * Calls modules, or functions, one after the other.
 *
 * ```ts
 * const network = new nn.Sequential(new nn.Linear(784, 128), nn.relu, new nn.Linear(128, 10));
 * ```
 */
export class Sequential<const Steps extends readonly Link[]> extends Module {
  layers: Link[];

  constructor(...layers: Steps) {
    super();
    for (const layer of layers) {
      if (layer instanceof Module || typeof layer === 'function') continue;
      throw new ArgumentError(`expected modules or functions, received ${describeValue(layer)}`, {
        operation: 'nn.Sequential',
      });
    }
    this.layers = [...layers];
  }

  override forward(x: InputOf<Steps>): OutputOf<Steps> {
    let value: unknown = x;
    for (const layer of this.layers) {
      value =
        layer instanceof Module ? layer.forward(value as never) : (layer as (x: never) => unknown)(value as never);
    }
    return value as OutputOf<Steps>;
  }
}
