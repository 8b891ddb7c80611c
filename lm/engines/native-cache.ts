import type { Caches } from '../cache/cache.ts';
import { copyPromptCache } from '../cache/copy.ts';
import { trimPromptCache } from '../cache/make-cache.ts';
import type { PromptCache } from './engine.ts';

/** The caches of the layers of a model in this process. */
export class NativeCache implements PromptCache {
  caches: Caches;

  constructor(caches: Caches) {
    this.caches = caches;
  }

  get offset(): number {
    return Number(this.caches[0]?.offset ?? 0);
  }

  get nbytes(): number {
    return this.caches.reduce((sum, cache) => sum + cache.nbytes, 0);
  }

  trim(count: number): number {
    return trimPromptCache(this.caches, count);
  }

  copy(): NativeCache {
    return new NativeCache(copyPromptCache(this.caches));
  }

  dispose(): void {
    for (const cache of this.caches) cache.dispose();
    this.caches = [];
  }
}
