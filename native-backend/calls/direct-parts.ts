import type { Addon } from '../addon/addon.ts';
import type { Slots } from '../handles/slots.ts';
import type { Marshal } from './marshal.ts';

export interface DirectParts {
  readonly addon: Addon;
  readonly slots: Slots;
  readonly marshal: Marshal;
}

/** A function of the addon; what is left out at the end is absent for C: no tensor, an empty option, the default stream. */
export type Take = (...args: unknown[]) => number;

export function isInt32(value: unknown): value is number {
  return typeof value === 'number' && (value | 0) === value;
}
