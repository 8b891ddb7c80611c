import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOSTILE } from '../../fuzz/hostile.ts';
import { MlxRouterError, core as mx } from '../../mlx/index.ts';

/** What the values throw themselves: an operation may let it through as it is. */
export class OwnError extends Error {}

const compiled = new Map<string, () => unknown>();

/** The value of an expression of `fuzz/hostile.ts`, made anew each time, for some calls change what they get. */
export function valueOf(expression: string): unknown {
  let make = compiled.get(expression);
  if (make === undefined) {
    make = new Function('mx', 'Error', `return () => (${expression})`)(mx, OwnError) as () => unknown;
    compiled.set(expression, make);
  }
  return make();
}

const { absent, booleans, functions, proxies, forged, oddLists, objects } = HOSTILE;
const { integers, floats, bigints, texts, lists, options } = HOSTILE;

export const SOUND_ARRAY = 'mx.array([1, 2])';
export const SOUND_FUNCTION = '(x) => x';

/** What to pass: the kinds that few functions take as a whole, and of the others their first. */
export const VALUES: readonly string[] = [
  ...[...absent, ...functions, ...proxies, ...forged, ...oddLists, ...objects],
  ...[booleans, integers, floats, bigints, texts, lists, options].map(([first]) => first),
  ...['NaN', '"x"', '[]'],
];

/** What a function that a call gives is called with. */
const FOLLOWING = ['null', SOUND_ARRAY, forged[0], proxies[0], ...oddLists];

export interface Outcome {
  targets: number;
  answered: number;
  refused: number;
  untyped: string[];
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return `threw ${typeof error}`;
  const at = error.stack?.split('\n').find((line) => /\.ts:|\.js:/.test(line)) ?? '';
  return `${error.name}: ${error.message.slice(0, 120)} ${at.trim().replace(/\(.*\/(?=[^/]*\/[^/]*$)/, '(')}`;
}

/** Calls one thing after the other, and counts those that answer, those that are refused, and all else. */
export class Attempts {
  readonly outcome: Outcome = { targets: 0, answered: 0, refused: 0, untyped: [] };
  readonly #report: (call: string) => void;
  readonly #waiting: Promise<unknown>[] = [];

  /** `report` gets each call before it is made. */
  constructor(report: (call: string) => void) {
    this.#report = report;
  }

  /** Something with calls of its own. */
  target(name: string): void {
    this.outcome.targets++;
    this.#report(name);
  }

  #record(call: string, error: unknown): void {
    if (error instanceof MlxRouterError || error instanceof OwnError) this.outcome.refused++;
    else this.outcome.untyped.push(`${call}: ${textOf(error)}`);
  }

  /** `follow`: a function that it gives is called as well, and an array computed. Gives what the call gave. */
  call(call: string, run: () => unknown, follow: boolean): unknown {
    this.#report(call);
    try {
      const result = run();
      this.outcome.answered++;
      if (result instanceof Promise) {
        this.#waiting.push(result.catch((error) => this.#record(`${call}, later`, error)));
      } else if (typeof result === 'function' && follow) {
        for (const value of FOLLOWING) {
          this.call(`${call}(${value})`, () => (result as (...args: unknown[]) => unknown)(valueOf(value)), false);
        }
      } else if (result instanceof mx.array && follow && result.size < 1e6) {
        this.call(`${call}.tolist()`, () => result.tolist(), false);
      }
      return result;
    } catch (error) {
      this.#record(call, error);
      return undefined;
    }
  }

  /** Waits for the promises among the answers, once there are more than so many. */
  async settled(most = 0): Promise<void> {
    if (this.#waiting.length > most) await Promise.all(this.#waiting.splice(0));
  }
}

/** Runs a walk in a folder of its own for the files that it saves. */
export async function inOwnFolder<T>(prefix: string, run: () => Promise<T>): Promise<T> {
  const before = process.cwd();
  const folder = mkdtempSync(join(tmpdir(), prefix));
  process.chdir(folder);
  try {
    return await run();
  } finally {
    process.chdir(before);
    rmSync(folder, { recursive: true, force: true });
  }
}
