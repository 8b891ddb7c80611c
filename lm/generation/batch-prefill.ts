import type { Caches } from '../cache/cache.ts';
import type { CausalModel } from '../models/model.ts';
import type { Row } from './batch-row.ts';
import { prefillPart } from './steps.ts';

/** A prompt of which a part is not computed yet. */
interface Prompt {
  readonly row: Row;
  readonly tokens: readonly number[];
  readonly caches: Caches;
  /** How many tokens are computed. */
  done: number;
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

  get first(): Prompt | undefined {
    return this.#prompts[0];
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

  /** Takes one out that goes on elsewhere. */
  release(prompt: Prompt): void {
    this.#prompts = this.#prompts.filter((other) => other !== prompt);
  }

  /**
   * Computes the next part of the first prompt, which goes behind the others that take turns if it was not the last part.
   * @param turns how many prompts, the first ones, take turns
   * @returns whether all of the prompt is computed but its last token
   */
  async next(turns: number): Promise<boolean> {
    const [prompt] = this.#prompts as [Prompt];
    const { row, tokens, caches, done } = prompt;
    const last = tokens.length - 1;
    const end = Math.min(done + this.#stepSize, last);
    if (end > done) {
      await prefillPart(this.#model, tokens.slice(done, end), { cache: caches }, row.seen);
      prompt.done = end;
      row.onPrefill?.(end, tokens.length);
    }
    if (end === last) return true;
    this.#prompts = [...this.#prompts.slice(1, turns), prompt, ...this.#prompts.slice(turns)];
    return false;
  }
}
