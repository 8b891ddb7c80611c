import type { Caches } from '../cache/cache.ts';
import { copyPromptCache } from '../cache/copy.ts';
import { canTrimPromptCache, makePromptCache } from '../cache/make-cache.ts';
import type { CausalModel } from '../models/model.ts';
import type { PromptCache } from './engine.ts';

/** What a draft model has seen of the same tokens. */
interface DraftSide {
  readonly model: CausalModel;
  readonly caches: Caches;
  /** The last tokens, where it has not seen them. */
  missing: readonly number[];
}

const offsetOf = (caches: Caches) => Number(caches[0]?.offset ?? 0);

/** Frees the arrays of caches. */
function free(caches: Caches): void {
  for (const cache of caches) cache.dispose();
}

/** The caches of a model in this process, and of the draft model that guesses for it. */
export class NativeCache implements PromptCache {
  caches: Caches;
  /** The model that has filled them. */
  readonly model: CausalModel;
  /** Texts that a file had beside them. */
  readonly metadata: Readonly<Record<string, string>>;
  #tokens: readonly number[] | undefined;
  #draft: DraftSide | undefined;

  /** @param tokens that it has seen; null: it is not known which */
  constructor(model: CausalModel, caches: Caches, tokens: readonly number[] | null = [], metadata = {}) {
    this.model = model;
    this.caches = caches;
    this.metadata = metadata;
    this.#tokens = tokens ?? undefined;
  }

  get tokens(): readonly number[] | undefined {
    return this.#tokens;
  }

  get offset(): number {
    return offsetOf(this.caches);
  }

  get nbytes(): number {
    return this.caches.reduce((sum, cache) => sum + cache.nbytes, 0);
  }

  trim(count: number): number {
    if (!canTrimPromptCache(this.caches)) return 0;
    const trimmed = Math.min(...this.caches.map((cache) => cache.trim(count)));
    this.#tokens = this.#tokens?.slice(0, this.offset);
    this.#trimDraft(trimmed);
    return trimmed;
  }

  #trimDraft(count: number): void {
    const draft = this.#draft;
    if (draft === undefined) return;
    const lacked = Math.min(count, draft.missing.length);
    draft.missing = draft.missing.slice(0, draft.missing.length - lacked);
    if (!canTrimPromptCache(draft.caches)) this.forgetDraft();
    else for (const cache of draft.caches) cache.trim(count - lacked);
  }

  /**
   * What this draft model has seen: nothing, if it did not guess all along. Its guesses are worse then, and as many of
   * them are refused: the tokens are the same.
   */
  draftOf(model: CausalModel): DraftSide {
    if (this.#draft?.model !== model) {
      this.forgetDraft();
      this.#draft = { model, caches: makePromptCache(model), missing: [] };
    }
    return this.#draft as DraftSide;
  }

  /** How many positions more this cache has than the draft model has seen, but for those that are noted as missing. */
  aheadOf(model: CausalModel): number {
    const { caches, missing } = this.draftOf(model);
    return this.offset - offsetOf(caches) - missing.length;
  }

  /**
   * Notes which tokens were added, and which of the last of them the draft model lacks.
   * @param tokens those that were added, and may be one that this cache has not
   * @param before the `offset` and `ahead` before they were added
   */
  settle(tokens: readonly number[], before: { readonly offset: number; readonly ahead: number }): void {
    const added = this.offset - before.offset;
    // What an answer that was cut had begun is not known.
    if (this.#tokens?.length === before.offset) this.#tokens = [...this.#tokens, ...tokens.slice(0, added)];
    else this.#tokens = this.#tokens?.slice(0, before.offset);
    const draft = this.#draft;
    if (draft === undefined) return;
    const lacking = Math.max(this.offset - offsetOf(draft.caches) - before.ahead, 0);
    draft.missing = tokens.slice(Math.max(added - lacking, 0), added);
  }

  /** Of a draft model that did not see what comes. */
  forgetDraft(): void {
    if (this.#draft !== undefined) free(this.#draft.caches);
    this.#draft = undefined;
  }

  /** The same positions, without what a draft model has seen. */
  copy(): NativeCache {
    return new NativeCache(this.model, copyPromptCache(this.caches), this.#tokens ?? null, this.metadata);
  }

  dispose(): void {
    free(this.caches);
    this.caches = [];
    this.forgetDraft();
  }
}
