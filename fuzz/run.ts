import { MlxRouterError } from '../foundation/errors/errors.ts';
import { emptyTally, type Fault, type Steps, signatureOf, type Tally } from './attack.ts';
import { isAwaited } from './awaited.ts';
import { compileStep, scope } from './scope.ts';

const { mx, v, lib } = scope;

// Where the stack overflows, the engine's own frames hide whose they are: thousands of `Array.join` on one list.
Error.stackTraceLimit = 50_000;

/** Arrays of more elements are released: what follows would do valid work on them for minutes. */
const MOST_ELEMENTS = 2 ** 20;

const ROOMS = new RegExp(
  `${new URL('..', import.meta.url).pathname}(mlx|router|registry|native-backend|python-bridge)/([^:)]*)`,
);

/** The file of the library that the error comes from; undefined where the drawn program itself made it. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const line of String(error.stack).split('\n')) {
    if (!/^\s+at /.test(line)) continue;
    const room = line.includes('eval at compileStep') ? null : ROOMS.exec(line);
    if (room !== null) return `${room[1]}/${room[2]}`;
    if (line.includes('eval at compileStep') || line.includes('/fuzz/')) return undefined;
  }
  // Without a frame of a file: from the addon, or from Node.
  return 'no frame';
}

function textOf(error: unknown): string {
  try {
    return error instanceof Error ? `${error.name}: ${error.message}` : `thrown: ${typeof error}`;
  } catch {
    return 'an error without a text';
  }
}

/** Memory that MLX may keep: little, so that the memory that a child holds shows in its size. */
const CACHE_BYTES = 2 ** 28;

function settings() {
  const memory = mx.setMemoryLimit(2 ** 33);
  mx.setMemoryLimit(memory);
  return { device: mx.defaultDevice(), memory, precision: mx.getPrintoptions().precision };
}

/** Puts back what a program may have set for the whole process. */
function reset({ device, memory, precision }: ReturnType<typeof settings>): void {
  mx.setDefaultDevice(device);
  mx.setMemoryLimit(memory);
  mx.setCacheLimit(CACHE_BYTES);
  mx.setPrintoptions({ precision });
  mx.enableCompile();
  mx.random.seed(7);
}

let initial: ReturnType<typeof settings> | undefined;

export interface RunOptions {
  /** Before each step, and with the number of all of them before what is held is waited for. */
  readonly onStep?: (at: number) => void;
}

export interface RunResult {
  readonly tally: Tally;
  readonly faults: readonly (Fault & { readonly at: number })[];
  /** What came of each step: what it threw, or undefined. */
  readonly thrown: readonly (string | undefined)[];
}

interface Action {
  /** Compiles what is written only now: a mistake in it is the program's own. */
  readonly begin: () => unknown;
  readonly isAwaited: boolean;
}

/** Runs the program to its end, and frees all that it made. */
export function runSteps(steps: Steps, options: RunOptions = {}): Promise<RunResult> {
  const actions = steps.map((step) => ({ begin: () => compileStep(step)(), isAwaited: isAwaited(step) }));
  return runActions(actions, options);
}

/** Runs functions as the steps of a program, and says what came of them: for a failure's line. @public */
export async function run(...steps: readonly (() => unknown)[]): Promise<void> {
  const isAsync = (step: () => unknown) => step.constructor.name === 'AsyncFunction';
  const { thrown, faults } = await runActions(steps.map((begin) => ({ begin, isAwaited: isAsync(begin) })));
  for (const [i, text] of thrown.entries()) console.log(`${i + 1}: ${text ?? 'answered'}`);
  for (const { kind, message } of faults) console.log(`${kind}: ${message}`);
  await lib.shutdown();
}

async function runActions(actions: readonly Action[], { onStep }: RunOptions = {}): Promise<RunResult> {
  const tally = { ...emptyTally(), programs: 1 };
  const faults: (Fault & { at: number })[] = [];
  const thrown: (string | undefined)[] = [];
  const held: Promise<void>[] = [];
  v.length = 0;

  const answered = () => {
    tally.answered++;
  };
  const refused = (at: number) => (error: unknown) => {
    thrown[at] = textOf(error);
    if (error instanceof MlxRouterError) {
      tally.typed++;
      return;
    }
    const place = placeOf(error);
    if (place === undefined) {
      tally.own++;
      return;
    }
    tally.untyped++;
    const kind = 'untyped error';
    faults.push({ kind, at, message: textOf(error), signature: signatureOf(kind, textOf(error), place) });
  };
  const unhandled = (error: unknown) => {
    tally.unhandled++;
    const kind = 'unhandled rejection';
    const message = textOf(error);
    faults.push({ kind, at: thrown.length, message, signature: signatureOf(kind, message, placeOf(error) ?? 'own') });
  };
  process.on('unhandledRejection', unhandled);
  try {
    initial ??= settings();
    reset(initial);
  } catch (error) {
    // A worker that the last program left in a bad state may fail these calls, too.
    refused(0)(error);
  }
  try {
    for (const [at, { begin, isAwaited }] of actions.entries()) {
      onStep?.(at);
      tally.calls++;
      thrown[at] = undefined;
      try {
        const value = begin();
        if (isAwaited) {
          await value;
          answered();
        } else if (isThenable(value)) held.push(Promise.resolve(value).then(answered, refused(at)));
        else answered();
      } catch (error) {
        refused(at)(error);
      }
      dropLarge();
    }
    onStep?.(actions.length);
    await Promise.all(held);
    release();
    // Rejections without a handler are reported a turn later.
    await scope.soon();
    await scope.soon();
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  return { tally, faults, thrown };
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as { then?: unknown } | null | undefined)?.then === 'function';
}

function dropLarge(): void {
  for (const [i, value] of v.entries()) if (isLarge(value)) v[i] = undefined;
}

function isLarge(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 1000 || value.some(isLarge);
  try {
    return value instanceof mx.array && value.size > MOST_ELEMENTS;
  } catch {
    // A disposed one has no size.
    return false;
  }
}

function release(): void {
  for (const value of v.flat(2)) {
    try {
      if (value instanceof mx.array) value.dispose();
      else if (value instanceof mx.Session) value.end();
      else if (mx.python.isRemote(value)) mx.python.release(value);
    } catch (error) {
      if (!(error instanceof lib.MlxRouterError)) throw error;
    }
  }
  v.length = 0;
}
