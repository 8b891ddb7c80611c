import { performance } from 'node:perf_hooks';
import { median } from '../../bench/statistics.ts';
import type { Implementation } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { setUpCommand } from '../../foundation/system/set-up.ts';
import type { core, internals } from '../../mlx/index.ts';
import { type Check, section } from './check.ts';

interface Library {
  readonly core: typeof core;
  readonly internals: typeof internals;
}

const SIDES = ['native', 'python'] as const;
const ROUND_TRIPS = 200;
const SIZE = 512;

const check = section('together');

/** A sum and a product of the same numbers, as bits. */
function answers({ core: mx }: Library, implementation: Implementation): string {
  return mx.tidy(() =>
    mx.withImplementation(implementation, () => {
      const numbers = Float32Array.from({ length: 32 * 48 }, (_, i) => Math.sin(i) / (1 + (i % 7)));
      const a = mx.reshape(mx.array(numbers), [32, 48]);
      const results = [mx.sum(a), mx.matmul(a, mx.transpose(a))];
      return results.map((x) => Buffer.from(x.toTypedArray().buffer).toString('hex')).join(' ');
    }),
  );
}

/** GFLOP/s of a float32 product, the best of some: the surest sign of which BLAS is in use. */
function speed({ core: mx }: Library, implementation: Implementation): number {
  return mx.tidy(() =>
    mx.withImplementation(implementation, () => {
      const a = mx.ones([SIZE, SIZE]);
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 4; i++) {
        mx.eval(a);
        const start = performance.now();
        mx.eval(mx.matmul(a, a));
        best = Math.min(best, performance.now() - start);
      }
      return (2 * SIZE ** 3) / (best * 1e6);
    }),
  );
}

function smoke(library: Library, side: Implementation): { check: Check; bits: string | undefined } {
  try {
    const bits = answers(library, side);
    const rate = speed(library, side);
    const value = `a sum and a product; ${rate.toFixed(0)} GFLOP/s on ${SIZE} × ${SIZE} float32`;
    return { bits, check: check(`${side} smoke test`, ['ok', value]) };
  } catch (error) {
    const value = messageOf(error);
    return { bits: undefined, check: check(`${side} smoke test`, ['problem', value, setUpCommand('--force')]) };
  }
}

function roundTrip({ core: mx }: Library): Check {
  const times: number[] = [];
  mx.tidy(() => {
    const a = mx.withImplementation('python', () => mx.array([1, 2, 3, 4]));
    for (let i = 0; i < ROUND_TRIPS; i++) {
      const start = performance.now();
      mx.add(a, a, { implementation: 'python' });
      times.push(performance.now() - start);
    }
  });
  return check('round trip', ['info', `${(median(times) * 1000).toFixed(0)} µs to Python and back (median)`]);
}

/** Runs the same small work on every backend that there is, and compares the bits. */
export function smokeChecks(library: Library): Check[] {
  const { nativeBackend, pythonBackend } = library.internals;
  const available = { native: nativeBackend.status(true).available, python: pythonBackend.status(true).available };
  const checks: Check[] = [];
  const bits: string[] = [];
  for (const side of SIDES) {
    if (!available[side]) continue;
    const result = smoke(library, side);
    checks.push(result.check);
    if (result.bits !== undefined) bits.push(result.bits);
  }
  if (bits.length === 2) checks.push(parityOf(bits));
  if (available.python && checks.every(({ state }) => state === 'ok')) checks.push(roundTrip(library));
  return checks;
}

function parityOf([native, python]: readonly string[]): Check {
  if (native === python) return check('parity', ['ok', 'both give the same bits']);
  const repair = `${setUpCommand('--force')}, then mlx-router parity`;
  return check('parity', ['problem', 'the backends give different bits', repair]);
}
