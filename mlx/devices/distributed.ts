import { ArgumentError } from '../../foundation/errors/errors.ts';
import { checkReceivers } from '../../foundation/errors/receivers.ts';
import { GroupReference } from '../../foundation/values/values.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { checkedOptions, checkedWaitOptions, type WaitOptions } from '../../registry/arguments/options.ts';
import { nativeBackend } from '../../runtime/runtime.ts';

export * from '../generated/distributed.ts';

/** The engines that MLX has for groups; `any` takes the first that works here. */
const ENGINES = ['any', 'mpi', 'ring', 'nccl', 'jaccl'] as const;
export type Engine = (typeof ENGINES)[number];

function engine(value: unknown, operation: string): string {
  if (ENGINES.some((name) => name === value)) return value as string;
  const known = ENGINES.map((name) => `"${name}"`).join(', ');
  throw new ArgumentError(`expected one of ${known} for "backend", received ${describeValue(value)}`, { operation });
}

function integer(value: unknown, name: string): number {
  if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < 2 ** 31) return value;
  throw new ArgumentError(`expected a 32-bit integer for "${name}", received ${describeValue(value)}`, {
    operation: 'mx.distributed.Group.split',
  });
}

/** Processes that compute together; made by `mx.distributed.init`. It exists until the process exits. */
export class Group extends GroupReference {
  readonly #rank: number;
  readonly #size: number;

  /** For `init` and `split`. */
  constructor(facts: readonly [number: number, rank: number, size: number]) {
    if (!Array.isArray(facts) || facts.length !== 3 || !facts.every((fact) => Number.isInteger(fact))) {
      throw new ArgumentError(
        `a group is made by mx.distributed.init, or by split of another, not of ${describeValue(facts)}`,
        { operation: 'mx.distributed.Group' },
      );
    }
    const [number, rank, size] = facts as readonly [number, number, number];
    super(number);
    this.#rank = rank;
    this.#size = size;
    Object.freeze(this);
  }

  /** The number of this process in the group, from 0 up. */
  rank(): number {
    return this.#rank;
  }

  /** How many processes the group has. */
  size(): number {
    return this.#size;
  }

  /**
   * The group of the processes that give the same color, in the order of their keys; a negative key is the rank.
   * @throws OperationError where the engine cannot split, as the ring.
   */
  split(color: number, key = -1): Group {
    const [wantedColor, wantedKey] = [integer(color, 'color'), integer(key, 'key')];
    return new Group(
      nativeBackend.run('mx.distributed.Group.split', (addon) => addon.splitGroup(this.number, wantedColor, wantedKey)),
    );
  }

  /** `Group(rank 0 of 4)`. */
  override toString(): string {
    return `Group(rank ${this.#rank} of ${this.#size})`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  static {
    checkReceivers(Group.prototype, 'mx.distributed.Group', (value) => value instanceof Group && #rank in value);
  }
}

/** Keywords of `mx.distributed.init`. */
export interface InitOptions {
  /** Throws where no group can be made; else this process is a group of its own. */
  readonly strict?: boolean;
  readonly backend?: Engine;
  /** How long the ring's processes wait for each other, in milliseconds from 1 up. Default: five minutes. */
  readonly timeoutMs?: number;
}

const JOIN_TIMEOUT_MS = 300_000;

function readInit(args: readonly unknown[]): [strict: unknown, backend: unknown, waiting: WaitOptions] {
  const last = args.at(-1);
  if (typeof last !== 'object' || last === null) return [args[0] ?? false, args[1] ?? 'any', {}];
  const known = ['strict', 'backend', 'timeoutMs'] as const;
  const { strict, backend, timeoutMs } = checkedOptions<InitOptions>(last, known, 'mx.distributed.init');
  return [args.length > 1 ? args[0] : (strict ?? false), backend ?? 'any', { timeoutMs }];
}

/**
 * Connects this process with the others that the launcher started, and gives their group. Waits until they are there;
 * the environment says who they are (`MLX_RANK`, `MLX_HOSTFILE`; see docs/distributed.md).
 * @throws OperationError with MLX's words where `strict` is true and no engine can be set up, and where an engine was
 * found but cannot be used.
 * @throws DistributedError where another process has ended, or not all have joined in time.
 */
export function init(options?: InitOptions): Group;
export function init(strict: boolean, backend?: Engine): Group;
export function init(strict: boolean, options: Omit<InitOptions, 'strict'>): Group;
export function init(...args: unknown[]): Group {
  const operation = 'mx.distributed.init';
  const [strict, backend, waiting] = readInit(args);
  if (typeof strict !== 'boolean') {
    throw new ArgumentError(`expected a boolean for "strict", received ${describeValue(strict)}`, { operation });
  }
  const name = engine(backend, operation);
  const { timeoutMs = JOIN_TIMEOUT_MS } = checkedWaitOptions(waiting, operation);
  return new Group(nativeBackend.run(operation, (addon) => addon.initGroup(strict, name, timeoutMs)));
}

/** Whether MLX was built with the engine here; whether a group can be made shows `init({ strict: true })` alone. */
export function isAvailable(backend: Engine = 'any'): boolean {
  const operation = 'mx.distributed.isAvailable';
  const name = engine(backend, operation);
  return nativeBackend.run(operation, (addon) => addon.groupIsAvailable(name));
}
