import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SOURCE_OPTIONS } from '../foundation/from-source/options.ts';
import { packageVersion } from './package.ts';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function cli(args: string[], env: Record<string, string> = {}): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...SOURCE_OPTIONS, 'cli/main.ts', ...args], {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('the command line', () => {
  it('explains itself without loading the library', async () => {
    const { code, stdout } = await cli(['--help'], { MLX_ROUTER_SHADOW: 'wrong' });
    expect(code).toBe(0);
    for (const command of ['setup', 'doctor', 'ops', 'parity', 'bench', 'port']) expect(stdout).toContain(command);
  });

  it.each(['setup', 'ops'])('prints its version after %s too', async (command) => {
    const { code, stdout } = await cli([command, '--version'], { MLX_ROUTER_SHADOW: 'wrong' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${packageVersion()}\n` });
  });

  it('runs the set-up with the options and the exit code of its script', async () => {
    const help = await cli(['setup', '--help']);
    expect(help.stdout).toMatch(/^Usage: npm run setup -- \[options\]\n/);
    expect(help.code).toBe(0);
    const wrong = await cli(['setup', '--only', 'nothing']);
    expect(wrong.stderr).toContain('Set-up failed: there is no step "nothing"');
    expect(wrong.code).toBe(1);
  });

  it('fails before it computes where no report could be written', async () => {
    const { code, stdout, stderr } = await cli(['parity', '--op', 'add', '--report', 'package.json']);
    expect(stderr).toMatch(/^mlx-router: --report: expected a folder to write into, received "package\.json"/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it.each([
    [['opz'], 'did you mean "ops"?'],
    [['--versoin'], 'did you mean "--version"?'],
    [['ops', '--famly', 'fft'], 'did you mean "--family"?'],
    [['ops', '--family', 'ftt'], 'did you mean "fft"?'],
    [['ops', 'surplus'], 'unexpected argument "surplus"'],
    [['port'], 'expected the name of an operation'],
    [['port', 'linalg.svdd'], 'did you mean "linalg.svd"?'],
    [['bench', '--row', 'adds'], 'did you mean "add"?'],
    [['bench', '--suite', 'mirco'], 'did you mean "micro"?'],
    [['bench', '--rounds', '0'], 'from 1 to 1000'],
    [['serve', '--port', 'x'], '--port: expected a whole number'],
    [['serve', '--model', 'x', '--host', '0.0.0.0'], 'give a "token"'],
    [['toString'], 'no command is named "toString"'],
  ])('refuses %j with exit code 2', async (args, message) => {
    const { code, stdout, stderr } = await cli(args);
    expect(stderr).toContain(message);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  });

  it('says which setting of the environment is wrong', async () => {
    const { code, stderr } = await cli(['ops'], { MLX_ROUTER_SHADOW: '7' });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^mlx-router: MLX_ROUTER_SHADOW: expected a share/);
  });

  it('ends quietly when its reader has had enough', async () => {
    const child = spawn(process.execPath, [...SOURCE_OPTIONS, 'cli/main.ts', 'ops', '--json'], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.stdout.destroy();
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('ops', () => {
  it('lists what the addon reports', async () => {
    const { code, stdout } = await cli(['ops', '--json']);
    expect(code).toBe(0);
    const { operations, summary } = JSON.parse(stdout);
    expect(summary.total).toBe(operations.length);
    expect(summary.native).toBe(operations.filter(({ native }: { native: boolean }) => native).length);
    expect(summary.native).toBeGreaterThanOrEqual(75);
    const total = Object.values(summary.families as Record<string, { total: number }>).reduce((n, f) => n + f.total, 0);
    expect(total).toBe(operations.length);
    expect(operations.find(({ qualified }: { qualified: string }) => qualified === 'linalg.svd')).toMatchObject({
      name: 'mx.linalg.svd',
      family: 'linalg',
      native: true,
      python: true,
      reason: null,
    });
    for (const { native, reason } of operations) expect(native ? reason === null : reason.length > 0).toBe(true);
  });

  it('filters by family, port and text', async () => {
    const args = ['ops', '--json', '--family', 'fft', '--family', 'conv', '--unported'];
    const { stdout } = await cli(args, { MLX_ROUTER_ADDON: 'off' });
    const { operations } = JSON.parse(stdout);
    expect(operations.length).toBeGreaterThan(0);
    for (const { family, native } of operations) {
      expect(['fft', 'conv']).toContain(family);
      expect(native).toBe(false);
    }
    const found = JSON.parse((await cli(['ops', '--json', '--search', 'EXPANDDIMS'])).stdout);
    expect(found.operations.map(({ name }: { name: string }) => name)).toEqual(['mx.expandDims']);
  });

  it('keeps its table plain and under 120 columns', async () => {
    const { stdout } = await cli(['ops']);
    expect(stdout).not.toContain('\u001b');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThan(120);
  });

  it('reports nothing native without the addon', async () => {
    const { code, stdout } = await cli(['ops', '--json'], { MLX_ROUTER_ADDON: 'off' });
    expect(code).toBe(0);
    const { operations, summary } = JSON.parse(stdout);
    expect(summary.native).toBe(0);
    expect(operations[0].reason).toContain('MLX_ROUTER_ADDON=off');
  });
});

describe('doctor', () => {
  const NO_ADDON = { MLX_ROUTER_ADDON: 'off' };
  const NO_PYTHON = { MLX_ROUTER_PYTHON: '/nonexistent/python' };

  it('finds both backends well and equal', async () => {
    const { code, stdout } = await cli(['doctor', '--json']);
    const { ok, backends, checks } = JSON.parse(stdout);
    expect(checks.filter(({ state }: { state: string }) => state === 'problem')).toEqual([]);
    expect({ ok, code, backends }).toEqual({
      ok: true,
      code: 0,
      backends: { native: { available: true }, python: { available: true } },
    });
    const states = Object.fromEntries(
      checks.map((check: { section: string; name: string; state: string }) => [
        `${check.section}: ${check.name}`,
        check.state,
      ]),
    );
    expect(states).toMatchObject({
      'together: pin': 'ok',
      'together: parity': 'ok',
      'together: native smoke test': 'ok',
      'together: python smoke test': 'ok',
      'together: round trip': 'info',
    });
  });

  it.each([
    ['the addon', NO_ADDON, { native: false, python: true }],
    ['Python', NO_PYTHON, { native: true, python: false }],
    ['either', { ...NO_ADDON, ...NO_PYTHON }, { native: false, python: false }],
  ])('works without %s, and says how to repair it', async (_, env, available) => {
    const { code, stdout } = await cli(['doctor', '--json'], env);
    const { ok, backends } = JSON.parse(stdout);
    expect({ ok, code }).toEqual({ ok: false, code: 1 });
    for (const side of ['native', 'python'] as const) {
      expect(backends[side].available).toBe(available[side]);
      if (!available[side]) expect(backends[side].repair).toMatch(/^unset MLX_ROUTER_/);
    }
  });

  it('reports a setting that the library refuses', async () => {
    const { code, stdout } = await cli(['doctor', '--json'], { MLX_ROUTER_SHADOW: '7' });
    expect(code).toBe(1);
    const { checks } = JSON.parse(stdout);
    expect(checks.find(({ name }: { name: string }) => name === 'configuration').value).toContain('MLX_ROUTER_SHADOW');
  });
});

describe('port', () => {
  it('says how a ported operation is ported', async () => {
    const { code, stdout } = await cli(['port', 'mx.linalg.svd', '--json']);
    expect(code).toBe(0);
    const plan = JSON.parse(stdout);
    expect(plan).toMatchObject({ operation: 'mx.linalg.svd', status: 'ported', edits: [] });
    expect(plan.places.map(({ file }: { file: string }) => file)).toContain('registry/catalogue/linalg.ts');
  });
});

describe('bench', () => {
  it('gives a row of each side with its ratio', async () => {
    const { code, stdout } = await cli(['bench', '--rounds', '1', '--row', 'matmul-2x2', '--json']);
    expect(code).toBe(0);
    const { rounds, rows, environment } = JSON.parse(stdout);
    expect(rounds).toBe(1);
    expect(environment.mlx).toMatch(/^\d+\.\d+\.\d+$/);
    expect(rows).toHaveLength(1);
    const [row] = rows;
    expect(row).toMatchObject({ suite: 'micro', name: 'matmul-2x2', unit: 'ns' });
    for (const side of [row.ours, row.python]) {
      expect(side.min).toBeGreaterThan(0);
      expect(side.median).toBeGreaterThanOrEqual(side.min);
      expect(side.max).toBeGreaterThanOrEqual(side.median);
    }
    expect(row.ratio).toBeCloseTo(row.python.median / row.ours.median);
    expect(row.recommendation).not.toBe('');
    expect(stdout).not.toContain(root);
  });

  it('measures ours alone where there is no Python', async () => {
    const env = { MLX_ROUTER_PYTHON: '/nonexistent/python' };
    const { code, stdout } = await cli(['bench', '--rounds', '1', '--row', 'add', '--json'], env);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rows[0]).toMatchObject({ python: null, ratio: null, meetsTarget: false });
  });

  it('has nothing to measure without the addon', async () => {
    const { code, stdout, stderr } = await cli(['bench', '--row', 'add', '--json'], { MLX_ROUTER_ADDON: 'off' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('MLX_ROUTER_ADDON=off');
  });

  it('measures the bridge by its own target', async () => {
    const { code, stdout } = await cli(['bench', '--rounds', '1', '--row', 'round-trip', '--json']);
    expect(code).toBe(0);
    const [row] = JSON.parse(stdout).rows;
    expect(row).toMatchObject({ suite: 'bridge', unit: 'us', python: null, ratio: null, limit: 75 });
    expect(row.ours.p99).toBeGreaterThanOrEqual(row.ours.median);
    expect(row.meetsTarget).toBe(row.ours.median <= 75 && row.ours.p99 <= 250);
  });
});
