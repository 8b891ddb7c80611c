import { describe, expect, it } from 'vitest';
import { dtypeNamed } from '../../foundation/values/dtypes.ts';
import { camelCase } from '../naming.ts';
import { FAMILIES, type Operation, qualifiedName } from '../operation.ts';
import type { DefaultValue, Parameter, ParameterKind } from '../parameters.ts';
import { SPECIAL_GENERATORS, TRANSFORM_LIMITS } from '../sample.ts';
import { CATALOGUE } from './index.ts';

/** Which defaults a kind of parameter can have; the kinds left out have none but null. */
const FITS: Partial<Record<ParameterKind, (value: DefaultValue, parameter: Parameter) => boolean>> = {
  operand: (value) => typeof value === 'number',
  value: (value) => typeof value === 'number',
  int: (value) => Number.isInteger(value),
  axis: (value) => Number.isInteger(value),
  float: (value) => typeof value === 'number',
  number: (value) => typeof value === 'number',
  bool: (value) => typeof value === 'boolean',
  string: (value, { choices }) => typeof value === 'string' && (choices?.includes(value) ?? true),
  axes: (value) => Number.isInteger(value) || isIntegers(value),
  shape: isIntegers,
  ints: isIntegers,
  pair: (value) => Number.isInteger(value) || (isIntegers(value) && (value as number[]).length === 2),
  dtype: (value) => typeof value === 'string' && dtypeNamed(value) !== undefined,
  any: (value) => Number.isInteger(value),
};

const FAMILY_OF_NAMESPACE = {
  linalg: 'linalg',
  fft: 'fft',
  random: 'random',
  fast: 'fast',
  distributed: 'distributed',
} as const;
const C_NAME = /^[a-z][a-z0-9_]*$/;

function isIntegers(value: DefaultValue): boolean {
  return Array.isArray(value) && value.every(Number.isInteger);
}

function cFunctions({ native }: Operation): readonly string[] {
  if (native === null) return [];
  if (typeof native === 'string') return [native];
  if ('lowering' in native) return native.lowering;
  return [native.none, native.one, native.many].filter((name) => name !== undefined);
}

describe('the catalogue as a whole', () => {
  it('names every operation and alias once, in snake_case and in camelCase', () => {
    const names = CATALOGUE.flatMap((operation) => [
      qualifiedName(operation),
      ...(operation.aliases ?? []).map((name) => qualifiedName({ ...operation, name })),
    ]);
    expect(new Set(names).size).toBe(names.length);
    expect(new Set(names.map(camelCase)).size).toBe(names.length);
  });

  it('is broad, and leaves no operation to Python alone', () => {
    expect(CATALOGUE.length).toBeGreaterThanOrEqual(230);
    expect(CATALOGUE.filter(({ native }) => native === null).map(({ name }) => name)).toEqual([]);
  });
});

describe('code that rows name by a word', () => {
  const words: readonly [string, readonly string[], (operation: Operation) => unknown][] = [
    ['generator', SPECIAL_GENERATORS, ({ sample }) => sample.generator],
    ['limit of transforms', TRANSFORM_LIMITS, ({ limits }) => limits ?? []],
  ];

  it.each(words)('is named by a row: each %s', (_, known, named) => {
    const used = new Set(CATALOGUE.flatMap(named));
    expect(known.filter((word) => !used.has(word))).toEqual([]);
  });
});

/** One test of all rows, whose failure names the row. */
function every(rule: string, check: (operation: Operation) => void): void {
  it(rule, () => {
    for (const operation of CATALOGUE) {
      try {
        check(operation);
      } catch (error) {
        throw new Error(`${qualifiedName(operation)}: ${(error as Error).message}`, { cause: error });
      }
    }
  });
}

