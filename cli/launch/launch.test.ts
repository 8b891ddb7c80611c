import { mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type Options } from 'execa';
import { afterAll, describe, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../../foundation/from-source/options.ts';
import { isAlive } from './test-support/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-test-launch-'));
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const member = fileURLToPath(new URL('test-support/member.ts', import.meta.url));
const temporary = mkdtempSync(join(folder, 'tmp-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// What a computer of that name would have on its PATH.
symlinkSync(here('test-support/ssh.sh'), join(folder, 'ssh'));
const env = { PATH: `${folder}${delimiter}${process.env['PATH']}`, TMPDIR: temporary, NO_COLOR: '1' };
const TWO_HOSTS = JSON.stringify([
  { ssh: 'one.example', ips: ['127.0.0.1'] },
  { ssh: 'two.example', ips: ['127.0.0.1'] },
]);

/** Seconds in which a survivor can print what it has caught. */
const GRACE = '1';

function start(args: readonly string[], options: Options = {}) {
  const main = here('../main.ts');
  return execa(process.execPath, [...SOURCE_OPTIONS, main, 'launch', '--grace', GRACE, ...args], {
    env,
    reject: false,
    ...options,
  });
}

async function launch(...args: string[]) {
  const { exitCode, stdout, stderr } = await start(args);
  return { code: exitCode, stdout: String(stdout), stderr: String(stderr) };
}

function hostFile(content: string): string {
  const file = join(folder, 'hosts');
  writeFileSync(file, content);
  return file;
}

const sorted = (text: string) => text.split('\n').sort();

describe('processes on this machine', () => {
  it('have their ranks and arguments, and print whole lines', async () => {
    const script = 'echo "$MLX_RANK $1"; printf "half $2"';
    const { code, stdout } = await launch('-n', '3', '--', 'sh', '-c', script, 'sh', 'a \'b" $c', '  d');
    expect(code).toBe(0);
    expect(sorted(stdout)).toEqual([0, 1, 2].flatMap((i) => [`[${i}] ${i} a 'b" $c`, `[${i}] half   d`]).sort());
  });

  it('find each other by a host file, which is gone afterwards', async () => {
    const { stdout } = await launch('-n', '2', '--backend', 'ring', 'sh', '-c', 'cat "$MLX_HOSTFILE"');
    const [first, second] = sorted(stdout);
    const hosts = JSON.parse(first?.slice(4) ?? '') as string[][];
    expect(JSON.parse(second?.slice(4) ?? '')).toEqual(hosts);
    expect(new Set(hosts.flat()).size).toBe(2);
    for (const [address] of hosts) expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('of one have no group', async () => {
    const { code, stdout } = await launch('--backend', 'ring', 'sh', '-c', 'test -z "$MLX_RANK" && echo none');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '[0] none' });
  });

  it('know what NCCL wants to know', async () => {
    const variables = '$MLX_RANK $MLX_WORLD_SIZE $NCCL_HOST_IP $CUDA_VISIBLE_DEVICES $MLX_HOSTFILE$NCCL_DEBUG';
    const options = ['-n', '2', '--backend', 'nccl', '--env', 'NCCL_DEBUG=a b'];
    const { stdout } = await launch(...options, 'sh', '-c', `echo "${variables}"`);
    expect(sorted(stdout)).toEqual(['[0] 0 2 127.0.0.1 0 a b', '[1] 1 2 127.0.0.1 1 a b']);
  });

  it('may be many', async () => {
    const { code, stdout, stderr } = await launch('-n', '300', 'sh', '-c', 'echo "$MLX_RANK"');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n')).toHaveLength(300);
    expect(stdout).toContain('[  7] 7');
  });

  it('leave options behind the program alone', async () => {
    const { stdout } = await launch('-n', '1', 'echo', '--help', '--version', '-n', '--');
    expect(stdout).toBe('[0] --help --version -n --');
  });

  it('end with the code of the first that failed', async () => {
    const { code, stderr } = await launch('-n', '2', 'sh', '-c', 'test "$MLX_RANK" = 0 && sleep 60; exit 5');
    expect(code).toBe(5);
    expect(sorted(stderr)).toEqual([
      'mlx-router: rank 0 was ended by SIGTERM',
      'mlx-router: rank 1 ended with code 5; the others have 1 s to end',
    ]);
  });

  it('have failed though something that they started goes on', async () => {
    const { code, stdout } = await launch('-n', '2', 'sh', '-c', 'sleep 63 & echo "$!"; exit "$MLX_RANK"');
    expect(code).toBe(1);
    for (const line of sorted(stdout)) expect(await isAlive(Number(line.slice(4)))).toBe(false);
  });

  it('are killed where SIGTERM is not enough', async () => {
    const { code, stderr } = await launch(
      '-n',
      '2',
      'sh',
      '-c',
      'test "$MLX_RANK" = 1 && exit 4; trap "" TERM; while :; do sleep 0.1; done',
    );
    expect(code).toBe(4);
    expect(stderr).toContain('rank 0 was ended by SIGKILL');
  });
});

describe('a signal to the launcher', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s is passed on, and nothing stays behind', async (signal, code) => {
    // What a program starts ends with it.
    const running = start(['-n', '2', 'sh', '-c', 'sleep 61 & echo "$$ $!"; wait']);
    const numbers: number[] = [];
    for await (const line of running.iterable()) {
      numbers.push(...String(line).split(' ').slice(1).map(Number));
      if (numbers.length === 4) running.kill(signal);
    }
    expect(await running).toMatchObject({ exitCode: code, stderr: '' });
    for (const number of numbers) expect(await isAlive(number)).toBe(false);
  });

  it('twice kills what does not end', async () => {
    const running = start(['-n', '2', 'sh', '-c', 'trap "" INT; echo "$$"; while :; do sleep 0.1; done']);
    let lines = 0;
    for await (const _ of running.iterable()) {
      lines += 1;
      if (lines < 2) continue;
      running.kill('SIGINT');
      setTimeout(() => running.kill('SIGINT'), 300);
    }
    expect(await running).toMatchObject({ exitCode: 137 });
  });

  it('is not needed when the reader of the output has gone', async () => {
    const script = 'echo "$$"; while :; do sleep 0.1; echo more; done';
    const running = start(['-n', '1', 'sh', '-c', script]);
    let number = 0;
    for await (const line of running.iterable()) {
      number = Number(String(line).split(' ')[1]);
      running.stdout?.destroy();
      break;
    }
    await running;
    expect(await isAlive(number)).toBe(false);
  });
});

