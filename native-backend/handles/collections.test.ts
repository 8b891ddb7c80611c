import { setTimeout } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { collectGarbage } from '../../foundation/test-support/collect-garbage.ts';
import { loadAddon } from '../addon/loader.ts';

const { addon } = loadAddon();
const MIB = 2 ** 20;
const UINT8 = 1;
// Nothing is collected here: the owners stay referenced.
const owners: object[] = [];
let collections = 0;
addon.setCollector(() => {
  collections++;
});

function owned(code: number): number {
  owners.push(addon.owner(~code >> 6));
  return ~code;
}

/** A slot that holds so many bytes once it is evaluated. */
function bytes(count: number): number {
  return owned(addon.functions['zeros']?.([count], UINT8) as number);
}

/** A slot that holds so many bytes from the start. */
function filled(count: number): number {
  return owned(addon.create(new Uint8Array(count), [count], UINT8));
}

describe('a collection around an evaluation', () => {
  beforeEach(() => {
    addon.eval([bytes(64 * MIB)]);
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
    addon.eval([bytes(64 * MIB)]);
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
    addon.eval([older, bytes(64 * MIB)]);
    expect(collections).toBe(1);
    for (let i = 0; i < 3; i++) addon.eval([bytes(3 * MIB)]);
    addon.free(older);
    addon.eval([bytes(MIB)]);
    expect(collections).toBe(2);
  });
});

describe('a collection while tensors are made', () => {
  it('comes sooner where they have their memory from the start', () => {
    addon.eval([bytes(64 * MIB)]);
    collections = 0;
    for (let i = 0; i < 4; i++) filled(20 * MIB);
    expect(collections).toBe(1);
    for (let i = 0; i < 4; i++) bytes(20 * MIB);
    expect(collections).toBe(1);
  });
});

describe('V8', () => {
  const reported = () => addon.usage()[2];

  it('is notified of what outlives a collection, and of nothing that comes and goes', async () => {
    // What the tests before have dropped would be collected meanwhile.
    owners.length = 0;
    collectGarbage();
    await setTimeout(50);
    // The collection of the next evaluation notes that they are gone.
    const slot = bytes(64 * MIB);
    addon.eval([slot]);
    addon.free(slot);
    const start = reported();
    for (let i = 0; i < 40; i++) {
      const slot = bytes(64 * MIB);
      addon.eval([slot]);
      addon.free(slot);
    }
    expect(reported()).toBe(start);
    const kept = Array.from({ length: 5 }, () => {
      const slot = bytes(64 * MIB);
      addon.eval([slot]);
      return slot;
    });
    expect(reported() - start).toBeGreaterThanOrEqual(128 * MIB);
    for (const slot of kept) addon.free(slot);
    addon.eval([bytes(64 * MIB)]);
    expect(reported() - start).toBeLessThan(128 * MIB);
  });
});
