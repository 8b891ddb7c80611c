import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { UsageError } from '../command.ts';
import { launch } from '../launch.ts';
import { readHosts } from './hosts.ts';
import { commandOf } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'mlx-router-test-launch-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(content: string, name = 'hosts'): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the command line', () => {
  it.each([
    [[], 'expected a program to start'],
    [['-n', '0', 'true'], '-n: expected a whole number from 1 to 1024, received "0"'],
    [['-n', '-1', 'true'], "Option '-n' argument is ambiguous"],
    [['-n', '1025', 'true'], 'from 1 to 1024'],
    [['-n', '2x', 'true'], 'received "2x"'],
    [['--grace', '1m', 'true'], '--grace: expected seconds from 0 to 86400, received "1m"'],
    [['--grace=', 'true'], 'received ""'],
    [['-n'], 'argument missing'],
    [['--port', '70000', 'true'], '--port: expected a whole number from 1 to 65535'],
    [['-n', '3', '--port', '65534', '--backend', 'ring', 'true'], '--port: 3 ports from 65534 are beyond 65535'],
    [['--backend', 'rings', 'true'], '(did you mean "ring"?)'],
    [['--host', 'x', 'true'], 'no option is named --host (did you mean "--hosts"?)'],
    [['--env', 'A', 'true'], '--env: expected NAME=value, received "A"'],
    [['--hosts', join(folder, 'none'), 'true'], 'no such file'],
    [['none.js'], 'there is no program "none.js"'],
  ])('refuses %j', async (args, message) => {
    await expect(launch.run(args)).rejects.toThrow(message);
    await expect(launch.run(args)).rejects.toThrow(UsageError);
  });

  it('says that mpirun is missing', async () => {
    const path = process.env['PATH'];
    process.env['PATH'] = folder;
    try {
      await expect(launch.run(['--backend', 'mpi', 'true'])).rejects.toThrow('needs mpirun');
    } finally {
      process.env['PATH'] = path;
    }
  });

  it('tells its own options from those of the program', () => {
    const own = (...args: string[]) => launch.own?.(args);
    expect(own('-n', '2', 'a.js', '--help')).toEqual(['-n', '2']);
    expect(own('--count=2', '--', '--help')).toEqual(['--count=2']);
    expect(own('--help', 'a.js')).toEqual(['--help']);
  });
});

describe('a program', () => {
  it('in JavaScript or TypeScript is run by this Node', () => {
    const script = file('', 'program.js');
    expect(commandOf([script, 'a b'])).toEqual([process.execPath, script, 'a b']);
    const [node, option, , ...rest] = commandOf(['cli/main.ts', '-x']);
    expect([node, option, ...rest]).toEqual([process.execPath, '--import', 'cli/main.ts', '-x']);
  });

  it('in TypeScript says where tsx is missing', () => {
    const script = file('', 'program.ts');
    const own = process.cwd();
    process.chdir(folder);
    try {
      const run = () => commandOf([script]);
      if ('typescript' in process.features && process.features.typescript)
        expect(run()).toEqual([process.execPath, script]);
      else expect(run).toThrow('npm install --save-dev tsx');
    } finally {
      process.chdir(own);
    }
  });

  it('of another kind is run as it is', () => {
    expect(commandOf(['python', 'a.py', ''])).toEqual(['python', 'a.py', '']);
  });
});

describe('a file of hosts', () => {
  it('may be a list of names', async () => {
    const { hosts } = await readHosts(file('# ours\n10.0.0.1\n\n  user@10.0.0.2  # the fast one\nlocalhost\n'));
    expect(hosts).toEqual([
      { ssh: '10.0.0.1', addresses: ['10.0.0.1'] },
      { ssh: 'user@10.0.0.2', addresses: ['10.0.0.2'] },
      { ssh: undefined, addresses: ['127.0.0.1'] },
    ]);
  });

  it('may be the JSON of mlx.launch', async () => {
    const hosts = [{ ssh: 'one', ips: ['10.0.0.1', '10.1.0.1'], rdma: [null] }, { ssh: '127.0.0.1' }];
    const found = await readHosts(file(JSON.stringify({ backend: 'ring', envs: ['A=b=c'], hosts })));
    expect(found).toEqual({
      hosts: [
        { ssh: 'one', addresses: ['10.0.0.1', '10.1.0.1'] },
        { ssh: undefined, addresses: [] },
      ],
      backend: 'ring',
      variables: ['A=b=c'],
    });
  });

  it.each([
    ['', 'names no host'],
    ['[]', 'names no host'],
    ['[{"ssh":"a"', 'JSON'],
    ['{"hosts":3}', 'expected a list of hosts'],
    ['[{"ips":["10.0.0.1"]}]', 'expected the name of host 0 as "ssh"'],
    ['[null]', 'expected the name of host 0 as "ssh"'],
    ['[{"ssh":"-oProxyCommand=x"}]', 'expected the name of host 0 as "ssh"'],
    ['[{"ssh":"a","ips":"10.0.0.1"}]', 'expected a list of texts as "ips" of "a"'],
    ['{"hosts":[],"envs":{"A":1}}', 'expected texts in "envs"'],
    ['{"hosts":[],"envs":["A B=1"]}', 'expected NAME=value, received "A B=1"'],
    ['{"hosts":[],"backend":1}', 'expected a text as "backend"'],
    ['two words\n', '"two words" is no name of a host'],
    ['-oProxyCommand=x\n', 'is no name of a host'],
    ['name.invalid\n', '"name.invalid" has no address here'],
  ])('is refused: %j', async (content, message) => {
    await expect(readHosts(file(content))).rejects.toThrow(message);
    await expect(readHosts(file(content))).rejects.toThrow(UsageError);
  });

  it('needs addresses for the ring, and an engine that the launcher has', async () => {
    const bare = file('[{"ssh":"one"},{"ssh":"two"}]', 'bare');
    await expect(launch.run(['--hosts', bare, '--backend', 'ring', 'true'])).rejects.toThrow('expected "ips" of "one"');
    const other = file('{"hosts":[{"ssh":"one"}],"backend":"jaccl"}', 'other');
    await expect(launch.run(['--hosts', other, 'true'])).rejects.toThrow('"jaccl" is none of');
  });
});
