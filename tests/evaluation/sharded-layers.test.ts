import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { ArgumentError, core as mx } from '../../mlx/index.ts';
import * as nn from '../../mlx/nn/index.ts';
import { freePorts } from '../support/ports.ts';

const SIZE = 2;
const GUARD_MS = 120_000;
const member = fileURLToPath(new URL('../support/sharded-member.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-sharded-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('layers that two processes share', () => {
  let answers: Record<string, unknown>[] = [];

  beforeAll(async () => {
    const hosts = join(folder, 'hosts.json');
    writeFileSync(hosts, JSON.stringify((await freePorts(SIZE)).map((port) => [`127.0.0.1:${port}`])));
    const members = Array.from({ length: SIZE }, (_, rank) =>
      execa(process.execPath, [...SOURCE_OPTIONS, member], {
        env: { MLX_RANK: String(rank), MLX_HOSTFILE: hosts },
        timeout: GUARD_MS,
      }),
    );
    answers = (await Promise.all(members)).map(({ stdout }) => JSON.parse(stdout) as Record<string, unknown>);
  }, GUARD_MS);

  const both = (name: string, expected: unknown) =>
    it(name, () => expect(answers.map((answer) => answer[name])).toEqual([expected, expected]));

  both('text', [
    'AllToShardedLinear(input_dims=8, output_dims=4, bias=True)',
    'ShardedToAllLinear(input_dims=8, output_dims=4, bias=True)',
    'QuantizedAllToShardedLinear(input_dims=128, output_dims=8, bias=True, group_size=64, bits=4, mode=affine)',
    'QuantizedShardedToAllLinear(input_dims=128, output_dims=8, bias=True, group_size=64, bits=4, mode=affine)',
    'FullyShardedModule(num_sharded_params=2\n  (module): Linear(input_dims=8, output_dims=2, bias=True)\n)',
  ]);
  both('wide', true);
  both('all', true);
  both('quantizedWide', true);
  both('quantizedAll', true);
  both('inplace', [[2, 8], [2]]);
  both('gradient', true);
  both('full', true);
  both('parts', [2, 8]);
  both('averaged', [[0.5], [1, 0]]);
  both('separately', [0.5]);
  both('clipped', [Math.fround(Math.sqrt(18)), expect.closeTo(3 / Math.sqrt(18), 5)]);
  both('frozen', []);
});

describe('in one process alone', () => {
  it('nothing is shared', () => {
    const linear = new nn.Linear(4, 2);
    expect(nn.fullyShard(linear)).toBe(linear);
    const gradients = { a: mx.array([1]) };
    expect(nn.averageGradients(gradients)).toBe(gradients);
    const x = mx.random.normal([3, 4]);
    const shared = nn.AllToShardedLinear.fromLinear(linear);
    expect(shared.forward(x).tolist()).toEqual(linear.forward(x).tolist());
  });

  it.each<[string, () => unknown]>([
    ['a sharding that there is not', () => nn.layers.shardLinear(new nn.Linear(2, 2), 'sharded' as never)],
    ['an option that there is not', () => nn.averageGradients({}, { size: 3 } as never)],
    ['a size that is none', () => nn.averageGradients({}, { allReduceSize: '3' as never })],
  ])('%s is refused', (_, make) => {
    expect(make).toThrow(ArgumentError);
  });
});
