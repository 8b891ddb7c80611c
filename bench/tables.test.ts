import { describe, expect, it } from 'vitest';
import { between } from './marked.ts';
import type { Measurement } from './measure.ts';
import { summarize } from './statistics.ts';
import { partOf } from './tables.ts';

const measurement = (changes: Partial<Measurement>): Measurement => ({
  suite: 'micro',
  name: 'add',
  about: 'an addition',
  unit: 'ns',
  ours: summarize([300]),
  python: summarize([450]),
  ratio: 1.5,
  ratioInterval: [1.4, 1.6],
  cpuRatio: null,
  limit: null,
  meetsTarget: true,
  recommendation: 'native',
  rate: null,
  threads: null,
  bandwidth: null,
  floor: null,
  peers: [],
  ...changes,
});

const environment = { processor: '2 × a processor', mlx: '1.2', node: '20', blas: 'OpenBLAS', platform: 'linux x64' };
const part = (...rows: Measurement[]) => partOf({ environment, rounds: 7, rows }, '2026-01-01').split('\n');

describe('the figures of a run', () => {
  it('are a table for each suite, with the machine and the command', () => {
    const trip = measurement({ suite: 'bridge', name: 'trip', unit: 'us', limit: 75, python: null, ratio: null });
    const lines = part(measurement({}), {
      ...trip,
      ours: summarize([80], true),
      ratioInterval: null,
      meetsTarget: false,
    });
    expect(lines[0]).toBe(
      'Measured on 2026-01-01 with `npm run bench -- --suite micro,bridge --rounds 7`: 2 × a processor, MLX 1.2, Node.js 20, OpenBLAS.',
    );
    expect(lines).toContain('| row | work | target | ours | Python | ratio | ratio in 19 of 20 runs | met |');
    expect(lines).toContain('| `add` | an addition | 1.00 | 300 ns | 450 ns | 1.50 | 1.40 to 1.60 | yes |');
    expect(lines).toContain('| row | work | target | ours | p99 | met |');
    expect(lines).toContain('| `trip` | an addition | ≤ 75 µs | 80 µs | 80 µs | no |');
  });

  it('have the floor, with a dash where there is none', () => {
    const floor = { figures: summarize([200]), ours: 1.5, python: 2.25, cpuOurs: null, cpuPython: null };
    const lines = part(measurement({ floor }), measurement({ name: 'tolist' }));
    expect(lines[0]).toContain('--suite micro --floor --rounds 7');
    expect(lines.find((line) => line.startsWith('| `add`'))).toMatch(
      /1\.00, or the floor .* 200 ns \| 1\.50 \| 2\.25 \| yes/,
    );
    expect(lines.find((line) => line.startsWith('| `tolist`'))).toMatch(/\| – \| – \| – \| yes \|$/);
  });

  it('have other libraries beside, and the reasons of those that are absent', () => {
    const peers = [
      { name: 'there', figures: summarize([1234]), ratio: 4, problem: null },
      { name: 'absent', figures: null, ratio: null, problem: 'no network' },
    ];
    const lines = part(measurement({ peers }), measurement({ name: 'exp', peers }));
    expect(lines.find((line) => line.startsWith('| row'))).toMatch(/\| there \| met \|$/);
    expect(lines.find((line) => line.startsWith('| `add`'))).toMatch(/\| 1234 ns \| yes \|$/);
    expect(lines.filter((line) => line === '- absent is not among them: no network.')).toHaveLength(1);
  });

  it('are written between the marks of a page', () => {
    expect(between('a [ old ] b', ['[', ']'], 'new')).toBe('a [\n\nnew\n\n] b');
    expect(() => between('a [ b', ['[', ']'], 'new')).toThrow('has not both [ and ]');
    expect(() => between('] [', ['[', ']'], 'new')).toThrow('has not both');
  });
});
