import { UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Engine, PromptCache, TokenStep } from './engine.ts';
import type { SampleOptions } from './options.ts';

/** Loading a large model or computing a long prompt may take minutes; a worker that exits is noticed at once. */
const PATIENCE_MS = 3_600_000;
/** Tokens cross in groups, or after this time, whichever is first. */
const CROSSING = { prefetch: 16, maxWaitMs: 5, timeoutMs: PATIENCE_MS } as const;

interface RemoteCache {
  seen(): number;
  trim(count: number): number;
}

interface RemoteModel {
  model_type(): string;
  logits(tokens: readonly (readonly number[])[]): mx.Array;
  new_cache(maxSize: number | null): RemoteCache;
  steps(prompt: readonly number[], options: object, cache: unknown): Iterable<unknown[]>;
}

interface RemoteModule {
  LanguageModel: new (folder: string, adapter: string | null, keywords?: unknown) => RemoteModel;
}

class PythonCache implements PromptCache {
  offset = 0;
  readonly remote: mx.python.Remote<RemoteCache>;

  constructor(remote: mx.python.Remote<RemoteCache>) {
    this.remote = remote;
  }

  async trim(count: number): Promise<number> {
    const trimmed = await this.remote.trim(count);
    this.offset -= trimmed;
    return trimmed;
  }

  dispose(): void {
    mx.python.release(this.remote);
  }
}

/** A model of mlx_lm in a Python worker, of any architecture that mlx_lm has. */
export class PythonEngine implements Engine {
  readonly implementation = 'python';
  readonly architecture: string;
  readonly #model: mx.python.Remote<RemoteModel>;

  private constructor(model: mx.python.Remote<RemoteModel>, architecture: string) {
    this.#model = model;
    this.architecture = architecture;
  }

  /** @throws PythonError where mlx_lm is not installed, or cannot load the folder */
  static async load(folder: string, adapter?: string): Promise<PythonEngine> {
    const module = await mx.python.import<RemoteModule>('mlx_router_worker.language_models');
    const patience = mx.python.kwargs({}, { timeoutMs: PATIENCE_MS });
    const model = (await new module.LanguageModel(folder, adapter ?? null, patience)) as mx.python.Remote<RemoteModel>;
    return new PythonEngine(model, await model.model_type());
  }

  async newCache(maxKvSize?: number): Promise<PythonCache> {
    return new PythonCache((await this.#model.new_cache(maxKvSize ?? null)) as mx.python.Remote<RemoteCache>);
  }

  async *steps(
    prompt: readonly number[],
    cache: PythonCache,
    { signal, onPrefill, draft, ...options }: SampleOptions,
  ): AsyncGenerator<TokenStep, void, undefined> {
    if (draft !== undefined) {
      throw new UnsupportedOperationError('draft models guess for models that run natively', {
        operation: 'lm.generate',
        implementation: 'python',
      });
    }
    onPrefill?.(0, prompt.length);
    const plain = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
    const generator = await this.#model.steps([...prompt], plain, cache.remote);
    const tokens = mx.python.iterate(generator, { ...CROSSING, ...(signal && { signal }) });
    let count = 0;
    try {
      for await (const [token, logprob, top] of tokens as AsyncIterable<[number, number?, [number, number][]?]>) {
        if (count === 0) onPrefill?.(prompt.length, prompt.length);
        count++;
        yield { token, ...(logprob !== undefined && { logprob }), ...(top !== undefined && { topLogprobs: top }) };
      }
    } finally {
      // The worker may have run ahead of what was taken here.
      cache.offset = await cache.remote.seen();
    }
  }

  async logits(tokens: readonly (readonly number[])[]): Promise<mx.Array> {
    return this.#model.logits(tokens);
  }

  dispose(): void {
    mx.python.release(this.#model);
  }
}
