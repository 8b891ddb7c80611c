import { ArgumentError, FileError, UnsupportedOperationError } from '../../foundation/errors/errors.ts';
import { core as mx } from '../../mlx/index.ts';
import type { CausalModel } from '../models/model.ts';
import type { Caches, Quantized } from './cache.ts';
import { makePromptCache } from './make-cache.ts';
import { type CacheState, cacheOf, sizesOf, stateOf } from './states.ts';

/** What mlx_lm writes down beside an array that stands for something else. */
type Scalar = 'scalar' | 'none';

/**
 * Writes caches to a .safetensors file as mlx_lm's `save_prompt_cache`, which reads it.
 * @param metadata texts that are kept beside them
 * @throws UnsupportedOperationError for caches of kinds that are not written; FileError where the file cannot be
 */
export async function saveCaches(
  file: string,
  caches: Caches,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const arrays: Record<string, mx.Array> = {};
  const texts: Record<string, string> = {};
  const scalars: [string, Scalar][] = [];
  for (const [key, text] of Object.entries(metadata)) {
    if (typeof text !== 'string') throw new ArgumentError(`expected a string for metadata "${key}"`);
    texts[`0.${key}`] = text;
  }
  const made: mx.Array[] = [];
  const note = (name: string, kind: Scalar, array: mx.Array) => {
    scalars.push([name, kind]);
    made.push(array);
    arrays[name] = array;
  };
  const add = (name: string, value: CacheState[number]) => {
    if (value === null) note(name, 'none', mx.array([]));
    else if (typeof value === 'number') note(name, 'scalar', mx.array(value, mx.int32));
    else if (Array.isArray(value)) for (const [index, part] of value.entries()) add(`${name}.${index}`, part);
    else arrays[name] = value as mx.Array;
  };
  caches.forEach((cache, layer) => {
    const state = stateOf(cache);
    if (state === undefined) {
      throw new UnsupportedOperationError(`caches of the kind "${cache.kind}" are not written to files`);
    }
    texts[`1.${layer}`] = cache.kind;
    for (const [place, value] of state.entries()) add(`${layer}.${place}`, value);
  });
  // mlx_lm begins the list with an empty text, so that it is never empty.
  texts['2.0'] = '';
  scalars.forEach(([name, kind], index) => {
    texts[`2.${index + 1}.0`] = name;
    texts[`2.${index + 1}.1`] = kind;
  });
  try {
    await mx.saveSafetensorsAsync(file, arrays, texts);
  } finally {
    for (const array of made) array.dispose();
  }
}

export interface LoadedCaches {
  readonly caches: Caches;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Reads a file of `saveCaches` or of mlx_lm's `save_prompt_cache`.
 * @param model the model that is to go on from there, which the caches are compared with
 * @throws FileError for other files, damaged ones, and caches of another model
 */
export async function loadCaches(file: string, model?: CausalModel): Promise<LoadedCaches> {
  const [arrays, texts] = await mx.loadAsync(file, { format: 'safetensors', returnMetadata: true });
  const kinds = numbered((index) => texts[`1.${index}`]);
  if (kinds.length === 0 || texts['2.0'] === undefined) {
    throw new FileError(`${file} holds no prompt cache: it was not written by savePromptCache or by mlx_lm`);
  }
  const scalars = new Map(
    numbered((index) => texts[`2.${index + 1}.0`]).map((name, index) => [name, texts[`2.${index + 1}.1`]]),
  );
  const valueAt = (name: string): CacheState[number] | undefined => {
    const kind = scalars.get(name);
    const array = arrays[name];
    if (kind === 'none') return null;
    if (kind === 'scalar') return array?.size === 1 ? Number(array.item()) : undefined;
    if (array !== undefined) return array;
    const parts = numbered((index) => arrays[`${name}.${index}`]);
    return parts.length > 0 ? (parts as Quantized) : undefined;
  };
  const caches = kinds.map((kind, layer) =>
    cacheOf(
      kind,
      numbered((place) => valueAt(`${layer}.${place}`)),
      `${file}, layer ${layer}`,
    ),
  );
  if (model !== undefined) checkFits(file, caches, model);
  const own = Object.entries(texts).filter(([name]) => name.startsWith('0.'));
  return { caches, metadata: Object.fromEntries(own.map(([name, text]) => [name.slice(2), text])) };
}

/** What is found at 0, 1, 2, … until there is nothing. */
function numbered<T>(at: (index: number) => T | undefined): T[] {
  const found: T[] = [];
  for (let item = at(0); item !== undefined; item = at(found.length)) found.push(item);
  return found;
}

function checkFits(file: string, caches: Caches, model: CausalModel): void {
  const expected = mx.tidy(() => {
    const own = makePromptCache(model);
    // Nothing is computed: the shapes are known as soon as the graph is.
    model.forward(mx.array([[0]], mx.int32), own);
    return own.map(sizesOf);
  });
  if (caches.length !== expected.length) {
    throw new FileError(
      `${file} is of another model: it has caches for ${caches.length} layers, and this one has ${expected.length}`,
    );
  }
  caches.forEach((cache, layer) => {
    const [has, needs] = [sizesOf(cache), expected[layer]];
    if (has === undefined || needs === undefined) return;
    if (JSON.stringify(has) === JSON.stringify(needs)) return;
    const shown = (sizes: typeof has) => `${sizes.heads} heads of ${sizes.keyDims} and ${sizes.valueDims} dimensions`;
    throw new FileError(`${file} is of another model: layer ${layer} has ${shown(has)}, and here ${shown(needs)}`);
  });
}
