import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type { Measurement } from '../bench/measure.ts';
import { summarize } from '../bench/statistics.ts';
import { bench } from './bench.ts';
import { judge, readRun } from './bench-guard.ts';
import { UsageError } from './command.ts';
import { captureOutput } from './test-support/output.ts';

const output = captureOutput();
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-bench-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runFile(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
}

const row = (name: string, time: number) =>
  ({ name, suite: 'micro', unit: 'ns', ours: summarize([time]), ratio: null, ratioInterval: null }) as Measurement;

describe('bench --baseline', () => {
  it.each([
    ['{', 'cannot be read'],
    ['{}', 'is not what "mlx-router bench --json" of this version prints'],
    ['null', 'is not what'],
    ['{"rows":[{"name":"add","ours":{"median":1}}]}', 'is not what'],
  ])('refuses %j', (content, message) => {
    const file = runFile('bad.json', content);
    expect(() => readRun(file)).toThrow(message);
    expect(() => readRun(file)).toThrow(UsageError);
  });

  it('says which rows are slower, and what is another machine', () => {
    const earlier = { environment: { node: '20', mlx: '1' }, rows: [row('add', 10), row('exp', 10)] };
    const verdict = judge(earlier, { environment: { node: '22', mlx: '1' }, rows: [row('add', 15), row('tidy', 1)] });
    expect(verdict.passed).toBe(false);
    expect(verdict.lines).toEqual([
      'node was "20", is "22"',
      'not in the earlier run: tidy',
      'slower: micro add, 1.50 times the earlier cost',
      '1 of 1 rows are slower than in the earlier run by more than 10 %',
    ]);
  });

  it('does not pass where it has nothing to compare', () => {
    expect(judge({ environment: {}, rows: [] }, { environment: {}, rows: [row('add', 1)] }).passed).toBe(false);
  });

  it('fails after a run that is slower, passes after one that is not, and keeps both in a history', async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    vi.stubEnv('MLX_ROUTER_PYTHON', '/nonexistent/python');
    const history = join(folder, 'history.jsonl');
    const against = (time: number) => [
      ...['--rounds', '1', '--row', 'add', '--history', history],
      ...['--baseline', runFile('then.json', { environment: {}, rows: [row('add', time)] })],
    ];
    expect(await bench.run(against(1))).toBe(1);
    expect(output.stdout).toMatch(/^slower: micro add, \d+\.\d\d times the earlier cost/m);
    expect(await bench.run(against(1e9))).toBe(0);
    const lines = readFileSync(history, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      const { date, environment, rows } = JSON.parse(line);
      expect(Date.parse(date)).toBeLessThanOrEqual(Date.now());
      expect(environment.node).toBe(process.versions.node);
      expect(rows).toMatchObject([{ suite: 'micro', name: 'add', unit: 'ns' }]);
      expect(rows[0].ours).toBeGreaterThan(1);
    }
  });
});
