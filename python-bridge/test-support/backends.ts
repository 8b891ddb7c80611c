import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { POOL_LIMITS, type PoolLimits } from '../../foundation/system/limits.ts';
import { float32 } from '../../foundation/values/dtypes.ts';
import type { Argument, Handle, Result } from '../../foundation/values/values.ts';
import { type BridgeEvent, PythonBackend, type PythonBackendOptions } from '../index.ts';
import { ADD, own, RESHAPE, run } from './calls.ts';

export { ADD, own, RESHAPE, row, run, runAsync } from './calls.ts';

const here = fileURLToPath(new URL('.', import.meta.url));
const opened: PythonBackend[] = [];

export const FUNCTIONS = [ADD, RESHAPE];

/** A backend with the functions of `bridge_functions.py` allowed, shut down after the tests of the file. */
export function backend(
  options: Partial<PythonBackendOptions & PoolLimits> = {},
): PythonBackend & { events: BridgeEvent[] } {
  const events: BridgeEvent[] = [];
  const made = new PythonBackend({
    allowModules: ['bridge_functions'],
    operations: () => FUNCTIONS,
    env: { PYTHONPATH: here, PYTHONDONTWRITEBYTECODE: '1' },
    onEvent: (event) => events.push(event),
    limits: { ...POOL_LIMITS, ...options },
    ...options,
  });
  opened.push(made);
  return Object.assign(made, { events });
}

afterAll(async () => {
  await Promise.all(opened.splice(0).map((made) => made.shutdown()));
});

/** Calls a user's operation, whose positional arguments travel as one list. */
export function runOwn(made: PythonBackend, name: string, ...args: Argument[]): Result {
  return run(made, own(name), args, {});
}

export function floats(made: PythonBackend, ...values: number[]): Handle {
  return made.create(new Uint8Array(Float32Array.from(values).buffer), [values.length], float32);
}

export function read(made: PythonBackend, handle: Result): number[] {
  return [...new Float32Array(made.read(handle as Handle).buffer)];
}

/** What the call threw. */
export function thrown(call: () => unknown): Error {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error');
}
