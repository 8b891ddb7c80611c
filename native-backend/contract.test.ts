import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../registry/catalogue/index.ts';
import { type Operation, qualifiedName } from '../registry/operation.ts';
import type { Parameter } from '../registry/parameters.ts';
import { NativeBackend } from './index.ts';

const backend = new NativeBackend();
const signatures = backend.signatures();
if (signatures === undefined) throw new Error('these tests need the addon: run "npm run setup"');

/** What the addon may say of the place of a parameter of each kind. */
const PLACES: Record<Parameter['kind'], readonly string[]> = {
  array: ['array'],
  operand: ['array'],
  value: ['array'],
  indices: ['array'],
  key: ['array'],
  arrays: ['arrays'],
  int: ['int', 'int?', 'uint64'],
  axis: ['int', 'int?'],
  number: ['float', 'int', 'uint64'],
  float: ['float', 'float?'],
  bool: ['bool'],
  string: ['string', 'fft_norm'],
  axes: ['ints', 'int'],
  shape: ['ints', 'int64s'],
  ints: ['ints', 'int64s'],
  pair: ['int'],
  dtype: ['dtype', 'dtype?'],
  group: ['group?'],
  index: [],
  any: [],
};

function mismatch(operation: Operation, name: string, leftOut?: string): string | undefined {
  const signature = signatures?.[name];
  if (signature === undefined) return `the addon has no ${name}`;
  const given = operation.parameters
    .filter((parameter) => parameter.name !== leftOut)
    .flatMap((parameter) => (parameter.kind === 'pair' ? [parameter, parameter] : [parameter]));
  if (given.length !== signature.parameters.length) {
    return `${name} takes ${signature.parameters.length} arguments, the catalogue has ${given.length}`;
  }
  for (const [i, parameter] of given.entries()) {
    const place = signature.parameters[i] as string;
    const places = parameter.variadic === true ? ['arrays'] : PLACES[parameter.kind];
    if (!places.includes(place)) return `${name}: ${parameter.name} is ${parameter.kind} for ${place}`;
    // null for a dtype that has a default stands for it, and never reaches a backend.
    if (parameter.kind === 'dtype' && parameter.fallback !== null) continue;
    if (parameter.nullable && !(place.endsWith('?') || place === 'array' || place === 'ints')) {
      return `${name}: ${parameter.name} may be null, but ${place} may not`;
    }
  }
  const result = signature.result.startsWith('array*') ? 'arrays' : signature.result;
  if (result !== (operation.result === 'any' ? 'data' : operation.result))
    return `${name} gives ${signature.result}, not ${operation.result}`;
  return undefined;
}

describe('every row of the catalogue fits what the addon says of its C functions', () => {
  for (const operation of CATALOGUE) {
    const { native } = operation;
    if (native === null) continue;
    it(qualifiedName(operation), () => {
      if (typeof native === 'string') {
        expect(mismatch(operation, native)).toBeUndefined();
      } else if ('lowering' in native) {
        expect(native.lowering.filter((name) => !(name in signatures))).toEqual([]);
      } else {
        if (native.none !== undefined) expect(mismatch(operation, native.none, native.axis)).toBeUndefined();
        for (const name of [native.one, native.many]) {
          if (name !== undefined) expect(signatures[name], name).toBeDefined();
        }
      }
      expect(backend.supports(operation)).toBe(true);
    });
  }
});

it('is native only where the addon is: a row whose function is not there is unported', () => {
  const [operation] = CATALOGUE;
  expect(backend.supports({ ...(operation as Operation), native: 'no_such_function' })).toBe(false);
});
