import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** New tensors of this size in all, or of the size of all living ones, are worth a collection. */
const WORTH_BYTES = 64 * 2 ** 20;
/** Collections may take that share of the time. */
const SHARE = 0.1;

/**
 * V8 sees a handle of a few bytes, not the tensor in another process, and would let gigabytes wait there.
 * This counts the bytes of handles, and collects when enough of them may be garbage.
 */
export class Collector {
  #made = 0;
  /** Whether so much was made that it is time for `relieve`. */
  isDue = false;
  #threshold = WORTH_BYTES;
  #notBefore = 0;
  #collect: Collect | null = null;

  /** To be told of each new tensor. */
  made(bytes: number): void {
    this.#made += bytes;
    if (this.#made >= this.#threshold) this.isDue = true;
  }

  /** Collects what has just been made and dropped, which takes about 40 µs where little lives. */
  young(): void {
    this.#collect ??= exposedCollector();
    this.#collect({ type: 'minor' });
  }

  /** Collects once that is due and worth it; `living` says how many bytes are held once the dead ones are freed. */
  relieve(living: () => number): void {
    const started = performance.now();
    // In a large heap a collection takes long; then the tensors have to wait.
    if (started < this.#notBefore && this.#made < 8 * this.#threshold) return;
    this.#collect ??= exposedCollector();
    this.#collect();
    const ended = performance.now();
    this.#notBefore = ended + (ended - started) / SHARE;
    this.#made = 0;
    this.#threshold = Math.max(WORTH_BYTES, living());
    this.isDue = false;
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
