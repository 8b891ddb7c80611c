import { createHash } from 'node:crypto';
import { TensorLostError, WorkerDiedError } from '../../foundation/errors/errors.ts';
import { POOL_LIMITS } from '../../foundation/system/limits.ts';
import { float32 } from '../../foundation/values/dtypes.ts';
import { type Argument, type Handle, Scalar } from '../../foundation/values/values.ts';
import { Registry } from '../../registry/registry.ts';
import { PythonBackend } from '../index.ts';
import { own } from './calls.ts';

const registry = new Registry();
const operation = (name: string) => registry.get(name);
/** Not registered as pure: what it gives is lost with its worker. */
const OPAQUE = own('same');
const SIZE = 8;
const KEPT = 6;

export interface Outcome {
  /** A digest of each existing tensor's bytes, by client and place; null: lost. */
  readonly results: readonly (string | null)[];
  /** Which of them may be lost: those made with a call that must not be repeated. */
  readonly mayBeLost: readonly boolean[];
  readonly kills: number;
  /** The longest wait for a single operation, in milliseconds. */
  readonly longest: number;
  /** From the first operation on, once all workers run. */
  readonly milliseconds: number;
}

/** Numbers from 0 to 1, the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A program of so many operations by as many clients as there are workers, each a chain of draws, products and sums over a
 * few tensors; every result depends on most of what came before. While it runs, `nextKill` says after how many more
 * operations of each client to kill a random worker; null: never again. So no call is hit twice, which would quarantine it. `opaque`: the share of calls that must not be repeated.
 */
export async function program(options: {
  readonly operations: number;
  readonly workers: number;
  readonly seed: number;
  readonly opaque?: number;
  readonly nextKill: () => number | null;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<Outcome> {
  const { operations, workers, seed, opaque = 0, nextKill } = options;
  const pids: number[] = [];
  const python = new PythonBackend({
    limits: { ...POOL_LIMITS, poolSize: workers },
    allowModules: ['bridge_functions'],
    operations: () => registry.all(),
    env: options.env ?? {},
    onEvent: (event) => {
      if (event.type === 'started') pids.push(event.pid);
      if (event.type === 'died') pids.splice(pids.indexOf(event.pid), 1);
    },
  });
  let kills = 0;
  let longest = 0;
  const choose = random(seed + 1);
  const timers: NodeJS.Timeout[] = [];
  const done = new Array<number>(workers).fill(0);
  let killAt: number | null = null;
  const plan = (): void => {
    const left = nextKill();
    killAt = left === null ? null : Math.min(...done) + left;
  };
  const kill = (): void => {
    const target = pids[Math.floor(choose() * pids.length)];
    if (target === undefined) return;
    try {
      process.kill(target, 'SIGKILL');
      kills += 1;
    } catch {
      // It was killed just before, and its exit is not reported yet.
    }
  };
  const timed = async <T>(client: number, work: Promise<T>): Promise<T> => {
    const begun = performance.now();
    try {
      return await work;
    } finally {
      longest = Math.max(longest, performance.now() - begun);
      done[client] = (done[client] ?? 0) + 1;
      if (killAt !== null && Math.min(...done) >= killAt) {
        timers.push(setTimeout(kill, 5 * choose()));
        plan();
      }
    }
  };
  let started = 0;
  let waiting = workers;
  let begin = (): void => undefined;
  const all = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const begun = (): Promise<void> => {
    waiting -= 1;
    if (waiting === 0) {
      longest = 0;
      started = performance.now();
      plan();
      begin();
    }
    return all;
  };
  try {
    const clients = await Promise.all(
      Array.from({ length: workers }, (_, client) =>
        runClient({
          python,
          timed: (work) => timed(client, work),
          operations: Math.ceil(operations / workers),
          seed: seed * 1000 + client,
          opaque,
          begun,
        }),
      ),
    );
    return {
      results: clients.flatMap(({ results }) => results),
      mayBeLost: clients.flatMap(({ mayBeLost }) => mayBeLost),
      kills,
      longest,
      milliseconds: performance.now() - started,
    };
  } finally {
    for (const timer of timers) clearTimeout(timer);
    await python.shutdown();
  }
}

interface Client {
  readonly python: PythonBackend;
  readonly timed: <T>(work: Promise<T>) => Promise<T>;
  readonly operations: number;
  readonly seed: number;
  readonly opaque: number;
  /** Resolves once every client has its worker. */
  readonly begun: () => Promise<void>;
}

async function runClient({ python, timed, operations, seed, opaque, begun }: Client) {
  const next = random(seed);
  const context = { stream: undefined };
  const call = (name: string, ...args: Argument[]): Promise<Handle> =>
    timed(python.prepare(operation(name)).runAsync(args, context)) as Promise<Handle>;
  const values = new Float32Array(SIZE * SIZE).map(() => next() - 0.5);
  const start = python.create(new Uint8Array(values.buffer), [SIZE, SIZE], float32);
  // The client's worker starts.
  await call('random.key', seed);
  await begun();
  let tensors: ({ handle: Handle; doubtful: boolean } | null)[] = Array.from({ length: KEPT }, () => ({
    handle: start,
    doubtful: false,
  }));
  const pick = () => tensors[Math.floor(next() * KEPT)] ?? null;
  for (let i = 0; i < operations; i++) {
    const a = pick();
    const b = pick();
    const kind = next();
    const place = Math.floor(next() * KEPT);
    if (a === null || b === null) {
      // Lost before: the draws go on as in the undisturbed program.
      tensors[place] = null;
      continue;
    }
    const doubtful = a.doubtful || b.doubtful;
    try {
      let handle: Handle;
      if (kind < opaque) {
        handle = (await timed(python.prepare(OPAQUE).runAsync([[a.handle], {}], context))) as Handle;
        set(place, { handle, doubtful: true });
        continue;
      }
      if (kind < 0.1) {
        const draw = await call('random.key', seed * 100_000 + i);
        const noise = await call('random.normal', [SIZE, SIZE], null, null, null, draw);
        handle = await call('add', a.handle, noise);
        for (const spent of [draw, noise]) python.free(spent);
      } else if (kind < 0.4) {
        const product = await call('matmul', a.handle, b.handle);
        handle = await call('tanh', product);
        python.free(product);
      } else if (kind < 0.7) {
        handle = await call('subtract', a.handle, b.handle);
      } else {
        handle = await call('sin', await call('multiply', a.handle, new Scalar(1.5, float32)));
      }
      set(place, { handle, doubtful });
    } catch (error) {
      const isLost = error instanceof TensorLostError && doubtful;
      // A call that must not be repeated fails with the worker that it was running in.
      const isOver = error instanceof WorkerDiedError && kind < opaque;
      if (!isLost && !isOver) throw error;
      tensors[place] = null;
    }
  }
  return finish();

  function set(place: number, made: { handle: Handle; doubtful: boolean }): void {
    tensors[place] = made;
  }

  async function finish() {
    const results: (string | null)[] = [];
    for (const tensor of tensors) {
      try {
        const bytes = tensor === null ? null : await timed(python.readAsync(tensor.handle));
        results.push(bytes === null ? null : createHash('sha256').update(bytes).digest('hex').slice(0, 16));
      } catch (error) {
        if (!(error instanceof TensorLostError)) throw error;
        results.push(null);
      }
    }
    const mayBeLost = tensors.map((tensor) => tensor === null || tensor.doubtful);
    tensors = [];
    return { results, mayBeLost };
  }
}
