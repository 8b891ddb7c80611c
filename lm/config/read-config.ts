import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { RawConfig } from './fields.ts';

const MOST_BYTES = 64 * 2 ** 20;

/** transformers writes floats that JSON does not have as `{ "__float__": "Infinity" }`. */
const TAGGED: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

function untag(_key: string, value: unknown): unknown {
  const tag = typeof value === 'object' && value !== null && (value as { __float__?: unknown }).__float__;
  return typeof tag === 'string' && Object.hasOwn(TAGGED, tag) ? TAGGED[tag] : value;
}

/** An object in a JSON file of the folder; undefined where there is no such file. */
export async function readJson(folder: string, name: string): Promise<RawConfig | undefined> {
  const path = join(folder, name);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new FileError(`${path} cannot be read: ${messageOf(error)}`, { cause: error });
  }
  if (text.length > MOST_BYTES) throw new FileError(`${path} is larger than ${MOST_BYTES} bytes`);
  let value: unknown;
  try {
    // Asked for every value, which takes longer than the rest of a large file.
    value = text.includes('__float__') ? JSON.parse(text, untag) : JSON.parse(text);
  } catch (error) {
    throw new FileError(`${path} is no JSON: ${messageOf(error)}`, { cause: error });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FileError(`${path}: expected an object, received ${JSON.stringify(value)?.slice(0, 80)}`);
  }
  return value as RawConfig;
}

/** The config.json of a model's folder, with the end-of-text tokens of generation_config.json, which win. */
export async function readConfig(folder: string): Promise<RawConfig> {
  const config = await readJson(folder, 'config.json');
  if (config === undefined) {
    throw new FileError(`${folder} has no config.json; expected a folder in Hugging Face's layout, or a .gguf file`);
  }
  // A damaged generation_config.json only lacks defaults, and mlx_lm ignores it, too.
  const generation = await readJson(folder, 'generation_config.json').catch(() => undefined);
  const endOfText = generation?.eos_token_id;
  return endOfText ? { ...config, eos_token_id: endOfText } : config;
}
