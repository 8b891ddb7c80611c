import { core as mx } from '../../mlx/index.ts';
import type { Caches } from '../cache/cache.ts';
import type { CausalModel } from '../models/model.ts';
import { FreedBuffers } from './freed-buffers.ts';

/** Logarithms of probabilities `[B, vocabulary]` → token indices `[B]`. */
export type Sampler = (logprobs: mx.Array) => mx.Array;

/** All tokens so far `[L]` and the scores of the next `[1, vocabulary]` → other scores. */
export type LogitsProcessor = (tokens: mx.Array, logits: mx.Array) => mx.Array;

export interface StepOptions {
  readonly maxTokens: number;
  readonly sampler: Sampler;
  readonly processors: readonly LogitsProcessor[];
  /** The caches of the tokens before the prompt, which are extended. */
  readonly cache: Caches;
  /** How many tokens of the prompt are computed at a time. */
  readonly prefillStepSize: number;
  readonly signal?: AbortSignal | undefined;
  readonly onPrefill?: ((done: number, total: number) => void) | undefined;
  /** Called after each computation of the model, for what replaces caches by quantized ones. */
  readonly afterForward?: ((cache: Caches) => void) | undefined;
}

/** One generated token. */
export interface Step {
  readonly token: number;
  /** `[vocabulary]`; valid until the next step, unless kept. */
  readonly logprobs: mx.Array;
}

interface Pending {
  readonly token: mx.Array;
  readonly logprobs: mx.Array;
  readonly computed: Promise<void>;
}

/**
 * The tokens that follow the prompt. While one is computed the next is already issued, and the event loop is free.
 * @param prompt at least one token index
 */
export async function* generateSteps(
  model: CausalModel,
  prompt: readonly number[],
  options: StepOptions,
): AsyncGenerator<Step, void, undefined> {
  const { maxTokens, signal } = options;
  const seen = new SeenTokens(options.processors.length > 0);
  const last = await prefill(model, prompt, options, seen);
  const freed = new FreedBuffers();
  let current = issue(model, last, options, seen);
  try {
    for (let count = 0; ; count++) {
      const next = count + 1 < maxTokens ? issue(model, current.token, options, seen) : undefined;
      try {
        await current.computed;
        signal?.throwIfAborted();
        yield { token: current.token.item() as number, logprobs: current.logprobs };
      } finally {
        free(current);
        if (next !== undefined) current = next;
      }
      if (next === undefined) return;
      freed.trim();
    }
  } finally {
    // A caller that leaves early leaves a token that is being computed: its caches are not used before it is done.
    await current.computed.catch(() => undefined);
    free(current);
    seen.dispose();
  }
}

function free({ token, logprobs }: Pending): void {
  token.dispose();
  logprobs.dispose();
}

/** Computes all of the prompt but its last token, which is given back as `[1]`. */
async function prefill(
  model: CausalModel,
  prompt: readonly number[],
  options: StepOptions,
  seen: SeenTokens,
): Promise<mx.Array> {
  const { prefillStepSize, signal, onPrefill } = options;
  const last = prompt.length - 1;
  onPrefill?.(0, prompt.length);
  for (let done = 0; done < last; ) {
    signal?.throwIfAborted();
    const end = Math.min(done + prefillStepSize, last);
    await prefillPart(model, prompt.slice(done, end), options, seen);
    done = end;
    onPrefill?.(done, prompt.length);
  }
  return mx.array(prompt.slice(last), mx.int32);
}

/** Computes a part of a prompt into the caches. */
export async function prefillPart(
  model: CausalModel,
  tokens: readonly number[],
  { cache, afterForward }: Pick<StepOptions, 'cache' | 'afterForward'>,
  seen?: SeenTokens,
): Promise<void> {
  const part = mx.array([...tokens], mx.int32);
  await computeInto(model, () => part.index(null), { cache, afterForward });
  seen?.add(part);
  part.dispose();
}

/** Computes tokens, `[B, T]`, into the caches. */
export async function computeInto(
  model: CausalModel,
  tokens: () => mx.Array,
  { cache, afterForward }: Pick<StepOptions, 'cache' | 'afterForward'>,
): Promise<void> {
  mx.tidy(() => {
    model.forward(tokens(), cache);
    afterForward?.(cache);
    return arraysOf(cache);
  });
  await mx.asyncEval(arraysOf(cache));
  mx.clearCache();
}

export const arraysOf = (cache: Caches): mx.Array[] => cache.flatMap(({ arrays }) => [...arrays]);

/** Starts the computation of the token after `input`, `[1]`. */
function issue(model: CausalModel, input: mx.Array, options: StepOptions, seen: SeenTokens): Pending {
  const { cache, sampler, processors } = options;
  const tokens = seen.add(input);
  const [token, logprobs] = mx.tidy(() => {
    const all = model.forward(input.index(null), cache);
    options.afterForward?.(cache);
    let logits = all.index(new mx.Slice(), -1);
    for (const process of processors) logits = process(tokens as mx.Array, logits);
    const normal = logits.subtract(mx.logsumexp(logits, { keepdims: true }));
    return [sampler(normal), normal.squeeze(0), ...arraysOf(cache)] as [mx.Array, mx.Array];
  });
  return { token, logprobs, computed: mx.asyncEval(token, logprobs) };
}

/** The tokens so far, kept only where something asks for them. */
export class SeenTokens {
  readonly #wanted: boolean;
  #tokens: mx.Array | undefined;

  constructor(wanted: boolean) {
    this.#wanted = wanted;
  }

  /** @param index which of the tokens is meant; undefined: all */
  add(part: mx.Array, index?: number): mx.Array | undefined {
    if (!this.#wanted) return undefined;
    const before = this.#tokens;
    this.#tokens = mx.tidy(() => {
      const own = index === undefined ? part : part.index(new mx.Slice(index, index + 1));
      return before === undefined ? mx.array(own) : mx.concatenate([before, own]);
    });
    before?.dispose();
    return this.#tokens;
  }

  dispose(): void {
    this.#tokens?.dispose();
  }
}
