import { describe, expect, it } from 'vitest';
import { registry } from '../mlx/index.ts';
import { checkAll } from './fleet.ts';

const operations = ['add', 'linalg.svd'].map((name) => registry.find(name)!);

describe('processes for the checks', () => {
  it('give reports in the order of the operations, and the versions', async () => {
    const seen: string[] = [];
    const { reports, versions } = await checkAll(operations, {
      runs: 5,
      seed: 1,
      processes: 2,
      onReport: (report) => seen.push(report.name),
    });
    expect(reports.map(({ name, status, runs }) => [name, status, runs])).toEqual([
      ['add', 'passed', 5],
      ['linalg.svd', 'passed', 5],
    ]);
    expect(seen.sort()).toEqual(['add', 'linalg.svd']);
    expect(versions['mlx (native)']).toBe(versions['mlx (python)']);
  });

  it('that never answer are ended, and the call is named; the next operation gets a new one', async () => {
    // The process stops while it checks, as one whose call hangs.
    const stopping = `
      import { spawn } from 'node:child_process';
      process.prependListener('message', () => spawn('sh', ['-c', \`sleep 1; kill -STOP \${process.pid}\`]));`;
    const imports = [`data:text/javascript,${encodeURIComponent(stopping)}`];
    const { reports } = await checkAll(operations, { runs: 10_000_000, seed: 1, processes: 1, hangMs: 800, imports });
    expect(reports.map(({ status }) => status)).toEqual(['failed', 'failed']);
    expect(reports.map(({ failures }) => failures[0]?.kind)).toEqual(['process end', 'process end']);
    expect(reports[0]?.failures[0]?.message).toMatch(/^no answer within 800 ms, in mx\.add\(/);
    expect(reports[1]?.failures[0]?.typescript).toContain('mx.linalg.svd(');
    // The limit is one call's: until it stopped the process made calls for longer than that.
    for (const { milliseconds } of reports) expect(milliseconds).toBeGreaterThan(1500);
  });
});
