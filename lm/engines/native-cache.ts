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
  #draft: DraftSide | undefined;

  constructor(caches: Caches) {
    this.caches = caches;
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
  get ahead(): number {
    const draft = this.#draft;
    return draft === undefined ? 0 : this.offset - offsetOf(draft.caches) - draft.missing.length;
  }

  /**
   * Notes which of the last tokens the draft model lacks.
   * @param tokens those that were added, at least as many as this cache has of them
   * @param before the `offset` and `ahead` before they were added
   */
  settleDraft(tokens: readonly number[], before: { readonly offset: number; readonly ahead: number }): void {
    const draft = this.#draft;
    if (draft === undefined) return;
    const added = this.offset - before.offset;
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
    return new NativeCache(copyPromptCache(this.caches));
  }

  dispose(): void {
    free(this.caches);
    this.caches = [];
    this.forgetDraft();
  }
}