describe('processes on several machines', () => {
  it('have their ranks, variables and arguments there', async () => {
    const options = ['--hosts', hostFile(TWO_HOSTS), '--env', "TEXT=it's $HOME"];
    const script = 'echo "$MLX_RANK $TEXT $1"; cat "$MLX_HOSTFILE"';
    const { code, stdout } = await launch(...options, '--backend', 'ring', 'sh', '-c', script, 'sh', 'a \'b" $c\\ `d`');
    const hosts = '[["127.0.0.1:32323"],["127.0.0.1:32324"]]';
    expect(code).toBe(0);
    expect(sorted(stdout)).toEqual(
      [0, 1].flatMap((i) => [`[${i}] ${hosts}`, `[${i}] ${i} it's $HOME a 'b" $c\\ \`d\``]).sort(),
    );
    expect(readdirSync(temporary)).toEqual([]);
  });

  it('are ended when one has failed', async () => {
    const file = hostFile(TWO_HOSTS);
    const { code, stderr } = await launch(
      '--hosts',
      file,
      'sh',
      '-c',
      'test "$MLX_RANK" = 0 && exec sleep 60; kill -KILL $$',
    );
    expect(code).toBe(137);
    expect(sorted(stderr)).toEqual([
      'mlx-router: rank 0 on one.example was ended by SIGTERM',
      'mlx-router: rank 1 on two.example was ended by SIGKILL; the others have 1 s to end',
    ]);
  });

  it('end when the launcher is gone', async () => {
    const running = start(['--hosts', hostFile(TWO_HOSTS), 'sh', '-c', 'echo "$$"; exec sleep 60']);
    const numbers: number[] = [];
    for await (const line of running.iterable()) {
      numbers.push(Number(String(line).split(' ')[1]));
      if (numbers.length === 2) running.kill('SIGKILL');
    }
    for (const number of numbers) expect(await isAlive(number)).toBe(false);
  });
});

it('mpirun gets the hosts, the variables and the program', async () => {
  writeFileSync(join(folder, 'mpirun'), '#!/bin/sh\nprintf "%s\\n" "$@"\nexit 9\n', { mode: 0o755 });
  const options = ['--hosts', hostFile(TWO_HOSTS), '-n', '2', '--backend', 'mpi', '--env', 'A=b c'];
  const { code, stdout } = await launch(...options, 'program', 'x  y');
  const hosts = 'one.example:1,one.example:1,two.example:1,two.example:1';
  expect(stdout.split('\n')).toEqual(['-n', '4', '--host', hosts, '-x', 'A=b c', 'program', 'x  y']);
  expect(code).toBe(9);
});

describe('a process of a ring that', () => {
  const survivors = (stdout: string) => sorted(stdout).filter((line) => line.includes('Error'));

  it.each([
    ['is killed', /^\[\d\] DistributedError: rank 1 was ended by SIGKILL$/, 137],
    // Those that fail because of it may be known before its own end is read.
    ['leaves', /^\[\d\] DistributedError: rank \d ended with code [03]$/, 3],
    ['never joins', /^\[\d\] DistributedError: rank 1 ended with code 7$/, 7],
  ])('%s is an error in all others', async (fate, error, code) => {
    const outcome = await launch('-n', '4', '--backend', 'ring', member, fate);
    const lines = survivors(outcome.stdout);
    expect(lines.map((line) => line[1])).toEqual(['0', '2', '3']);
    for (const line of lines) expect(line).toMatch(error);
    expect(outcome.code).toBe(code);
  });

  it('is killed on another machine is an error there, too', async () => {
    const file = hostFile(TWO_HOSTS);
    const { stdout } = await launch('--hosts', file, '--port', '29400', '--backend', 'ring', member, 'is killed');
    expect(survivors(stdout)).toEqual(['[0] DistributedError: rank 1 on two.example was ended by SIGKILL']);
  });

  it('finds its port taken says so', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    try {
      const { code, stdout } = await launch('-n', '2', '--port', String(port - 1), '--backend', 'ring', member, '');
      expect(stdout).toContain("[1] OperationError: mx.distributed.init: [ring] Couldn't bind socket");
      expect(code).toBe(3);
    } finally {
      server.close();
    }
  });
});
