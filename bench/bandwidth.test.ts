import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Bandwidth } from './bandwidth.ts';
import { type Side, startOurs } from './processes.ts';
import { ROWS, type Row } from './rows.ts';

const row: Row = { ...(ROWS.find(({ name }) => name === 'add-large') as Row), bytes: 100, count: 2 };
const reply = (nanoseconds: number) => ({ nanoseconds, cpuNanoseconds: 1, result: null });

describe('the part of the bandwidth that a row uses', () => {
  it('is its bytes in a second over those of copies, round by round', () => {
    const bandwidth = new Bandwidth(row);
    bandwidth.add(reply(20), { one: 10, all: 20 });
    bandwidth.add(reply(40), { one: 5, all: 20 });
    bandwidth.add(reply(100), { one: 20, all: 40 });
    expect(bandwidth.figures).toEqual({ one: 10, all: 20, ofOne: 1, ofAll: 0.25 });
  });

  it('is not there without copies', () => {
    const bandwidth = new Bandwidth(row);
    bandwidth.add(reply(20), undefined);
    expect(bandwidth.figures).toBeNull();
  });
});

describe('copies', () => {
  let side: Side;
  beforeAll(async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    side = await startOurs();
  });
  afterAll(() => side.stop());

  it.each(['copy-one', 'copy-all'])('have a rate that memory can have: %s', async (name) => {
    for (let i = 0; i < 2; i++) {
      const { result } = await side.ask({ suite: 'bandwidth', row: name, count: 1 });
      // GB/s: below is no memory, above are caches.
      expect(result).toBeGreaterThan(0.05);
      expect(result).toBeLessThan(3000);
    }
  });
});
