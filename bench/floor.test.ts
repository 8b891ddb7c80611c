import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Reply } from './child.ts';
import { buildFloor, Floor } from './floor.ts';
import { type Side, startOurs } from './processes.ts';
import { ROWS, type Row } from './rows.ts';

const row = ROWS.find(({ name }) => name === 'mlp-step') as Row;
const reply = (milliseconds: number, result: number | null = 1): Reply => ({
  nanoseconds: milliseconds * 1e6 * row.count,
  cpuNanoseconds: 1,
  result,
});

describe('the floor of a row', () => {
  it('is what ours and Python are divided by, round by round', () => {
    const floor = new Floor(row);
    floor.add(reply(3), reply(4), reply(2));
    floor.add(reply(8), reply(8), reply(4));
    floor.add(reply(3), reply(9), reply(3));
    expect(floor.figures).toMatchObject({ figures: { median: 3 }, ours: 1.5, python: 2, cpuOurs: 1, cpuPython: 1 });
    expect(floor.difference).toBeUndefined();
  });

  it('is not there where C++ has no such calls', () => {
    const floor = new Floor(row);
    floor.add(reply(3), reply(4), { ...reply(0, null), missing: 'mlp-step' });
    expect(floor.figures).toBeNull();
  });

  it('is none where it comes to something else', () => {
    const floor = new Floor(row);
    floor.add(reply(3, 1), undefined, reply(2, 1.5));
    expect(floor.difference).toBe('1 against 1.5 in C++');
    expect(floor.figures?.python).toBeNull();
  });
});

describe('the program of the floor', () => {
  let sides: Side[] = [];
  beforeAll(async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    const start = await buildFloor();
    sides = await Promise.all([startOurs(), start()]);
  }, 600_000);
  afterAll(() => {
    for (const side of sides) side.stop();
  });

  it('comes to what ours comes to, in every program that it has', { timeout: 600_000 }, async () => {
    const compared: string[] = [];
    for (const { name, suite } of ROWS.filter((each) => each.suite === 'programs')) {
      const [own, least] = await Promise.all(sides.map((side) => side.ask({ suite, row: name, count: 2 })));
      if (least?.missing !== undefined) continue;
      expect([name, least?.result]).toEqual([name, own?.result]);
      compared.push(name);
    }
    expect(compared).toEqual(
      expect.arrayContaining(['mlp-step', 'transformer-grad-compiled', 'adam-200', 'circuit-20']),
    );
  });

  it('has the operations', async () => {
    const [, floor] = sides;
    for (const { name } of ROWS.filter(
      (each) => each.suite === 'micro' && !['array-list', 'tolist'].includes(each.name),
    )) {
      const answer = await floor?.ask({ suite: 'micro', row: name, count: 10 });
      expect([name, answer?.missing]).toEqual([name, undefined]);
      expect(answer?.nanoseconds).toBeGreaterThan(0);
    }
  });

  it('says so where it cannot do a work', async () => {
    expect(await sides[1]?.ask({ suite: 'micro', row: 'tolist', count: 1 })).toMatchObject({ missing: 'tolist' });
  });
});
