import type { LanguageModel } from '../../lm/index.ts';
import { type Command, parseOptions, UsageError } from '../command.ts';
import { log, printJson } from '../terminal.ts';
import { standardInput } from './input.ts';
import { languageModels } from './library.ts';
import { loadOf, MODEL_USAGE, modelOptions } from './options.ts';

const USAGE = `Usage: mlx-router cache-prompt --model SOURCE --prompt TEXT --prompt-cache FILE

Computes the beginning of a prompt once, and keeps what the model has seen in a file of mlx_lm's format:
"generate --prompt-cache FILE" goes on from there.

${MODEL_USAGE}
  --prompt, -p TEXT     the beginning of what the model answers to; "-" reads standard input
  --prompt-cache FILE   where it is kept, in a .safetensors file
  --json                { file, tokens }, alone on standard output`;

/** Where the question stands in a chat that the template writes. */
const QUESTION = '<query>';

/** The tokens of a prompt whose beginning a cache has: of a chat, those from the question on. */
export function tokensBehind(model: LanguageModel, text: string, isChat: boolean): number[] {
  const { tokenizer } = model;
  const written = (content: string) =>
    tokenizer.applyChatTemplate([{ role: 'user', content }], { addGenerationPrompt: true });
  const rest = isChat ? written(text).slice(written(QUESTION).indexOf(QUESTION)) : text;
  return tokenizer.encode(rest, { addSpecialTokens: false });
}

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, {
    ...modelOptions,
    prompt: { type: 'string', short: 'p' },
    'prompt-cache': { type: 'string' },
    json: { type: 'boolean' },
  });
  const { prompt, 'prompt-cache': file } = values;
  if (prompt === undefined) throw new UsageError('--prompt TEXT is needed ("-" reads standard input)');
  if (file === undefined) throw new UsageError('--prompt-cache FILE is needed');
  const content = prompt === '-' ? await standardInput() : prompt;
  using model = await loadOf(values);
  const lm = await languageModels();
  const { tokenizer } = model;
  const tokens = tokenizer.hasChatTemplate
    ? tokenizer.encode(tokenizer.applyChatTemplate([{ role: 'user', content }], { continueFinalMessage: true }), {
        addSpecialTokens: false,
      })
    : tokenizer.encode(content);
  const cache = await model.newCache();
  try {
    // The one token that is drawn is not in the cache.
    await model.generate(tokens, { maxTokens: 1, cache });
    await lm.savePromptCache(file, cache, { model: String(values.model), tokenizer_config: '{}' });
    if (values.json) printJson({ file, tokens: cache.offset });
    else log(`${cache.offset} tokens in ${file}`);
  } finally {
    cache.dispose();
  }
  return 0;
}

export const cachePrompt: Command = { summary: 'keep the beginning of a prompt, computed', usage: USAGE, run };
