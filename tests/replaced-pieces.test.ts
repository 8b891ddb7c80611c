import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { pythonPath } from './support/python.ts';

/** A fault of MLX that we replace a piece of it for (ADR 0408), in plain Python. */
interface Fault {
  readonly name: string;
  /** Prints `True` while MLX has the fault, or ends the process by it. */
  readonly python: string;
  readonly signal?: NodeJS.Signals;
  /** What it prints in place of `True`. */
  readonly prints?: RegExp;
}

const FAULTS: readonly Fault[] = [
  {
    name: 'a scan of nothing divides by zero',
    python: 'mx.eval(mx.vmap(lambda x: mx.cumsum(x), 1)(mx.zeros((2, 0))))',
    signal: 'SIGFPE',
  },
  {
    name: 'a compiled function has seven digits of its constants',
    python: `
f = lambda x: (x + x) * (1 / 3)
x = mx.arange(1, 1001) / 7
print(mx.any(mx.compile(f)(x) != f(x)).item())`,
  },
  {
    name: 'a compiled function takes -0 for 0',
    python: 'print(mx.compile(lambda x: mx.abs(x) / -0.0)(mx.ones(2)).tolist() == [math.inf] * 2)',
  },
  {
    name: 'a constant reaches the first of a batch only',
    python: `
def f(x):
    x[0] = 1.0
    return x
print(mx.vmap(f)(mx.zeros((2, 2))).tolist() == [[1, 0], [0, 0]])`,
  },
  {
    name: 'LAPACK prints on the output of the process',
    python: 'mx.eval(mx.linalg.eigvals(mx.full((3, 3), math.nan), stream=mx.cpu))',
    prints: /On entry to SGEBAL/,
  },
  {
    name: 'memory that the system does not give is written to',
    // More bytes than a process has addresses.
    python: 'mx.eval(mx.zeros((2**22, 2**22), mx.complex64))',
    signal: 'SIGSEGV',
  },
];

// One that fails is mended in MLX: the piece that stands for it can go.
it.each(FAULTS)('MLX has this fault still: $name', ({ python, signal = null, prints = /^True\n$/ }) => {
  const ended = spawnSync(pythonPath(), ['-c', `import math\nimport mlx.core as mx\n${python}`], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  expect(ended.signal).toBe(signal);
  if (signal === null) expect(ended.stdout + ended.stderr).toMatch(prints);
});
