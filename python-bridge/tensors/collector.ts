import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** New tensors of this size in all, or of the size of all existing ones, are worth a collection. */
const WORTH_BYTES = 64 * 2 ** 20;
/** V8 alone collects young objects by their bytes, of which a handle has few: thousands of small tensors would wait. */
const TENSORS_PER_COLLECTION = 512;
/** Collections may take that share of the time. */
const SHARE = 0.1;

/**
 * V8 sees a handle of a few bytes, not the tensor in another process, and would let gigabytes wait there.
 * This knows when the bytes of so many handles may be garbage that a collection is worth it.
 */
export class Collector {
  /** Bytes of all that was ever made, counted where it is made. */
  made = 0;
  /** It is time for `collectIfWorth` once so many were made. */
  dueFrom = WORTH_BYTES;
  /** How many tensors were ever made, and from how many on it is time for `young`. */
  tensors = 0;
  youngFrom = TENSORS_PER_COLLECTION;
  /** Those that were made before the last collection, and those after it that make one worth it. */
  #before = 0;
  #threshold = WORTH_BYTES;
  #notBefore = 0;
  #collect: Collect | null = null;

  /** Collects what has just been made and dropped, which takes about 40 µs where few objects survive. */
  young(): void {
    this.youngFrom = this.tensors + TENSORS_PER_COLLECTION;
    this.#collect ??= exposedCollector();
    this.#collect({ type: 'minor' });
  }

  /** Collects if that is worth it; `living` says how many bytes are held once the unreachable ones are freed. */
  collectIfWorth(living: () => number): void {
    const started = performance.now();
    // In a large heap a collection takes long; then the tensors have to wait.
    if (started < this.#notBefore && this.made - this.#before < 8 * this.#threshold) return;
    this.#collect ??= exposedCollector();
    this.#collect();
    const ended = performance.now();
    this.#notBefore = ended + (ended - started) / SHARE;
    this.#before = this.made;
    this.#threshold = Math.max(WORTH_BYTES, living());
    this.dueFrom = this.made + this.#threshold;
  }
}

type Collect = (options?: { readonly type: 'minor' }) => void;

/** V8's own collector, which only contexts made while the flag is set can see. */
function exposedCollector(): Collect {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as Collect;
  setFlagsFromString('--no-expose-gc');
  return collect;
}
