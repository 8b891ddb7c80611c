import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTokenizer } from '../load.ts';
import type { Message, Tokenizer } from '../tokenizer.ts';

/** A tokenizer of `make_tokenizers.py`, with what Python makes of texts, tokens and chats. */
export interface Sample {
  readonly name: string;
  readonly tokenizer: Record<string, unknown> & { model: Record<string, unknown> };
  readonly config: Record<string, unknown>;
  readonly size: number;
  readonly bos: number | null;
  readonly eos: number[];
  readonly texts: [text: string, special: number[], tokens: number[], decoded: string, streamed: string][];
  readonly drawn: [tokens: number[], decoded: string, withoutSpecial: string][];
  readonly chats: [Message[], Record<string, unknown>, string | null][];
}

export const samples: readonly Sample[] = readFileSync(new URL('tokenizers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

export const sample = (name: string): Sample => samples.find((one) => one.name === name) as Sample;

/** For the caller to remove. */
export const root = mkdtempSync(join(tmpdir(), 'mlx-router-tokenizer-'));

/** A folder with these files; what is no string is written as JSON. */
export function folderOf(files: Record<string, unknown>): string {
  const folder = mkdtempSync(join(root, 'model-'));
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
  }
  return folder;
}

/** The sample of that name, with more files beside its own or in place of them. */
export function loadSample(name: string, files: Record<string, unknown> = {}, options = {}): Promise<Tokenizer> {
  const { tokenizer, config } = sample(name);
  return loadTokenizer(folderOf({ 'tokenizer.json': tokenizer, 'tokenizer_config.json': config, ...files }), options);
}
