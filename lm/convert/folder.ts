import { randomUUID } from 'node:crypto';
import { copyFile, cp, lstat, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ArgumentError, FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import type { RawConfig } from '../config/fields.ts';

/** What belongs to a model besides its weights and its config.json: the tokenizer, templates, code, licences. */
const COPIED = /\.(json|jinja|py|txt|tiktoken|model)$/;
/** Files of that kind that are written anew, or describe weights that are not taken over. */
const LEFT = /^config\.json$|\.index\.json$|^adapter_config\.json$/;
/** A folder of templates that transformers writes. */
const TEMPLATES = 'additional_chat_templates';

const CARD = `---
language: en
library_name: mlx
pipeline_tag: text-generation
tags:
- mlx
---
`;

/** @throws ArgumentError for a target that is there already, which is never written over. */
export async function checkTarget(path: unknown, operation: string): Promise<string> {
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError(`expected the path of a new folder for "to", received ${JSON.stringify(path)}`, {
      operation,
    });
  }
  const there = await lstat(path).catch(() => undefined);
  if (there === undefined) return resolve(path);
  throw new ArgumentError(`${path} is there already; remove it, or name another folder for "to"`, { operation });
}

/** @throws FileError where there is no such folder. */
export async function checkSource(path: unknown, name: string, operation: string): Promise<string> {
  if (typeof path !== 'string' || path === '') {
    throw new ArgumentError(`expected the path of a folder for "${name}", received ${JSON.stringify(path)}`, {
      operation,
    });
  }
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isDirectory()) return path;
  throw new FileError(`${path} is no folder; expected one in Hugging Face's layout, or a .gguf file`, { operation });
}

/**
 * Makes a folder whole or not at all: it is filled beside its place, and gets its name at the end.
 * @param path what `checkTarget` gave
 */
export async function withNewFolder(path: string, fill: (folder: string) => Promise<void>): Promise<void> {
  const folder = join(dirname(path), `.${basename(path)}-${randomUUID().slice(0, 8)}`);
  await mkdir(folder, { recursive: true });
  try {
    await fill(folder);
    await rename(folder, path);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined || !/^E[A-Z]+$/.test(code)) throw error;
    throw new FileError(`${path} cannot be written: ${messageOf(error)}`, { cause: error });
  }
}

/** Copies what belongs to a model besides its weights and its config. */
export async function copyCompanions(from: string, to: string): Promise<void> {
  for (const { name } of await readdir(from, { withFileTypes: true })) {
    if (name === TEMPLATES) await cp(join(from, name), join(to, name), { recursive: true, dereference: true });
    else if (COPIED.test(name) && !LEFT.test(name) && (await stat(join(from, name))).isFile()) {
      await copyFile(join(from, name), join(to, name));
    }
  }
  await writeCard(to);
}

/** The README.md that the Hub reads. */
export async function writeCard(to: string): Promise<void> {
  await writeFile(join(to, 'README.md'), CARD);
}

/** Floats that JSON does not have, as transformers writes them and `readConfig` reads them. */
function tagged(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? { __float__: String(value) } : value;
}

/** A config.json, or another file of settings, with its fields sorted. */
export async function writeConfig(file: string, config: RawConfig): Promise<void> {
  const { _name_or_path, vision_config, ...kept } = config;
  const all: RawConfig = 'quantization' in kept ? { ...kept, quantization_config: kept['quantization'] } : kept;
  const sorted = Object.entries(all).sort(([a], [b]) => (a < b ? -1 : 1));
  await writeFile(file, JSON.stringify(Object.fromEntries(sorted), tagged, 4));
}
