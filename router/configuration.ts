import { delimiter } from 'node:path';
import { describeValue } from '../registry/arguments/describe.ts';
import { ConfigurationError, type Implementation } from '../registry/errors.ts';
import {
  FRAME_BYTES,
  LEAST_WORKER_MEMORY,
  MAX_QUEUE,
  MOST_SPARE_WORKERS,
  MOST_WORKERS,
  RECOVERY_BYTES,
  SHARED_MEMORY_BYTES,
} from '../registry/limits.ts';
import { didYouMean } from '../registry/naming.ts';
import { FAMILIES, NAMESPACES } from '../registry/operation.ts';

export type TelemetryLevel = 'off' | 'metrics' | 'spans';

/** How calls are routed and what the Python pool may do. Every field has an `MLX_ROUTER_…` variable. */
export interface Configuration {
  /** Native when the operation is ported. MLX_ROUTER_PREFER_NATIVE=0 turns it off. */
  readonly preferNative: boolean;
  /** Python when native cannot. MLX_ROUTER_ALLOW_FALLBACK=0 turns it off. */
  readonly allowFallback: boolean;
  /** By qualified operation name or by family. MLX_ROUTER_OVERRIDES='linalg.svd=python,fft=python'. */
  readonly implementationOverrides: Readonly<Record<string, Implementation>>;
  /** MLX_ROUTER_TELEMETRY. */
  readonly telemetry: TelemetryLevel;
  /** The share of calls, 0 to 1, that run on both backends and are compared. MLX_ROUTER_SHADOW. */
  readonly shadow: number;
  /** Makes an error of places out of range in index arrays, which evaluates them. MLX_ROUTER_CHECK_BOUNDS. */
  readonly checkBounds: boolean;
  /** Python processes, 1 to 64. MLX_ROUTER_POOL_SIZE. */
  readonly poolSize: number;
  /** Python processes that are started before anybody needs them, 0 to 8. MLX_ROUTER_SPARE_WORKERS. */
  readonly spareWorkers: number;
  /** Asynchronous Python calls that may wait for room in the workers; more are refused. MLX_ROUTER_MAX_QUEUE. */
  readonly maxQueue: number;
  /** A worker makes way for a new one after so many requests; 0: never. MLX_ROUTER_WORKER_MAX_REQUESTS. */
  readonly workerMaxRequests: number;
  /** A worker makes way for a new one after so many milliseconds; 0: never. MLX_ROUTER_WORKER_MAX_AGE_MS. */
  readonly workerMaxAgeMs: number;
  /** A worker makes way for a new one with so many bytes of memory; 0: never. MLX_ROUTER_WORKER_MAX_RESIDENT_BYTES. */
  readonly workerMaxResidentBytes: number;
  /** Milliseconds that one Python call may take, its queueing included. MLX_ROUTER_CALL_TIMEOUT_MS. */
  readonly callTimeoutMs: number;
  /** Makes arrays again that died with a Python process. MLX_ROUTER_RECOVERY=0 turns it off. */
  readonly recovery: boolean;
  /** Bytes of arrays that may be kept for that. MLX_ROUTER_RECOVERY_BYTES. */
  readonly recoveryBytes: number;
  /** Bytes of the largest array that may cross to Python or back through a pipe, with its call. MLX_ROUTER_MAX_FRAME_BYTES. */
  readonly maxFrameBytes: number;
  /** Bytes of memory of its own that a worker may have, at least 256 MiB; 0: no limit. MLX_ROUTER_WORKER_MEMORY_BYTES. */
  readonly workerMemoryBytes: number;
  /** Bytes of memory shared with each worker, for large arrays; 0: all goes through the pipe. MLX_ROUTER_SHARED_MEMORY_BYTES. */
  readonly sharedMemoryBytes: number;
  /** When a failed operation of Python throws: in its call, or once its result is read. MLX_ROUTER_PYTHON_ERRORS. */
  readonly pythonErrors: 'immediate' | 'deferred';
  /** The Python program. MLX_ROUTER_PYTHON. */
  readonly pythonPath: string | null;
  /** Modules of the user's that operations and remote objects may come from. MLX_ROUTER_PYTHON_MODULES='my_package,other'. */
  readonly pythonModules: readonly string[];
  /** Folders that Python looks for those modules in, before its own. MLX_ROUTER_PYTHON_FOLDERS, separated as in PATH. */
  readonly pythonFolders: readonly string[];
}

export const DEFAULTS: Configuration = {
  preferNative: true,
  allowFallback: true,
  implementationOverrides: {},
  telemetry: 'metrics',
  shadow: 0,
  checkBounds: false,
  poolSize: 1,
  spareWorkers: 0,
  maxQueue: MAX_QUEUE,
  workerMaxRequests: 0,
  workerMaxAgeMs: 0,
  workerMaxResidentBytes: 0,
  callTimeoutMs: 60_000,
  recovery: true,
  recoveryBytes: RECOVERY_BYTES,
  maxFrameBytes: FRAME_BYTES.usual,
  workerMemoryBytes: 0,
  sharedMemoryBytes: SHARED_MEMORY_BYTES,
  pythonErrors: 'immediate',
  pythonPath: null,
  pythonModules: [],
  pythonFolders: [],
};

