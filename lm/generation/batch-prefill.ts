import { core as mx } from '../../mlx/index.ts';
import { BatchKVCache } from '../cache/batch-kv-cache.ts';
import type { Caches } from '../cache/cache.ts';
import type { CausalModel } from '../models/model.ts';
import type { Row } from './batch-row.ts';
import { computeInto, prefillPart } from './steps.ts';

/** A prompt of which a part is not computed yet. */
interface Prompt {
  readonly row: Row;
  readonly tokens: readonly number[];
  readonly caches: Caches;
  /** How many tokens are computed. */
  done: number;
}

/** Sequences of which all but the last token of the prompt is computed. */
interface Prefilled {
  readonly rows: readonly Row[];
  readonly caches: Caches;
  readonly lastTokens: readonly number[];
}

/** Prompts that wait for their turn. Those that have one are computed a part at a time. */
export class PrefillQueue {
  readonly #model: CausalModel;
  readonly #stepSize: number;
  #prompts: Prompt[] = [];

  constructor(model: CausalModel, stepSize: number) {
    this.#model = model;
    this.#stepSize = stepSize;
  }

  get size(): number {
    return this.#prompts.length;
  }

  get rows(): readonly Row[] {
    return this.#prompts.map(({ row }) => row);
  }

  add(prompt: Prompt): void {
    this.#prompts.push(prompt);
    prompt.row.onPrefill?.(0, prompt.tokens.length);
  }

  /** Leaves those that are to be kept, and frees the others. */
  filter(isKept: (row: Row) => boolean): void {
    this.#prompts = this.#prompts.filter(({ row, caches }) => {
      const kept = isKept(row);
      if (kept) return true;
      for (const cache of caches) cache.dispose();
      row.seen.dispose();
      return false;
    });
  }

  /** Takes those out that go on elsewhere. */
  release(rows: readonly Row[]): void {
    this.#prompts = this.#prompts.filter(({ row }) => !rows.includes(row));
  }

  /**
   * The prompts that are computed next: the first one, or at once as many of the first ones as are not begun, have caches
   * that keep every position, and with positions before the shorter ones are no more tokens than a part has.
   */
  upNext(most: number): readonly Prompt[] {
    const chosen: Prompt[] = [];
    let longest = 0;
    for (const prompt of this.#prompts.slice(0, most)) {
      const length = prompt.tokens.length - 1;
      longest = Math.max(longest, length);
      if (length === 0 || prompt.done > 0 || (chosen.length + 1) * longest > this.#stepSize) break;
      if (!prompt.caches.every(({ kind, arrays }) => kind === 'KVCache' && arrays.length === 0)) break;
      chosen.push(prompt);
    }
    return chosen.length > 0 ? chosen : this.#prompts.slice(0, 1);
  }

  /**
   * Computes the prompts but their last tokens; of one alone the next part, after which it goes behind the others that take
   * turns if it was not the last part.
   * @param turns how many prompts, the first ones, take turns
   * @param isGone asked when it is computed: whether a sequence does not go on
   * @returns those that are ready; undefined: none is
   */
  async compute(
    prompts: readonly Prompt[],
    turns: number,
    isGone: (row: Row) => boolean,
  ): Promise<Prefilled | undefined> {
    if (prompts.length > 1) return this.#computeTogether(prompts, isGone);
    const [prompt] = prompts as [Prompt];
    const { row, tokens, caches, done } = prompt;
    const last = tokens.length - 1;
    const end = Math.min(done + this.#stepSize, last);
    if (end > done) {
      await prefillPart(this.#model, tokens.slice(done, end), { cache: caches }, row.seen);
      prompt.done = end;
      row.onPrefill?.(end, tokens.length);
    }
    if (end === last) return isGone(row) ? undefined : { rows: [row], caches, lastTokens: tokens.slice(-1) };
    this.#prompts = [...this.#prompts.slice(1, turns), prompt, ...this.#prompts.slice(turns)];
    return undefined;
  }

  async #computeTogether(prompts: readonly Prompt[], isGone: (row: Row) => boolean): Promise<Prefilled | undefined> {
    const caches = await prefillTogether(this.#model, prompts);
    const left = prompts.flatMap(({ row }, index) => (isGone(row) ? [] : [index]));
    if (left.length < prompts.length) for (const cache of caches) cache.filter(left);
    if (left.length === 0) return undefined;
    const ready = left.map((index) => prompts[index] as Prompt);
    ready.forEach(notePrefill);
    return {
      rows: ready.map(({ row }) => row),
      caches,
      lastTokens: ready.map(({ tokens }) => tokens.at(-1) as number),
    };
  }
}

/** Computes all of the prompts but their last tokens. The caches of all of them together. */
async function prefillTogether(model: CausalModel, prompts: readonly Prompt[]): Promise<BatchKVCache[]> {
  const parts = prompts.map(({ tokens }) => tokens.slice(0, -1));
  const longest = Math.max(...parts.map((part) => part.length));
  const padding = parts.map((part) => longest - part.length);
  const caches = (prompts[0] as Prompt).caches.map(() => new BatchKVCache(padding));
  try {
    const rows = parts.map((part, row) => [...Array<number>(padding[row] as number).fill(0), ...part]);
    await computeInto(model, () => mx.array(rows, mx.int32), { cache: caches });
  } catch (error) {
    for (const cache of caches) cache.dispose();
    throw error;
  }
  return caches;
}

/** Notes for the processors of a prompt what of it was computed, and tells of it. */
function notePrefill({ row, tokens }: Prompt): void {
  const part = mx.array(tokens.slice(0, -1), mx.int32);
  row.seen.add(part);
  part.dispose();
  try {
    row.onPrefill?.(tokens.length - 1, tokens.length);
  } catch (error) {
    // It must not end the others: the sequence ends with it.
    row.error ??= error;
  }
}
