import { ArgumentError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { loadCaches, saveCaches } from '../cache/files.ts';
import type { LanguageModel } from '../language-model.ts';
import type { PromptCache } from './engine.ts';
import { NativeCache } from './native-cache.ts';
import { NativeEngine } from './native-engine.ts';

/** Where files of this library note the tokens. */
const TOKENS = 'mlx_router.tokens';

/**
 * Writes what a model has seen to a .safetensors file, as `mlx_lm`'s `save_prompt_cache` does, which reads it.
 * @param metadata texts that are kept beside it
 * @throws UnsupportedOperationError for the cache of a model in Python; FileError where the file cannot be written
 */
export async function savePromptCache(
  file: string,
  cache: PromptCache,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const operation = 'lm.savePromptCache';
  checkFile(file, operation);
  if (!(cache instanceof NativeCache)) {
    const isOther = typeof cache === 'object' && cache !== null && 'offset' in cache;
    if (isOther)
      throw new UnsupportedOperationError('only caches of models that run natively are saved', { operation });
    throw new ArgumentError(`expected a cache of model.newCache, received ${describeValue(cache)}`, { operation });
  }
  const { caches, tokens } = cache;
  await saveCaches(file, caches, { ...metadata, ...(tokens && { [TOKENS]: JSON.stringify(tokens) }) });
}

/** A cache that was read from a file. */
export interface StoredPromptCache extends PromptCache {
  /** The texts that are kept beside it. */
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file of `savePromptCache`, or of `mlx_lm`: what the model has seen before a prompt, for `options.cache`.
 * @throws FileError for other files, damaged ones, and caches of another model; UnsupportedOperationError for a model in
 * Python
 */
export async function loadPromptCache(file: string, model: LanguageModel): Promise<StoredPromptCache> {
  const operation = 'lm.loadPromptCache';
  checkFile(file, operation);
  const engine = typeof model === 'object' && model !== null ? model.engine : undefined;
  if (engine === undefined) {
    throw new ArgumentError(`expected the model that is to go on, received ${describeValue(model)}`, { operation });
  }
  if (!(engine instanceof NativeEngine)) {
    throw new UnsupportedOperationError('only models that run natively read caches', { operation });
  }
  const { caches, metadata } = await loadCaches(file, engine.model);
  const { [TOKENS]: written, ...texts } = metadata;
  const offset = Number(caches[0]?.offset ?? 0);
  const tokens = written === undefined ? null : tokensOf(file, written, offset);
  return new NativeCache(engine.model, caches, tokens, texts);
}

function checkFile(file: unknown, operation: string): void {
  if (typeof file === 'string' && file !== '') return;
  throw new ArgumentError(`expected the path of a file, received ${describeValue(file)}`, { operation });
}

function tokensOf(file: string, written: string, offset: number): readonly number[] {
  let tokens: unknown;
  try {
    tokens = JSON.parse(written);
  } catch {
    tokens = undefined;
  }
  const isToken = (token: unknown) => Number.isSafeInteger(token) && (token as number) >= 0;
  if (Array.isArray(tokens) && tokens.length <= offset && tokens.every(isToken)) return tokens;
  throw new FileError(`${file} is damaged: expected a list of at most ${offset} tokens as "${TOKENS}"`);
}
