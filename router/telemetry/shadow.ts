import type { TensorInfo } from '../../backend/backend.ts';
import type { Implementation } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { Decision } from '../selection/select.ts';
import { isTensor, type Tensor } from '../tensors/tensor.ts';
import { tensorsOf } from '../tensors/tree.ts';

/** What shadowing one call found; `difference` is undefined where both backends agree bit for bit. */
export interface ShadowReport {
  readonly operation: string;
  readonly difference: string | undefined;
}

export type Contents = TensorInfo & { readonly bytes: Uint8Array };

/** One call that could run on the other side as well. */
export interface Shadowed {
  readonly operation: string;
  readonly decision: Decision;
  /** Whether the other side has the operation, and is there. */
  possible(other: Implementation): boolean;
}

export interface ShadowOptions {
  /** The share of calls to shadow, 0 to 1. */
  share(): number;
  /** Reads of a shadow are no calls of the program: they are in no count. */
  contents(tensor: Tensor): Contents;
  contentsAsync(tensor: Tensor): Promise<Contents>;
}

/** Runs a share of the calls on the other backend too, and holds one result against the other. */
export class Shadow {
  readonly #options: ShadowOptions;
  /** Calls that a port makes while it is a shadow are no calls of the program. */
  #isInside = false;
  onReport: ((report: ShadowReport) => void) | undefined;

  constructor(options: ShadowOptions) {
    this.#options = options;
  }

  /** The result of the call, which `runOther` runs again if it is chosen. */
  check(call: Shadowed, result: unknown, runOther: (other: Implementation) => unknown): unknown {
    const other = this.#chosen(call);
    if (other === undefined) return result;
    try {
      const theirs = this.#inside(() => runOther(other));
      const contents = tensorsIn([result, theirs]).map((tensor) => [tensor, this.#options.contents(tensor)] as const);
      this.#report(call, result, theirs, new Map(contents));
    } catch (error) {
      this.#failed(call, error);
    }
    return result;
  }

  async checkAsync(
    call: Shadowed,
    result: unknown,
    runOther: (other: Implementation) => Promise<unknown>,
  ): Promise<unknown> {
    const other = this.#chosen(call);
    if (other === undefined) return result;
    try {
      const theirs = await this.#inside(() => runOther(other));
      const contents = tensorsIn([result, theirs]).map(
        async (tensor) => [tensor, await this.#options.contentsAsync(tensor)] as const,
      );
      this.#report(call, result, theirs, new Map(await Promise.all(contents)));
    } catch (error) {
      this.#failed(call, error);
    }
    return result;
  }

  #chosen({ decision, possible }: Shadowed): Implementation | undefined {
    const share = this.#options.share();
    if (share === 0 || this.#isInside || Math.random() >= share || decision.reason === 'forced') return undefined;
    const other = decision.implementation === 'native' ? 'python' : 'native';
    return possible(other) ? other : undefined;
  }

  #inside<T>(run: () => T): T {
    this.#isInside = true;
    try {
      return run();
    } finally {
      this.#isInside = false;
    }
  }

  #failed({ operation }: Shadowed, error: unknown): void {
    const text = messageOf(error);
    this.#notify({ operation, difference: `the other backend failed: ${text}` });
  }

  #report({ operation }: Shadowed, mine: unknown, theirs: unknown, contents: ReadonlyMap<Tensor, Contents>): void {
    this.#notify({ operation, difference: compareTrees(mine, theirs, contents, 'result') });
  }

  #notify(report: ShadowReport): void {
    try {
      this.onReport?.(report);
    } catch (error) {
      // A mistake of the listener is none of the call's, but must not be lost.
      process.emitWarning(`onShadow: the listener failed: ${String(error)}`, 'MlxRouterWarning');
    }
  }
}

function tensorsIn(trees: readonly unknown[]): Tensor[] {
  return [...new Set(trees.flatMap((tree) => tensorsOf(tree)))];
}

/** How two results differ first, and where; undefined if nowhere. */
function compareTrees(
  mine: unknown,
  theirs: unknown,
  contents: ReadonlyMap<Tensor, Contents>,
  at: string,
): string | undefined {
  if (isTensor(mine) && isTensor(theirs)) {
    const difference = compareContents(contents.get(mine) as Contents, contents.get(theirs) as Contents);
    return difference === undefined ? undefined : `${at}: ${difference}`;
  }
  if (!isBranch(mine) || !isBranch(theirs)) {
    return Object.is(mine, theirs) ? undefined : `${at}: ${describe(mine)} against ${describe(theirs)}`;
  }
  const [keys, others] = [Object.keys(mine), Object.keys(theirs)];
  if (keys.length !== others.length || Array.isArray(mine) !== Array.isArray(theirs)) {
    return `${at}: ${describe(mine)} against ${describe(theirs)}`;
  }
  for (const key of keys) {
    const difference = compareTrees(mine[key], theirs[key], contents, `${at}.${key}`);
    if (difference !== undefined) return difference;
  }
  return undefined;
}

function isBranch(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !isTensor(value);
}

function describe(value: unknown): string {
  if (isTensor(value)) return 'an array';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isBranch(value)) return `an object of ${Object.keys(value).join(', ') || 'nothing'}`;
  return String(value);
}

function compareContents(a: Contents, b: Contents): string | undefined {
  if (a.dtype !== b.dtype) return `dtype ${a.dtype.name} against ${b.dtype.name}`;
  if (String(a.shape) !== String(b.shape)) return `shape [${a.shape}] against [${b.shape}]`;
  const at = a.bytes.findIndex((byte, i) => byte !== b.bytes[i]);
  return at === -1 ? undefined : `element ${Math.floor(at / a.dtype.size)} differs`;
}
