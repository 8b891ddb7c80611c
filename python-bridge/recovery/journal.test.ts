import { describe, expect, it } from 'vitest';
import type { Operation } from '../../registry/operation.ts';
import { Settings } from '../options.ts';
import type { RemoteTensor } from '../tensors/remote-tensor.ts';
import { ADD } from '../test-support/calls.ts';
import { random } from '../test-support/kills.ts';
import { lostTensor } from '../test-support/remote-tensors.ts';
import { Lineage, MOST_ORIGINS } from './lineage.ts';
import { howOf, Leaf, Lost, type Origin, Step } from './origin.ts';

/** A lineage whose operations 0 and up are known by their codes, over tensors that no worker holds. */
function journalled() {
  const operations: Operation[] = [ADD, { ...ADD, name: 'subtract' }, { ...ADD, name: 'where' }];
  const lineage = new Lineage(new Settings({ allowModules: [], operations: () => [] }), (code) => operations[code]);
  const living = new Set<RemoteTensor>();
  const tensor = (node: number): RemoteTensor => {
    const made = lostTensor(0, node);
    living.add(made);
    return made;
  };
  return {
    lineage,
    journal: lineage.journal,
    living,
    leaf(value: number): RemoteTensor {
      const made = tensor(0);
      lineage.brought(made, new Uint8Array([value, 0, 0, 0]));
      return made;
    },
    note(op: number, ...args: RemoteTensor[]): RemoteTensor {
      const [a = 0, b = 0, c = 0] = args.map((arg) => lineage.journal.nodeOf(arg));
      return tensor(lineage.journal.note(op, a, b, c));
    },
    free(made: RemoteTensor): void {
      living.delete(made);
      made.freed = true;
      lineage.forget(made);
    },
    compact(pinned: Int32Array[] = []): void {
      lineage.journal.compact(living, lineage.roots, pinned);
    },
  };
}

/** How the tensor is made, as text. */
function reported(origin: Origin): string {
  const how = howOf(origin);
  if (how instanceof Leaf) return String(how.bytes[0]);
  if (how instanceof Lost) return how.reason;
  return `${how.operation.name}(${how.args.map((parent) => reported(parent as Origin)).join()})`;
}

describe('the journal', () => {
  it('gives how every existing tensor was made, after any number of frees, looks and moves', () => {
    const next = random(3);
    const { lineage, journal, living, leaf, note, free, compact } = journalled();
    const expected = new Map<RemoteTensor, string>();
    const pick = (): RemoteTensor => [...living][Math.floor(next() * living.size)] as RemoteTensor;
    for (let i = 0; i < 4; i++) expected.set(leaf(i), String(i));
    for (let round = 0; round < 3000; round++) {
      const op = Math.floor(next() * 3);
      const args = Array.from({ length: op === 2 ? 3 : 2 }, pick);
      const texts = args.map((arg) => expected.get(arg) ?? '?');
      // Texts that double would not end.
      const made = texts.join().length > 2000 ? leaf(round % 100) : note(op, ...args);
      expected.set(made, made.node === 0 ? String(round % 100) : `${journalName(op)}(${texts.join()})`);
      if (next() < 0.2) lineage.originOf(pick());
      if (next() < 0.1) howOf(lineage.originOf(pick()));
      while (living.size > 12) free(pick());
      if (next() < 0.05) compact();
      if (round % 50 === 0) for (const one of living) expect(reported(lineage.originOf(one))).toBe(expected.get(one));
    }
    for (const one of [...living]) free(one);
    compact();
    expect(journal.size).toBe(0);
    expect(lineage.bytes).toBe(0);
  });

  it('forgets what no existing tensor was made from, and no more', () => {
    const { lineage, journal, leaf, note, free, compact } = journalled();
    const one = leaf(1);
    let x = one;
    for (let i = 0; i < 100; i++) {
      const y = note(0, x, one);
      if (x !== one) free(x);
      x = y;
    }
    compact();
    expect(journal.size).toBe(101);
    lineage.keep(lineage.originOf(x), x, new Uint8Array([7, 0, 0, 0]));
    compact();
    // The one leaf stands twice: as a tensor that exists, and as an argument.
    expect(journal.size).toBeLessThanOrEqual(2);
    expect(reported(lineage.originOf(note(0, x, x)))).toBe('add(7,7)');
  });

  it('keeps what was sent and not answered', () => {
    const { lineage, journal, leaf, note, free, compact } = journalled();
    const x = leaf(1);
    const y = note(1, x, x);
    const nodes = new Int32Array([0, y.node]);
    free(y);
    compact([nodes]);
    expect(reported(journal.originAt(nodes[1] as number))).toBe('subtract(1,1)');
    expect(lineage.origins).toBeGreaterThan(0);
  });

  it('names what is made while it is full, and goes on when there is room again', () => {
    const { lineage, journal, living, leaf, note, free, compact } = journalled();
    const one = leaf(1);
    for (let i = 0; i < MOST_ORIGINS; i++) note(0, one, one);
    compact();
    const beyond = note(0, one, one);
    expect(lineage.isRepeatable(beyond)).toBe(false);
    expect(reported(lineage.originOf(beyond))).toContain('are remembered already');
    // What was read of it is its own, not of all that are like it.
    const another = note(0, one, one);
    lineage.seen(beyond, new Uint8Array(4));
    expect(lineage.isRepeatable(beyond)).toBe(true);
    expect(lineage.isRepeatable(another)).toBe(false);
    for (const made of [...living]) if (made !== one) free(made);
    compact();
    expect(reported(lineage.originOf(note(0, one, one)))).toBe('add(1,1)');
    expect(journal.size).toBeLessThan(10);
  });

  it('holds the error of an operation that failed, and passes it on', () => {
    const { lineage, journal, leaf, note } = journalled();
    const x = leaf(1);
    const wrong = note(0, x, x);
    const failure = { error: new Error('shapes') as never, seen: false };
    journal.failed(wrong.node, failure);
    const after = howOf(lineage.originOf(note(0, wrong, x))) as Step;
    expect(after).toBeInstanceOf(Step);
    expect(howOf(after.args[0] as Origin)).toMatchObject({ failure });
  });
});

function journalName(op: number): string {
  return ['add', 'subtract', 'where'][op] as string;
}
