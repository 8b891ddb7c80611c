import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { float32 } from '../../registry/dtypes.ts';
import { POOL_LIMITS, type PoolLimits } from '../../registry/limits.ts';
import type { Argument, Handle, Result } from '../../registry/values.ts';
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
    limits: () => ({ ...POOL_LIMITS, ...options }),
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

/** A process that nobody has buried yet does not run any more. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

/** Whether the processes are all gone within that many milliseconds. */
export async function gone(pids: readonly number[], within: number): Promise<boolean> {
  const deadline = Date.now() + within;
  while (pids.some(isRunning)) {
    if (Date.now() > deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return true;
}

/** An executable that stands in for Python; `body` is JavaScript with
 * `answer(type, call, header)` and `requests((type, call) => …)` in scope. */
export function fakePython(body: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'fake-python-')), 'python');
  const msgpackr = fileURLToPath(import.meta.resolve('msgpackr'));
  writeFileSync(
    file,
    `#!${process.execPath}
import(${JSON.stringify(msgpackr)}).then(({ pack }) => {
  const answer = (type, call, header) => {
    const body = pack(header);
    const head = Buffer.alloc(13);
    head.writeUInt32LE(9 + body.length, 0);
    head.writeUInt8(type, 4);
    head.writeUInt32LE(call, 5);
    head.writeUInt32LE(body.length, 9);
    process.stdout.write(Buffer.concat([head, body]));
  };
  const requests = (handle) => {
    let bytes = Buffer.alloc(0);
    process.stdin.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 13 && bytes.length >= 4 + bytes.readUInt32LE(0)) {
        handle(bytes.readUInt8(4), bytes.readUInt32LE(5));
        bytes = bytes.subarray(4 + bytes.readUInt32LE(0));
      }
    });
  };
  ${body}
});
`,
  );
  chmodSync(file, 0o755);
  return file;
}
