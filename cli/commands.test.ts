import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { SOURCE_OPTIONS } from '../foundation/from-source/options.ts';
import { writeTinyModel } from '../lm/test-support/tiny-model.ts';
import { shutdown } from '../mlx/index.ts';
import { bench } from './bench.ts';
import { UsageError } from './command.ts';
import { doctor } from './doctor.ts';
import { ops } from './ops.ts';
import { parity } from './parity.ts';
import { port } from './port.ts';
import { captureOutput } from './test-support/output.ts';

/** What the command under test wrote; the tests beside this one run the whole program. */
const output = captureOutput();
const folder = mkdtempSync(join(tmpdir(), 'mlx-router-commands-'));

afterEach(() => {
  vi.unstubAllEnvs();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await shutdown();
});

describe('ops', () => {
  it('ends its table with the count of what it shows', async () => {
    expect(await ops.run(['--family', 'fft', '--native'])).toBe(0);
    const rows = output.stdout.split('\n').filter((line) => line.startsWith('mx.fft.'));
    expect(rows.length).toBeGreaterThan(10);
    expect(output.stdout).toMatch(new RegExp(`\\n${rows.length} operations: ${rows.length} native, \\d+ Python`));
  });

  it('shows no table where nothing is found', async () => {
    expect(await ops.run(['--search', 'there is no such text'])).toBe(0);
    expect(output.stdout).toMatch(
      /^0 operations: 0 native, 0 Python, 0 both\n\d+ architectures of language models, 11 of them/,
    );
  });

  it('lists architectures of language models where they are asked for', async () => {
    await ops.run(['--json', '--family', 'model']);
    const { operations, models, summary } = JSON.parse(output.stdout);
    expect(operations).toEqual(models);
    expect(summary).toMatchObject({ native: 11, python: models.length, families: { model: { native: 11 } } });
    const row = (name: string) => models.find((model: { name: string }) => model.name === name);
    expect(row('lm.llama')).toMatchObject({ family: 'model', native: true, python: true, reason: null });
    expect(row('lm.mamba')).toMatchObject({ native: false, reason: expect.stringMatching(/^not ported: its layers/) });
  });

  it('accounts for every name of mlx.core, and gives the reason of what is unported', async () => {
    await ops.run(['--json', '--unported']);
    const { operations, surface } = JSON.parse(output.stdout);
    expect(surface.total).toBeGreaterThan(500);
    expect(surface.accounted + surface.missing.length).toBe(surface.total);
    for (const { reason } of operations) expect(reason).not.toBe('');
  });

  it('refuses what it does not know', async () => {
    await expect(ops.run(['--family', 'ftt'])).rejects.toThrow(UsageError);
    await expect(ops.run(['surplus'])).rejects.toThrow('unexpected argument "surplus"');
    await expect(ops.run(['--famly'])).rejects.toThrow('did you mean "--family"?');
    await expect(ops.run(['--family'])).rejects.toThrow(UsageError);
  });
});

describe('doctor', () => {
  it('says in words that all is well', async () => {
    expect(await doctor.run([])).toBe(0);
    for (const title of ['Machine', 'Native backend', 'Python backend', 'Together'])
      expect(output.stdout).toContain(title);
    expect(output.stdout).toContain('both give the same bits');
    expect(output.stdout).toMatch(/round trip +\d+ µs to Python and back/);
    expect(output.stdout).toMatch(/\nAll is well.*\n$/);
    expect(output.stdout).not.toContain('✗');
  });
});

