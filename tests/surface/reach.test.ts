import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ArgumentError, ConfigurationError } from '../../foundation/errors/errors.ts';
import { configure, core as mx, registry } from '../../mlx/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'reach-'));
const proof = join(folder, 'proof');

beforeAll(() => {
  writeFileSync(
    join(folder, 'reaching.py'),
    'import os\nfrom os import system\nfrom subprocess import run as start\nimport json\n\n\ndef own(x):\n    return os.path.basename(x)\n',
  );
  configure({ pythonModules: ['reaching', 'json'], pythonFolders: [folder] });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PATHS: readonly (readonly [string, string])[] = [
  ['mlx.extension', 'os.system'],
  ['mlx.extension', 'subprocess.getoutput'],
  ['mlx.nn.layers.base', 'Any'],
  ['mlx.core', 'os.system'],
  ['os', 'system'],
  ['reaching', 'os.system'],
  ['reaching', 'system'],
  ['reaching', 'start'],
  ['reaching', 'os.popen'],
  ['json', 'codecs.open'],
  ['json', 'codecs.builtins.eval'],
];

it.each(PATHS)('%s:%s is refused as an operation and as an object, and nothing runs', async (module, path) => {
  const operation = registry.register({ name: 'reach.out', python: `${module}:${path}` });
  const command = `touch ${proof}`;
  const wanted = path === 'os.system' && module === 'mlx.core' ? Error : ConfigurationError;
  expect(() => operation(command)).toThrow(wanted);
  await expect(operation.async(command)).rejects.toThrow(wanted);
  await expect(
    (async () => {
      // biome-ignore lint/suspicious/noExplicitAny: a path of any names.
      let target = (await mx.python.import(module)) as any;
      for (const name of path.split('.')) target = target[name];
      return await target(command);
    })(),
  ).rejects.toThrow(wanted);
  expect(existsSync(proof)).toBe(false);
});

it('refuses private names by either way', async () => {
  const operation = registry.register({ name: 'reach.inside', python: 'reaching:own.__globals__' });
  expect(() => operation('x')).toThrow(ConfigurationError);
  // biome-ignore lint/suspicious/noExplicitAny: a path of any names.
  const { own } = (await mx.python.import('reaching')) as any;
  await expect((async () => await own.__globals__)()).rejects.toThrow(ArgumentError);
});

it('leaves what an allowed module has of its own, whatever that uses', () => {
  expect(registry.register<string>({ name: 'reach.own', python: 'reaching:own' })('a/b')).toBe('b');
  expect(registry.register<string>({ name: 'reach.json', python: 'reaching:json.dumps' })([1])).toBe('[1]');
  expect(registry.register<number>({ name: 'reach.operator', python: 'operator:add' })(1, 2)).toBe(3);
});
