import { core as mx } from '../../mlx/index.ts';

/** Settings that let Python import the functions that the bridge's own tests call. */
export const WITH_BRIDGE_FUNCTIONS = {
  pythonModules: ['bridge_functions'],
  pythonFolders: ['python-bridge/test-support'],
};

export function inPython<T>(use: () => T): T {
  return mx.withImplementation('python', use);
}

/** Every call inside goes to Python, in a pipeline. */
export function pipelined<T>(use: () => T): T {
  return inPython(() => mx.pipeline(use));
}

/** What the call threw. */
export function caught(call: () => unknown): Error & { operation?: string; cause?: unknown } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected an error');
}