type Check<T> = (value: unknown) => value is T;
const isBoolean: Check<boolean> = (value) => typeof value === 'boolean';

const isModuleName: Check<string> = (value): value is string =>
  typeof value === 'string' && /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(value);

function isCount(low: number, high: number): Check<number> {
  return (value): value is number => Number.isInteger(value) && (value as number) >= low && (value as number) <= high;
}

const RULES: { [K in keyof Configuration]: { is: (value: unknown) => boolean; expected: string } } = {
  preferNative: { is: isBoolean, expected: 'a boolean' },
  allowFallback: { is: isBoolean, expected: 'a boolean' },
  implementationOverrides: {
    is: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    expected: 'an object of "native" or "python" by operation or family',
  },
  telemetry: {
    is: (value) => ['off', 'metrics', 'spans'].includes(value as string),
    expected: '"off", "metrics" or "spans"',
  },
  shadow: { is: (value) => typeof value === 'number' && value >= 0 && value <= 1, expected: 'a share from 0 to 1' },
  checkBounds: { is: isBoolean, expected: 'a boolean' },
  poolSize: { is: isCount(1, MOST_WORKERS), expected: `an integer from 1 to ${MOST_WORKERS}` },
  spareWorkers: { is: isCount(0, MOST_SPARE_WORKERS), expected: `an integer from 0 to ${MOST_SPARE_WORKERS}` },
  maxQueue: { is: isCount(0, Number.MAX_SAFE_INTEGER), expected: 'an integer from 0 up' },
  workerMaxRequests: { is: isCount(0, Number.MAX_SAFE_INTEGER), expected: 'an integer from 0 up' },
  workerMaxAgeMs: { is: isCount(0, Number.MAX_SAFE_INTEGER), expected: 'milliseconds, an integer from 0 up' },
  workerMaxResidentBytes: { is: isCount(0, Number.MAX_SAFE_INTEGER), expected: 'bytes, an integer from 0 up' },
  callTimeoutMs: { is: isCount(1, 2 ** 31 - 1), expected: 'milliseconds, an integer from 1 up' },
  recovery: { is: isBoolean, expected: 'a boolean' },
  recoveryBytes: { is: isCount(0, Number.MAX_SAFE_INTEGER), expected: 'bytes, an integer from 0 up' },
  maxFrameBytes: {
    is: isCount(FRAME_BYTES.least, FRAME_BYTES.most),
    expected: `bytes, an integer from ${FRAME_BYTES.least} to ${FRAME_BYTES.most}`,
  },
  workerMemoryBytes: {
    is: (value) => value === 0 || isCount(LEAST_WORKER_MEMORY, Number.MAX_SAFE_INTEGER)(value),
    expected: `bytes, 0 or an integer from ${LEAST_WORKER_MEMORY} up`,
  },
  sharedMemoryBytes: { is: isCount(0, Number.MAX_SAFE_INTEGER), expected: 'bytes, an integer from 0 up' },
  pythonErrors: {
    is: (value) => value === 'immediate' || value === 'deferred',
    expected: '"immediate" or "deferred"',
  },
  pythonPath: {
    is: (value) => value === null || (typeof value === 'string' && value !== ''),
    expected: 'a path or null',
  },
  pythonModules: {
    is: (value) => Array.isArray(value) && value.every(isModuleName),
    expected: 'a list of Python module names',
  },
  pythonFolders: {
    is: (value) => Array.isArray(value) && value.every((folder) => typeof folder === 'string' && folder !== ''),
    expected: 'a list of folders',
  },
};

function isFamily(name: string): boolean {
  return (FAMILIES as readonly string[]).includes(name);
}

/** Whether the name stands in one of MLX's own modules. */
function isOfMlx(name: string): boolean {
  return (NAMESPACES as readonly string[]).includes(name.slice(0, name.indexOf('.')));
}

/**
 * The names in overrides of the environment that may be operations of the user's, which nobody has registered when the
 * library is imported; a ConfigurationError for one that can be nobody's.
 */
export function pendingOverrides(
  environment: Partial<Configuration>,
  isOperation: (name: string) => boolean,
): ReadonlySet<string> {
  const targets = Object.keys(environment.implementationOverrides ?? {});
  const unknown = targets.filter((target) => !isFamily(target) && !isOperation(target));
  const wrong = unknown.find((target) => !target.includes('.') || isOfMlx(target));
  if (wrong !== undefined) {
    throw new ConfigurationError(`MLX_ROUTER_OVERRIDES: "${wrong}" is neither an operation nor a family`);
  }
  return new Set(unknown);
}

