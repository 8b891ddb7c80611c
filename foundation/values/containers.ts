/**
 * What an object that is neither a list nor a plain object has to be walked as one: a method that gives the names of
 * its properties that hold arrays, or lists and objects of them, in order. A module of `nn` has it.
 */
export const KEYS: unique symbol = Symbol('mlx-router.keys');

interface Keyed {
  [KEYS](): readonly string[];
}

export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** Whether it is such an object, which may hold nothing. */
export function isKeyed(value: unknown): value is Keyed {
  return typeof value === 'object' && value !== null && KEYS in value && typeof value[KEYS] === 'function';
}

/** The names of what a plain object or a keyed one holds; undefined of anything else. */
export function keysOf(value: unknown): readonly string[] | undefined {
  if (isPlain(value)) return Object.keys(value);
  return isKeyed(value) ? value[KEYS]() : undefined;
}

/** The places of a list, holes among them, or the names of such an object; undefined of anything else. */
export function childKeys(value: unknown): readonly (string | number)[] | undefined {
  if (!Array.isArray(value)) return keysOf(value);
  const places: number[] = [];
  for (let i = 0; i < value.length; i++) places.push(i);
  return places;
}

/** Whether it is a list or such an object that holds nothing. */
export function isEmpty(value: unknown): boolean {
  return Array.isArray(value) ? value.length === 0 : keysOf(value)?.length === 0;
}
