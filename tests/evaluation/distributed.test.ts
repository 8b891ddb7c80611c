import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { ArgumentError, core as mx, OperationError, UnsupportedOperationError } from '../../mlx/index.ts';
import { freePorts } from '../support/ports.ts';

const SIZE = 4;
const GUARD_MS = 120_000;
const ringExit = fileURLToPath(new URL('../support/ring-exit.ts', import.meta.url));
const ringAlone = fileURLToPath(new URL('../support/ring-alone.ts', import.meta.url));
const member = fileURLToPath(new URL('../support/ring-member.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-ring-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Answers = Readonly<Record<string, unknown>>;

describe('a ring of four processes on this machine', () => {
  let answers: Answers[] = [];

  beforeAll(async () => {
    const hosts = join(folder, 'hosts.json');
    writeFileSync(hosts, JSON.stringify((await freePorts(SIZE)).map((port) => [`127.0.0.1:${port}`])));
    const members = Array.from({ length: SIZE }, (_, rank) =>
      execa(process.execPath, [...SOURCE_OPTIONS, member], {
        env: { MLX_RANK: String(rank), MLX_HOSTFILE: hosts },
        timeout: GUARD_MS,
      }),
    );
    answers = (await Promise.all(members)).map(({ stdout }) => JSON.parse(stdout) as Answers);
  }, GUARD_MS);

  const each = (name: string, expected: (rank: number) => unknown) =>
    it(name, () => expect(answers.map((answer) => answer[name])).toEqual(answers.map((_, rank) => expected(rank))));

  each('rank', (rank) => rank);
  each('size', () => SIZE);
  each('text', (rank) => `Group(rank ${rank} of 4)`);
  each('sum', () => [10, 100]);
  each('sumOfGroup', () => [10, 100]);
  each('max', () => [4, 40]);
  each('min', () => [1, 10]);
  each('half', () => [8]);
  each('gathered', () => [1, 10, 2, 20, 3, 30, 4, 40]);
  each('gatheredRows', () => [4, 2]);
  each('received', (rank) => [((rank + 3) % 4) + 1, 10 * (((rank + 3) % 4) + 1)]);
  each('receivedLike', (rank) => [((rank + 3) % 4) + 1, 10 * (((rank + 3) % 4) + 1)]);
  each('later', () => [10, 100]);
  each('again', () => SIZE);

  it('refuses what the ring cannot do, with typed errors', () => {
    for (const answer of answers) {
      expect(answer['stranger']).toMatchObject({ name: 'OperationError' });
      expect(answer['itself']).toMatchObject({ name: 'OperationError' });
      expect(answer['split']).toMatchObject({ name: 'OperationError', message: expect.stringContaining('split') });
      expect(answer['scatter']).toMatchObject({ name: 'OperationError' });
    }
  });
});

it('throws in all processes of the ring where one was killed, and goes on', { timeout: GUARD_MS }, async () => {
  const hosts = join(folder, 'leaving.json');
  writeFileSync(hosts, JSON.stringify((await freePorts(SIZE)).map((port) => [`127.0.0.1:${port}`])));
  const members = Array.from({ length: SIZE }, (_, rank) =>
    execa(process.execPath, [...SOURCE_OPTIONS, ringExit], {
      env: { MLX_RANK: String(rank), MLX_HOSTFILE: hosts },
      timeout: GUARD_MS,
      reject: false,
    }),
  );
  const [first, killed, ...others] = await Promise.all(members);
  expect(killed?.signal).toBe('SIGKILL');
  for (const member of [first, ...others]) {
    expect(JSON.parse(member?.stdout ?? '')).toEqual({ errors: Array(5).fill('DistributedError'), own: [2, 3] });
  }
});

// By its rank a process of the ring first waits for one neighbour, or first looks for the other.
it.each([0, 2])(
  'does not wait for ever for processes that do not join, as rank %i',
  { timeout: GUARD_MS },
  async (rank) => {
    const hosts = join(folder, `alone-${rank}.json`);
    writeFileSync(hosts, JSON.stringify((await freePorts(3)).map((port) => [`127.0.0.1:${port}`])));
    const { stdout } = await execa(process.execPath, [...SOURCE_OPTIONS, ringAlone], {
      env: { MLX_RANK: String(rank), MLX_HOSTFILE: hosts },
      timeout: GUARD_MS,
    });
    const lost = 'mx.distributed.init: [distributed] the group is lost:';
    expect(JSON.parse(stdout)).toEqual([
      ['DistributedError', `${lost} not all processes have joined within 300 ms`],
      ['DistributedError', `${lost} not all processes have joined within 1 ms`],
      ['DistributedError', `${lost} it is still being joined, for the engine any`],
    ]);
  },
);

describe('without a launcher', () => {
  const { distributed } = mx;

  it('is a group of its own, in which collectives give what they are given', () => {
    const group = distributed.init();
    expect([group.rank(), group.size()]).toEqual([0, 1]);
    const x = mx.array([1, 2]);
    for (const run of [distributed.allSum, distributed.allMax, distributed.allMin, distributed.allGather]) {
      expect(run(x, { group }).tolist()).toEqual([1, 2]);
    }
  });

  it('throws MLX’s own words where a group is demanded', () => {
    expect(() => distributed.init({ strict: true })).toThrow(OperationError);
    expect(() => distributed.init(true)).toThrow("[distributed] Couldn't initialize any backend");
    expect(() => distributed.init(true, 'ring')).toThrow('provide via environment variables both a rank (MLX_RANK)');
  });

  it('refuses to send to a rank that does not exist', () => {
    expect(() => distributed.send(mx.array([1]), 0)).toThrow('Cannot send to a singleton group');
    expect(() => distributed.recv([1], mx.float32, 0)).toThrow('Cannot recv from a singleton group');
    expect(() => distributed.init().split(0)).toThrow('Cannot split the distributed group further.');
  });

  it.each([
    ['an unknown engine', () => distributed.init({ backend: 'rings' as 'ring' })],
    ['an unknown keyword', () => distributed.init({ strickt: true } as object)],
    ['a strict that is no boolean', () => distributed.init(1 as unknown as boolean)],
    ['a time that is none', () => distributed.init({ timeoutMs: 0 })],
    ['an unknown engine to ask for', () => distributed.isAvailable('rings' as 'ring')],
    ['a color that is no integer', () => distributed.init().split(0.5)],
    ['a group that is none', () => distributed.allSum(mx.array(1), { group: 0 as never })],
  ])('refuses %s', (_, run) => {
    expect(run).toThrow(ArgumentError);
  });

  it('says why Python cannot be asked', () => {
    const run = () => distributed.allSum(mx.array(1), { implementation: 'python' });
    expect(run).toThrow(UnsupportedOperationError);
    expect(run).toThrow(/a process of its own/);
  });

  it.each([
    ['a host file that is missing', { MLX_RANK: '0', MLX_HOSTFILE: join(folder, 'none.json') }],
    ['a host file that is no JSON', { MLX_RANK: '0', MLX_HOSTFILE: fileURLToPath(import.meta.url) }],
    ['a rank beyond the hosts', { MLX_RANK: '7', MLX_HOSTFILE: join(folder, 'two.json') }],
  ])('refuses %s, and does not end the process', async (_, env) => {
    writeFileSync(join(folder, 'two.json'), JSON.stringify([['127.0.0.1:1'], ['127.0.0.1:2']]));
    const child = await execa(process.execPath, [...SOURCE_OPTIONS, member], { env, timeout: GUARD_MS, reject: false });
    expect(child.exitCode).toBe(1);
    expect(child.stderr).toContain('OperationError');
  });
});
