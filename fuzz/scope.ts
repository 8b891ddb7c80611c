import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Dtype } from '../foundation/values/dtypes.ts';
import * as lib from '../mlx/index.ts';
import { TensorRecipe } from '../parity-tests/call.ts';
import { fitted } from '../parity-tests/programs/fit.ts';
import type { Steps } from './attack.ts';
import { isAwaited } from './awaited.ts';

const mx = lib.core;

/** What a program keeps, by number. Anything may be in it. */
// biome-ignore lint/suspicious/noExplicitAny: a drawn program misuses everything.
const v: any[] = [];

/** A tensor of that dtype and shape out of the elements of another; of a list the first, and of none a new one. */
function fit(value: unknown, dtype: Dtype, shape: readonly number[]): lib.core.Array {
  const [first] = [value].flat(9);
  const given = first instanceof mx.array ? first : mx.array([1.5, -2, 0]);
  return fitted(given, given, new TensorRecipe(dtype, shape, []));
}

/** A sum that can be differentiated of whatever the value holds. */
function total(value: unknown): lib.core.Array {
  return [value]
    .flat(9)
    .filter((item) => item instanceof mx.array)
    .map((item) => mx.sum(mx.astype(item.dtype.kind === 'complex' ? mx.real(item) : item, mx.float32)))
    .reduce((sum, next) => mx.add(sum, next), mx.array(0));
}

/** The value as an array of floats, for what is differentiated. */
function float(value: unknown): lib.core.Array {
  const [first] = [value].flat(9);
  if (!(first instanceof mx.array)) return mx.array([1.5, -2]);
  return mx.issubdtype(first.dtype, mx.inexact) ? first : mx.astype(first, mx.float32);
}

/** After everything that was ready has run. */
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Runs the steps in a worker thread, which is terminated after so many milliseconds where they are given. */
function thread(steps: Steps, terminateAfter?: number): Promise<void> {
  const worker = new Worker(new URL('./thread.mjs', import.meta.url), { workerData: steps, execArgv: [] });
  if (terminateAfter !== undefined) setTimeout(() => void worker.terminate(), terminateAfter);
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}

const gc = (): void => (globalThis as { gc?: () => void }).gc?.();
const require = createRequire(import.meta.url);

/** Every name that a step knows. */
export const scope = { lib, mx, v, fit, total, float, soon, thread, gc, registry: lib.registry, require };

const NAMES = Object.keys(scope);
const VALUES = Object.values(scope);

/** The step as a function; a SyntaxError where it is none. */
export function compileStep(step: string): () => unknown {
  return new Function(...NAMES, `return ${isAwaited(step) ? 'async ' : ''}() => (${step})`)(...VALUES);
}