describe('port', () => {
  it('shows the places of an operation that is ported', async () => {
    expect(await port.run(['matmul'])).toBe(0);
    expect(output.stdout).toMatch(/^mx\.matmul: ported\n/);
    expect(output.stdout).toMatch(/registry\/catalogue\/products\.ts:\d+/);
    expect(output.stdout).toContain('mlx_matmul(');
    expect(output.stdout).not.toContain('\nEdit\n');
  });

  it('says that what a lowering stands on is bound', async () => {
    expect(await port.run(['linalg.svd'])).toBe(0);
    expect(output.stdout).toMatch(/^mx\.linalg\.svd: ported\n/);
    expect(output.stdout).toMatch(/operations\/linalg\.cc:\d+ {2}binds mlx_linalg_svd\n/);
    expect(output.stdout).toContain('mlx/c/linalg.h, bound\n');
    expect(output.stdout).not.toContain('not bound yet');
  });

  it('suggests the name that was meant', async () => {
    await expect(port.run(['matmull'])).rejects.toThrow('did you mean "matmul"?');
    await expect(port.run([])).rejects.toThrow('expected the name of an operation');
  });
});

describe('parity', () => {
  it("compares operations of the user's own that a module brings", async () => {
    const file = join(folder, 'operations.mts');
    const module = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
    writeFileSync(
      file,
      `import fc from ${JSON.stringify(import.meta.resolve('fast-check'))};
       import { core as mx, registry } from ${module('../mlx/index.ts')};
       import * as parity from ${module('../parity-tests/index.ts')};
       registry.register({ name: 'brought.good', python: 'mlx.core:square', native: (x) => mx.square(x) });
       registry.register({ name: 'brought.bad', python: 'mlx.core:square', native: (x) => mx.negative(x) });
       for (const name of ['brought.good', 'brought.bad']) parity.calls(name, { arguments: fc.tuple(parity.array()) });`,
    );
    // In a process of its own, which loads sources.
    const main = fileURLToPath(new URL('main.ts', import.meta.url));
    const args = [...SOURCE_OPTIONS, main, 'parity', '--import', file, '--runs', '20', '--json'];
    const { status, stdout: report } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    expect(status).toBe(1);
    const { operations } = JSON.parse(report) as { operations: { name: string; status: string }[] };
    expect(operations.map(({ name, status }) => [name, status])).toEqual([
      ['brought.good', 'passed'],
      ['brought.bad', 'failed'],
    ]);
    await expect(parity(['--import', join(folder, 'missing.mjs')])).rejects.toThrow(
      /--import: ".*missing\.mjs" cannot/,
    );
  });

  it('prints a line for each family, and the verdict', async () => {
    expect(await parity(['--op', 'abs', '--op', 'add', '--runs', '3', '--report', folder])).toBe(0);
    expect(output.stdout).toMatch(/^unary +1 operations +\d+ calls .* agree$/m);
    expect(output.stdout).toMatch(/^binary +1 operations +\d+ calls .* agree$/m);
    const written = readdirSync(folder).filter((name) => name.startsWith('parity.'));
    expect(written.sort()).toEqual(['parity.html', 'parity.json', 'parity.md']);
    for (const name of written) expect(output.stderr).toContain(join(folder, name));
    const page = readFileSync(join(folder, 'parity.html'), 'utf8');
    expect(page).toContain('<code>abs</code>');
    // One file that needs nothing else.
    expect(page).not.toMatch(/(src|href)="/);
    expect(readFileSync(join(folder, 'parity.md'), 'utf8')).toMatch(/^\| `add` \| binary \| passed \|/m);
  });

  it('takes transforms in place of the calls', async () => {
    expect(await parity(['--transforms', '--op', 'abs', '--runs', '3', '--json'])).toBe(0);
    const [operation] = JSON.parse(output.stdout).operations;
    expect(operation).toMatchObject({ name: 'abs', status: 'passed', gradient: 'piecewise' });
    expect(operation.transforms.map(({ kind }: { kind: string }) => kind)).toContain('vmap');
  });

  it('says how the Python that language models are compared with gets mlx_lm', async () => {
    const python = join(folder, 'python');
    // Answers as the script does where mlx_lm cannot be imported.
    writeFileSync(python, `#!/bin/sh\necho '{"missing": "No module named mlx_lm"}'\n`, { mode: 0o755 });
    expect(await parity(['--models', '--only', 'gpt2', '--python', python])).toBe(1);
    expect(output.stderr).toContain(
      `${python} has no mlx_lm (No module named mlx_lm); install it: ${python} -m pip install`,
    );
    writeFileSync(python, '#!/nowhere\n', { mode: 0o755 });
    expect(await parity(['--models', '--only', 'gpt2', '--python', python])).toBe(1);
    expect(output.stderr).toContain(`${python} cannot be started`);
  });

  it.each([
    [['--only', 'llama'], '--only and --python need --models'],
    [['--models', '--only', 'lama'], '--only: no architecture is named "lama" (did you mean "llama"?)'],
    [['--models', '--python', '/nowhere/python'], '--python: expected an executable file, received "/nowhere/python"'],
    [['--models', '--runs', '0'], '--runs: expected a whole number from 1 up'],
    [['--runs', '0'], '--runs: expected a whole number from 1 up'],
    [['--runs', ''], '--runs: expected a whole number from 1 up'],
    [['--seed', '-1'], '--seed'],
    [['--family', 'unray'], 'did you mean "unary"?'],
    [['--op', 'ads'], '--op: no operation is named "ads" (did you mean "abs"?)'],
    [['--op', 'svd'], 'no operation is named "svd"; its whole name is "linalg.svd"'],
    [['--op', 'mx.linalg.svd'], 'its whole name is "linalg.svd"'],
    [['--op', 'add', '--report', 'package.json'], '--report: expected a folder to write into, received "package.json"'],
    [['--op', 'einsum_path'], 'cannot be compared'],
    [['--path', 'right:1'], '--path needs one --op'],
  ])('refuses %j', async (args, message) => {
    await expect(parity(args)).rejects.toThrow(message);
    await expect(parity(args)).rejects.toThrow(UsageError);
  });

  it('explains itself', async () => {
    expect(await parity(['--help'])).toBe(0);
    expect(output.stdout).toContain('Usage: mlx-router parity');
  });
});

describe('bench', () => {
  it('prints a table with the ratio and the count of targets met', async () => {
    // What it measures runs in children, which load TypeScript as this process does.
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    expect(await bench.run(['--rounds', '1', '--row', 'matmul-2x2'])).toBe(0);
    expect(output.stderr).toBe('[1/1] micro: matmul-2x2\n');
    expect(output.stdout).toMatch(/^row +unit .* ratio .* recommendation/m);
    expect(output.stdout).toMatch(/^matmul-2x2 +ns +\d/m);
    expect(output.stdout).toMatch(/[01] of 1 rows meet their target\n$/);
  });

  it('shows tokens in a second of language models, and what is not there to compare', async () => {
    vi.spyOn(process, 'execArgv', 'get').mockReturnValue(['--import', 'tsx']);
    const model = join(folder, 'model');
    writeTinyModel(model);
    expect(await bench.run(['--rounds', '1', '--row', 'decode', '--model', model])).toBe(0);
    expect(output.stdout).toMatch(/^row +unit .* tokens\/s .*llama.cpp +recommendation/m);
    expect(output.stdout).toMatch(/^decode +ms +\d/m);
    expect(output.stdout).toContain('llama.cpp: ');
    expect(output.stdout).toMatch(/^models: model, /m);
  });

  it.each([
    [['--row', 'adds'], 'did you mean "add"?'],
    [['--suite', 'bridge', '--row', 'add'], 'no row is in both --suite and --row'],
    [['--rounds', '1.5'], 'from 1 to 1000'],
    [['--row', 'add', '--peers'], 'the row "chain" and the suites'],
    [['--row', 'add', '--model', 'x'], 'rows of the suite "lm"'],
    [['--row', 'round-trip', '--floor'], 'rows of the suites "micro" and "programs"'],
    [['--row', 'decode', '--model', '/nonexistent'], 'there is no /nonexistent'],
  ])('refuses %j', async (args, message) => {
    await expect(bench.run(args)).rejects.toThrow(message);
    await expect(bench.run(args)).rejects.toThrow(UsageError);
  });
});

it('no command leaves a file in the working directory', () => {
  for (const name of ['parity.html', 'parity.json', 'parity.md']) expect(existsSync(name)).toBe(false);
});
