import type { FinishReason, LanguageModel, PromptCache, Statistics } from '../../lm/index.ts';
import { type Command, parseOptions, UsageError } from '../command.ts';
import { log, paint, print, printJson } from '../terminal.ts';
import { tokensBehind } from './cache-prompt.ts';
import { standardInput } from './input.ts';
import { languageModels } from './library.ts';
import {
  DRAFT_USAGE,
  draftOf,
  draftOptions,
  loadOf,
  MODEL_USAGE,
  modelOptions,
  SAMPLING_USAGE,
  samplingOf,
  samplingOptions,
} from './options.ts';

const USAGE = `Usage: mlx-router generate --model SOURCE --prompt TEXT [options]

Writes what the model answers, as it comes.

${MODEL_USAGE}
  --prompt, -p TEXT     what the model answers to; "-" reads standard input
  --system TEXT         what it is told before
  --prompt-cache FILE   of "cache-prompt" or mlx_lm: the beginning of the prompt, which goes on with --prompt
  --raw                 go on with the prompt as it is, without the model's chat template
${SAMPLING_USAGE}
${DRAFT_USAGE}
  --quiet               no statistics on stderr
  --json                { text, tokens, finishReason, statistics, … }, alone on standard output`;

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(args, {
    ...modelOptions,
    ...samplingOptions,
    ...draftOptions,
    prompt: { type: 'string', short: 'p' },
    system: { type: 'string' },
    raw: { type: 'boolean' },
    'prompt-cache': { type: 'string' },
    quiet: { type: 'boolean' },
    json: { type: 'boolean' },
  });
  if (values.prompt === undefined) throw new UsageError('--prompt TEXT is needed ("-" reads standard input)');
  if (values.raw && values.system !== undefined)
    throw new UsageError('--system needs the chat template: leave --raw out');
  const cacheFile = values['prompt-cache'];
  if (cacheFile !== undefined && values.system !== undefined)
    throw new UsageError('--system is part of what --prompt-cache keeps: leave it out');
  const text = values.prompt === '-' ? await standardInput() : values.prompt;
  using model = await loadOf(values);
  const draft = await draftOf(values);
  const isChat = !values.raw && model.tokenizer.hasChatTemplate;
  const cache = cacheFile === undefined ? undefined : await cacheOf(cacheFile, model);
  const chatOrText = isChat
    ? [
        ...(values.system === undefined ? [] : [{ role: 'system', content: values.system }]),
        { role: 'user', content: text },
      ]
    : text;
  const prompt = cache === undefined ? chatOrText : tokensBehind(model, text, isChat);
  const interrupt = new AbortController();
  const onInterrupt = (): void => interrupt.abort();
  process.once('SIGINT', onInterrupt);
  const options = { ...samplingOf(values), ...draft, cache, signal: interrupt.signal };
  try {
    if (values.json) {
      const answer = await model.generate(prompt, options);
      printJson({ ...answer, architecture: model.architecture, reason: model.reason });
      return 0;
    }
    for await (const segment of model.stream(prompt, options)) {
      process.stdout.write(segment.text);
      if (segment.statistics === undefined) continue;
      print('');
      if (!values.quiet) log(paint(inWords(segment.statistics, segment.finishReason), 'dim'));
    }
    return 0;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    print('');
    return 130;
  } finally {
    process.off('SIGINT', onInterrupt);
    draft.draftModel?.dispose();
    cache?.dispose();
  }
}

async function cacheOf(file: string, model: LanguageModel): Promise<PromptCache> {
  const { loadPromptCache } = await languageModels();
  return loadPromptCache(file, model);
}

function inWords(statistics: Statistics, reason: FinishReason | undefined): string {
  const { promptTokens, promptTokensPerSecond, generatedTokens, tokensPerSecond, implementation } = statistics;
  const { acceptedDraftTokens } = statistics;
  const guessed = acceptedDraftTokens === undefined ? '' : `, ${acceptedDraftTokens} of them guessed`;
  const speed = (value: number) => `${value.toPrecision(3)} tokens/s`;
  const ended = reason === 'length' ? ', ended at --max-tokens' : '';
  return (
    `prompt ${promptTokens} tokens at ${speed(promptTokensPerSecond)}, ` +
    `answer ${generatedTokens} tokens${guessed} at ${speed(tokensPerSecond)}, ${implementation}${ended}`
  );
}

export const generate: Command = { summary: 'answer a prompt with a language model', usage: USAGE, run };
