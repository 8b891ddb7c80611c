import { ArgumentError } from './errors.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');

type Member = (this: unknown, ...args: unknown[]) => unknown;

/**
 * Makes the methods and getters of a class say what they expect where they are called on anything else, an object that
 * only inherits from the class included. To print such an object stays possible.
 */
export function checkReceivers(prototype: object, name: string, isOne: (value: unknown) => boolean): void {
  const guarded = (key: string | symbol, member: Member): Member => {
    const guard = function (this: unknown, ...args: unknown[]): unknown {
      if (isOne(this)) return member.apply(this, args);
      if (key === INSPECT) return `[${name} without its fields]`;
      throw new ArgumentError(`expected to be called on one, not on ${describeReceiver(this)}`, {
        operation: typeof key === 'string' ? `${name}.${key}` : name,
      });
    };
    return Object.defineProperty(guard, 'name', { value: member.name });
  };
  for (const key of Reflect.ownKeys(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, key) as PropertyDescriptor;
    if (key === 'constructor') continue;
    if (typeof descriptor.value === 'function') descriptor.value = guarded(key, descriptor.value as Member);
    if (descriptor.get !== undefined) descriptor.get = guarded(key, descriptor.get);
    Object.defineProperty(prototype, key, descriptor);
  }
}

/** Whether the value has the field itself, as every object does that the class has made. */
export function hasOwnField(value: unknown, field: string): boolean {
  try {
    return typeof value === 'object' && value !== null && Object.hasOwn(value, field);
  } catch {
    // A proxy of the caller's threw.
    return false;
  }
}

/**
 * For classes whose objects are passed around: an object that only inherits from the class has none of its fields, and
 * reading one is an error that says so. A real one's own fields hide these, so the check costs nothing.
 */
export function refuseForged(prototype: object, fields: readonly string[], name: string, made: string): void {
  const refuse = (): never => {
    throw new ArgumentError(`expected ${made}, received an object that only inherits from ${name}`, {
      operation: name,
    });
  };
  for (const field of fields) Object.defineProperty(prototype, field, { get: refuse, set: refuse });
}

function describeReceiver(value: unknown): string {
  if (value === undefined || value === null) return value === null ? 'null' : 'nothing';
  return typeof value === 'object' ? 'another object' : `a ${typeof value}`;
}
