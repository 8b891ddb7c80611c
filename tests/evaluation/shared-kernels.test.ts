import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { core as mx } from '../../mlx/index.ts';
import { kernelFolder } from '../../runtime/kernel-folder.ts';
import { askChild, runChild } from '../support/children.ts';
import { pythonPath } from '../support/python.ts';

const isKnown = process.platform === 'linux' && process.arch === 'x64';
const cases = fileURLToPath(new URL('../support/kernel_cases.py', import.meta.url));

/** Digests of each case of `kernel_cases.py`, computed by MLX alone or with the guards' kernels. */
async function digests(guards: string[]): Promise<{ used: string[]; digests: Record<string, string> }> {
  const env = { ...process.env, TMPDIR: kernelFolder() };
  const { stdout } = await promisify(execFile)(pythonPath(), [cases, ...guards], { env, maxBuffer: 2 ** 24 });
  return JSON.parse(stdout);
}

function guardsPath(): string {
  const root = new URL('../../', import.meta.url);
  const { guards } = JSON.parse(readFileSync(new URL('build/setup.json', root), 'utf8'));
  return fileURLToPath(new URL(guards, root));
}

describe.runIf(isKnown)('kernels that share their work between threads', () => {
  it('have the bits of MLX alone', async () => {
    const [alone, shared] = [await digests([]), await digests([guardsPath()])];
    expect([alone.used, shared.used]).toEqual([
      [],
      [
        'compiled',
        'elementwise',
        'pair',
        'arithmetic',
        'softmax',
        'reduction',
        'copy',
        'convolution',
        'random',
        'half',
        'complex',
      ],
    ]);
    expect(Object.keys(alone.digests).length).toBe(24318);
    expect(shared.digests).toEqual(alone.digests);
  }, 240_000);
});

const bytes = (tensor: mx.Array) => Buffer.from(mx.contiguous(tensor).reshape(-1).view(mx.uint8).toTypedArray().buffer);

describe.each(['native', 'python'] as const)('a fused operation of many elements, %s', (implementation) => {
  const expression = (x: mx.Array, y: mx.Array) => mx.exp(x).multiply(y).add(mx.sigmoid(y));
  const fused = mx.compile(expression);

  it('has the bits of its parts, whatever shape and strides its operands have', () => {
    mx.withImplementation(implementation, () => {
      const numbers = mx.random.normal([2 ** 17]);
      const layouts: ((x: mx.Array) => mx.Array)[] = [
        (x) => x,
        (x) => mx.contiguous(x.T).T,
        (x) => x.index('::-1'),
        (x) => x.index('...', '::-1'),
        (x) => mx.broadcastTo(x.index('..., :1'), x.shape),
        (x) => mx.broadcastTo(x.index(':1'), x.shape),
      ];
      const layout = fc.constantFrom(...layouts);
      const shape = fc.tuple(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 1, max: 3 }),
      );
      const agrees = (
        [rows, columns, deep]: number[],
        order: number[],
        first: (typeof layouts)[0],
        second: (typeof layouts)[0],
      ) => {
        const size = rows! * columns! * deep!;
        const x = numbers.index(`:${size}`).reshape([rows!, columns!, deep!]).transpose(order);
        const y = numbers.index(`-${size}:`).reshape([rows!, columns!, deep!]).transpose(order);
        const [a, b] = [first(x), second(y)];
        expect(bytes(fused(a, b)).equals(bytes(expression(a, b)))).toBe(true);
      };
      const orders = fc.shuffledSubarray([0, 1, 2], { minLength: 3 });
      fc.assert(fc.property(shape, orders, layout, layout, agrees), { numRuns: 60 });
    });
  });

  it('has them from several streams at a time', async () => {
    await mx.withImplementation(implementation, async () => {
      const x = mx.random.normal([300_001]);
      const expected = bytes(expression(x, x));
      const streams = [mx.newStream(mx.cpu), mx.newStream(mx.cpu), mx.newStream(mx.cpu)];
      const results = streams.map((stream) => mx.stream(stream, () => fused(x, x)));
      await mx.asyncEval(...results);
      for (const result of results) expect(bytes(result).equals(expected)).toBe(true);
    });
  });
});

it.runIf(isKnown)('a fused kernel is made by a compiler that knows none of the options', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-router-compiler-'));
  const calls = join(folder, 'calls');
  const real = execFileSync('which', ['g++'], { encoding: 'utf8' }).trim();
  const script = `#!/bin/sh\necho "$*" >> ${calls}\ncase "$*" in *-mavx2*) echo unknown; exit 1;; esac\nexec ${real} "$@"\n`;
  writeFileSync(join(folder, 'g++'), script, { mode: 0o755 });
  try {
    const body = `
      const run = (x) => mx.exp(x).multiply(x);
      const x = mx.random.normal([1000]);
      report(mx.arrayEqual(mx.compile(run)(x), run(x)).item());
    `;
    const environment = { PATH: `${folder}:${process.env['PATH']}`, XDG_CACHE_HOME: folder };
    expect(await askChild(body, environment)).toBe(true);
    const compilations = readFileSync(calls, 'utf8')
      .split('\n')
      .filter((line) => line.includes('-shared'));
    expect(compilations.map((line) => line.includes('-mavx2'))).toEqual([true, false]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

it('a process may end while threads compute', async () => {
  const { code, stdout, stderr } = await runChild(`
    const x = mx.random.normal([2 ** 20]);
    mx.eval(mx.tanh(x));
    const fused = mx.compile((y) => mx.exp(y).multiply(y).add(y));
    void mx.asyncEval(...Array.from({ length: 40 }, (_, i) => mx.tanh(fused(x.add(i)))));
    console.log('computing');
    process.exit(0);
  `);
  expect([stdout.trim(), stderr, code]).toEqual(['computing', '', 0]);
});