describe('every operation', () => {
  every('has a name, a family and a namespace that belong together', (operation) => {
    expect(operation.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
    expect(FAMILIES).toContain(operation.family);
    if (operation.namespace !== '') expect(operation.family).toBe(FAMILY_OF_NAMESPACE[operation.namespace]);
  });

  every('is described by one sentence', (operation) => {
    expect(operation.doc).toMatch(/^[A-Z].*[^.]\.$/);
    expect(operation.doc).not.toMatch(/\n|\. [A-Z]/);
    expect(operation.doc.length).toBeLessThanOrEqual(120);
  });

  every(
    'has parameters of different names, those by keyword last, the optional behind the required',
    ({ parameters }) => {
      const names = parameters.map(({ name }) => camelCase(name));
      expect(new Set(names).size).toBe(names.length);
      expect(names).not.toContain('stream');
      expect(names).not.toContain('implementation');
      const order = parameters.map(({ keywordOnly, fallback }) => (keywordOnly ? 2 : fallback === undefined ? 0 : 1));
      expect(order).toEqual([...order].sort());
    },
  );

  every('has defaults that its parameters could be given', ({ parameters }) => {
    for (const parameter of parameters) {
      if (parameter.fallback === undefined) continue;
      if (parameter.fallback === null) expect(parameter.nullable, parameter.name).toBe(true);
      else expect(FITS[parameter.kind]?.(parameter.fallback, parameter), parameter.name).toBe(true);
    }
  });

  every('types what its kinds leave open', ({ parameters, result, returns }) => {
    for (const parameter of parameters) if (parameter.kind === 'any') expect(parameter.type).toBeDefined();
    if (result === 'any') expect(returns).toBeDefined();
  });

  every('has at most one variadic parameter, behind which all are by keyword', ({ parameters }) => {
    const at = parameters.findIndex(({ variadic }) => variadic === true);
    if (at === -1) return;
    expect(parameters.slice(at + 1).every(({ keywordOnly }) => keywordOnly)).toBe(true);
  });

  every('says where Python has it, or why Python cannot run it', (operation) => {
    if (operation.python === null) expect(operation.pythonReason).toMatch(/^[A-Z].{20,}\.$/);
    else expect(operation.python).toMatch(/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/);
  });

  every('says how native gets it, or why not', (operation) => {
    const { parameters, native } = operation;
    if (native === null) expect(operation.nativeReason).toMatch(/^[A-Z].{20,}\.$/);
    else {
      expect(operation.nativeReason).toBeUndefined();
      const names = cFunctions(operation);
      expect(names.length).toBeGreaterThan(0);
      for (const name of names) expect(name).toMatch(C_NAME);
    }
    if (native !== null && typeof native === 'object' && 'axis' in native) {
      const axis = parameters.find(({ name }) => name === native.axis);
      expect(axis).toBeDefined();
      expect(axis?.nullable).toBe(native.none !== undefined);
    }
  });

  every('can be sampled, and says what a generator of its own must keep to', ({ sample }) => {
    const specials: readonly string[] = SPECIAL_GENERATORS;
    if (specials.includes(sample.generator)) expect(sample.constraint?.length).toBeGreaterThan(10);
    if (sample.generator === 'none') expect(sample.constraint).toBeDefined();
    if (sample.tolerance !== undefined) expect(sample.tolerance.reason.length).toBeGreaterThan(20);
    if (sample.knownGap !== undefined) expect(sample.knownGap.length).toBeGreaterThan(20);
  });

  every('is a method only of its first parameter, a tensor', (operation) => {
    const { parameters, namespace, method, operator, inPlace, variadicMethod } = operation;
    if (method || operator !== undefined || inPlace !== undefined) {
      expect(['array', 'operand']).toContain(parameters[0]?.kind);
      expect(namespace).toBe('');
    }
    if (operator !== undefined) expect(operator).toMatch(/^__[a-z]+__$/);
    if (variadicMethod) {
      expect(method).toBe(true);
      expect(['shape', 'ints']).toContain(parameters[1]?.kind);
    }
  });
});
