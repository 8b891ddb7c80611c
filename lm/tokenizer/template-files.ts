import { readdir } from 'node:fs/promises';
import { FileError } from '../../foundation/errors/errors.ts';
import { OPERATION } from './definition.ts';
import { type Json, readJson, readText } from './files.ts';

const MORE_TEMPLATES = 'additional_chat_templates';

/**
 * The chat templates of a folder by their names. As in transformers, files of templates stand before tokenizer_config.json;
 * a template that the caller gives stands before all, and may name one of them.
 */
export async function readChatTemplates(
  folder: string,
  config: Json,
  given: string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const templates = await templatesOf(folder, config);
  if (given === undefined) return templates;
  return new Map([['default', templates.get(given) ?? given]]);
}

async function templatesOf(folder: string, config: Json): Promise<Map<string, string>> {
  const files = await fromFiles(folder);
  if (files.size > 0) return files;
  const listed = config.chat_template ?? (await readJson(folder, 'chat_template.json'))?.chat_template;
  return listed === undefined || listed === null ? new Map() : checkedTemplates(folder, listed);
}

async function fromFiles(folder: string): Promise<Map<string, string>> {
  const templates = new Map<string, string>();
  const main = await readText(folder, 'chat_template.jinja');
  if (main !== undefined) templates.set('default', main);
  const names = await readdir(`${folder}/${MORE_TEMPLATES}`).catch(() => []);
  for (const name of names.filter((file) => file.endsWith('.jinja')).sort()) {
    const text = await readText(`${folder}/${MORE_TEMPLATES}`, name);
    if (text !== undefined) templates.set(name.slice(0, -'.jinja'.length), text);
  }
  return templates;
}

/** One text, a list of `{ name, template }`, or an object of texts. */
function checkedTemplates(folder: string, value: unknown): Map<string, string> {
  const templates = new Map<string, string>();
  const entries: [unknown, unknown][] = Array.isArray(value)
    ? value.map((entry: Json | null) => [entry?.name, entry?.template])
    : Object.entries(typeof value === 'string' ? { default: value } : (value as object));
  for (const [name, template] of entries) {
    if (typeof name !== 'string' || typeof template !== 'string') {
      throw new FileError(
        `"chat_template" in ${folder} is neither a text nor a list of named ones. Download it again`,
        {
          operation: OPERATION,
        },
      );
    }
    templates.set(name, template);
  }
  return templates;
}