/** The configuration with the changes in it; a ConfigurationError names the first that is wrong. */
export function changed(
  current: Configuration,
  changes: Partial<Configuration>,
  isOperation: (name: string) => boolean,
): Configuration {
  if (typeof changes !== 'object' || changes === null) {
    throw new ConfigurationError('configure: expected an object of settings');
  }
  for (const [name, value] of Object.entries(changes)) {
    const rule = RULES[name as keyof Configuration];
    if (rule === undefined) {
      throw new ConfigurationError(`configure: no setting is named "${name}"${didYouMean(name, Object.keys(RULES))}`);
    }
    if (value !== undefined && !rule.is(value)) {
      throw new ConfigurationError(
        `configure: expected ${rule.expected} for "${name}", received ${describeValue(value)}`,
      );
    }
  }
  for (const [target, implementation] of Object.entries(changes.implementationOverrides ?? {})) {
    if (implementation !== 'native' && implementation !== 'python') {
      throw new ConfigurationError(
        `configure: expected "native" or "python" for the override of "${target}", received ${describeValue(implementation)}`,
      );
    }
    if (!isFamily(target) && !isOperation(target)) {
      throw new ConfigurationError(`configure: "${target}" is neither an operation nor a family`);
    }
  }
  const known = Object.entries(changes).filter(([, value]) => value !== undefined);
  return { ...current, ...Object.fromEntries(known) };
}

const FLAGS: Readonly<Record<string, boolean>> = { '1': true, true: true, '0': false, false: false };

function flag(name: string, text: string): boolean {
  const value = FLAGS[text.toLowerCase()];
  if (value === undefined) throw new ConfigurationError(`${name}: expected 1, true, 0 or false, received "${text}"`);
  return value;
}

function words(text: string): string[] {
  return text.split(',').flatMap((word) => (word.trim() === '' ? [] : [word.trim()]));
}

function overrides(name: string, text: string): Record<string, Implementation> {
  return Object.fromEntries(
    words(text).map((pair) => {
      const [target = '', implementation] = pair.split('=').map((part) => part.trim());
      if (implementation === 'native' || implementation === 'python') return [target, implementation];
      throw new ConfigurationError(`${name}: expected "operation=native" or "operation=python", received "${pair}"`);
    }),
  );
}

const VARIABLES: { [K in keyof Configuration]: [string, (text: string, name: string) => unknown] } = {
  preferNative: ['MLX_ROUTER_PREFER_NATIVE', (text, name) => flag(name, text)],
  allowFallback: ['MLX_ROUTER_ALLOW_FALLBACK', (text, name) => flag(name, text)],
  implementationOverrides: ['MLX_ROUTER_OVERRIDES', (text, name) => overrides(name, text)],
  telemetry: ['MLX_ROUTER_TELEMETRY', (text) => text],
  shadow: ['MLX_ROUTER_SHADOW', Number],
  checkBounds: ['MLX_ROUTER_CHECK_BOUNDS', (text, name) => flag(name, text)],
  poolSize: ['MLX_ROUTER_POOL_SIZE', Number],
  spareWorkers: ['MLX_ROUTER_SPARE_WORKERS', Number],
  maxQueue: ['MLX_ROUTER_MAX_QUEUE', Number],
  workerMaxRequests: ['MLX_ROUTER_WORKER_MAX_REQUESTS', Number],
  workerMaxAgeMs: ['MLX_ROUTER_WORKER_MAX_AGE_MS', Number],
  workerMaxResidentBytes: ['MLX_ROUTER_WORKER_MAX_RESIDENT_BYTES', Number],
  callTimeoutMs: ['MLX_ROUTER_CALL_TIMEOUT_MS', Number],
  recovery: ['MLX_ROUTER_RECOVERY', (text, name) => flag(name, text)],
  recoveryBytes: ['MLX_ROUTER_RECOVERY_BYTES', Number],
  maxFrameBytes: ['MLX_ROUTER_MAX_FRAME_BYTES', Number],
  workerMemoryBytes: ['MLX_ROUTER_WORKER_MEMORY_BYTES', Number],
  sharedMemoryBytes: ['MLX_ROUTER_SHARED_MEMORY_BYTES', Number],
  pythonErrors: ['MLX_ROUTER_PYTHON_ERRORS', (text) => text],
  pythonPath: ['MLX_ROUTER_PYTHON', (text) => text],
  pythonModules: ['MLX_ROUTER_PYTHON_MODULES', words],
  pythonFolders: ['MLX_ROUTER_PYTHON_FOLDERS', (text) => text.split(delimiter).filter((folder) => folder !== '')],
};

/** What the environment asks for, as changes to the defaults; a ConfigurationError names the first wrong variable. */
export function fromEnvironment(environment: NodeJS.ProcessEnv): Partial<Configuration> {
  const changes: Record<string, unknown> = {};
  for (const [field, [variable, read]] of Object.entries(VARIABLES)) {
    const text = environment[variable];
    if (text === undefined || text === '') continue;
    const value = read(text, variable);
    const { is, expected } = RULES[field as keyof Configuration];
    if (!is(value)) throw new ConfigurationError(`${variable}: expected ${expected}, received "${text}"`);
    changes[field] = value;
  }
  return changes as Partial<Configuration>;
}
