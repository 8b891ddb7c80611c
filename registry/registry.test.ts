import { describe, expect, it } from 'vitest';
import { ArgumentError } from '../foundation/errors/errors.ts';
import { publicName, Registry } from './registry.ts';

const implementation = () => 1;

describe('the registry', () => {
  it('finds operations by qualified name and suggests the nearest', () => {
    const registry = new Registry();
    expect(publicName(registry.get('linalg.svd'))).toBe('mx.linalg.svd');
    expect(publicName(registry.get('expand_dims'))).toBe('mx.expandDims');
    expect(() => registry.get('linalg.sdv')).toThrow('no operation is named "linalg.sdv" (did you mean "linalg.svd"?)');
    expect(() => registry.get(Symbol('s') as never)).toThrow(ArgumentError);
  });

  it("adds a user's operation, replaces it, and calls the listeners", () => {
    const registry = new Registry();
    const added: string[] = [];
    registry.onAdd(({ name }) => added.push(name));
    const first = registry.add({ name: 'tda.persistence', python: 'my_package.tda:persistence' });
    expect(first).toMatchObject({ family: 'user', native: null, python: 'my_package.tda:persistence' });
    expect(registry.portOf(first)).toBeUndefined();
    const second = registry.add({ name: 'tda.persistence', native: implementation });
    expect(registry.portOf(second)).toBe(implementation);
    expect(second.python).toBeNull();
    expect(publicName(second)).toBe('tda.persistence');
    registry.add({ name: 'tda.persistence', python: 'a:b' });
    expect(registry.portOf(second)).toBeUndefined();
    expect(added).toEqual(['tda.persistence', 'tda.persistence', 'tda.persistence']);
  });

  it.each([
    [{ name: 'plain', native: implementation }, 'a dotted "name"'],
    [{ name: 'a.b c', native: implementation }, 'a dotted "name"'],
    [{ name: 7, native: implementation }, 'received the number 7'],
    [{ name: 10n, native: implementation }, 'received the bigint 10n'],
    [{ name: 'linalg.svd', native: implementation }, 'is an operation of MLX'],
    [{ name: 'a.b', python: 'no_colon' }, '"module:function"'],
    [{ name: 'a.b', python: 'os:system; x' }, '"module:function"'],
    [{ name: 'a.b', python: Symbol('s') }, 'received a symbol'],
    [{ name: 'a.b', native: 'implementation' }, 'expected "native" to be a function'],
    [{ name: 'a.b' }, 'needs "python", "native" or both'],
    [null, 'expected an object, received null'],
    [undefined, 'expected an object, received nothing'],
  ])('refuses %o', (wrong, message) => {
    const registry = new Registry();
    expect(() => registry.add(wrong as never)).toThrow(ArgumentError);
    expect(() => registry.add(wrong as never)).toThrow(message);
  });
});
