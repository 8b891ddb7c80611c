import { beforeEach, describe, expect, it } from 'vitest';
import { loadAddon } from './loader.ts';

const { addon } = loadAddon();
const MIB = 2 ** 20;
const UINT8 = 1;
// Nothing is collected here: the owners stay alive.
const owners: object[] = [];
let collections = 0;
addon.setCollector(() => {
  collections++;
});

/** A slot that holds so many bytes. */
function bytes(count: number): number {
  const slot = ~addon.create(new Uint8Array(count), [count], UINT8);
  owners.push(addon.owner(slot >> 6));
  return slot;
}

describe('a collection before an evaluation', () => {
  beforeEach(() => {
    addon.eval([bytes(32 * MIB)]);
    owners.length = 0;
    collections = 0;
  });

  it('comes with every fourth, so that the weights of a step do not grow old', () => {
    const seen = Array.from({ length: 9 }, () => {
      addon.eval([bytes(3 * MIB)]);
      return collections;
    });
    expect(seen).toEqual([0, 0, 0, 1, 1, 1, 1, 2, 2]);
  });

  it('waits until enough was made', () => {
    for (let i = 0; i < 7; i++) addon.eval([bytes(MIB)]);
    expect(collections).toBe(0);
    addon.eval([bytes(MIB)]);
    expect(collections).toBe(1);
  });

  it('comes at once where much was made', () => {
    addon.eval([bytes(32 * MIB)]);
    expect(collections).toBe(1);
  });

  it('does not come for what was freed by hand, or by a scope', () => {
    for (let i = 0; i < 20; i++) {
      const slot = bytes(3 * MIB);
      addon.eval([slot]);
      addon.free(slot);
      addon.beginScope();
      addon.eval([bytes(3 * MIB)]);
      addon.endScope([]);
    }
    expect(collections).toBe(0);
  });

  it('still counts what was made since, where something older is freed', () => {
    const older = bytes(8 * MIB);
    addon.eval([older, bytes(32 * MIB)]);
    expect(collections).toBe(1);
    for (let i = 0; i < 3; i++) addon.eval([bytes(3 * MIB)]);
    addon.free(older);
    addon.eval([bytes(MIB)]);
    expect(collections).toBe(2);
  });
});
