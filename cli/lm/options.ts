import type { GenerateOptions, LanguageModel } from '../../lm/index.ts';
import { oneOf, UsageError } from '../command.ts';
import { log } from '../terminal.ts';
import { languageModels } from './library.ts';
import { numberOption } from './numbers.ts';

/** Options of every command that loads a model. */
export const modelOptions = {
  model: { type: 'string', short: 'm' },
  adapter: { type: 'string' },
  implementation: { type: 'string' },
  revision: { type: 'string' },
} as const;

export const MODEL_USAGE = `  --model, -m SOURCE    a folder in Hugging Face's layout, a .gguf file, or owner/name on the Hub
  --adapter FOLDER      adapters of "lora" to put on it
  --implementation WAY  native or python (native where the architecture is ported)
  --revision NAME       branch, tag or commit of the repository`;

/** Options of every command that generates tokens. */
export const samplingOptions = {
  'max-tokens': { type: 'string', short: 'n' },
  temp: { type: 'string' },
  'top-p': { type: 'string' },
  'min-p': { type: 'string' },
  'top-k': { type: 'string' },
  'repetition-penalty': { type: 'string' },
  seed: { type: 'string' },
  stop: { type: 'string', multiple: true },
} as const;

export const SAMPLING_USAGE = `  --max-tokens, -n N    at most so many tokens (256)
  --temp T              0 takes the most likely token, more spreads (0)
  --top-p P, --min-p P, --top-k K, --repetition-penalty R
  --seed N              draw the same tokens again
  --stop TEXT           end the answer before this text; may be repeated`;

/** Options of a model that guesses tokens. */
export const draftOptions = { 'draft-model': { type: 'string' }, 'num-draft-tokens': { type: 'string' } } as const;

export const DRAFT_USAGE = `  --draft-model SOURCE  a smaller model with the same tokens, which guesses the next ones
  --num-draft-tokens N  how many it guesses at a time (2)`;

/** The draft model of the command line, loaded. */
export async function draftOf(values: Values<typeof draftOptions>): Promise<DraftOptions> {
  const { 'draft-model': model, 'num-draft-tokens': tokens } = values;
  if (model === undefined && tokens !== undefined) throw new UsageError('--num-draft-tokens needs --draft-model');
  const numDraftTokens = tokens === undefined ? undefined : numberOption('num-draft-tokens', String(tokens));
  return { draftModel: model === undefined ? undefined : await loadOf({ model }), numDraftTokens };
}

type DraftOptions = Pick<GenerateOptions, 'draftModel' | 'numDraftTokens'>;

/** What the parser of the command line gave for these options. */
type Values<Options> = { readonly [Name in keyof Options]?: string | boolean | readonly string[] | undefined };

export function samplingOf(values: Values<typeof samplingOptions>): GenerateOptions {
  const read = (name: keyof typeof samplingOptions) => {
    const text = values[name];
    return text === undefined ? undefined : numberOption(name, String(text));
  };
  return {
    maxTokens: read('max-tokens'),
    temperature: read('temp'),
    topP: read('top-p'),
    minP: read('min-p'),
    topK: read('top-k'),
    repetitionPenalty: read('repetition-penalty'),
    seed: read('seed'),
    stop: values.stop as readonly string[] | undefined,
  };
}

/** Loads the model of the command line, and says on stderr how far it is. */
export async function loadOf(values: Values<typeof modelOptions>): Promise<LanguageModel> {
  const { model, adapter, implementation, revision } = values;
  if (typeof model !== 'string')
    throw new UsageError('--model SOURCE is needed: a folder, a .gguf file, or owner/name');
  const lm = await languageModels();
  const shown = new Set<string>();
  return lm.load(model, {
    ...(implementation !== undefined && {
      implementation: oneOf('--implementation', String(implementation), ['native', 'python']),
    }),
    ...(adapter !== undefined && { adapter: String(adapter) }),
    ...(revision !== undefined && { revision: String(revision) }),
    onProgress: ({ file, loadedBytes, totalBytes }) => {
      const share = totalBytes === 0 ? 100 : Math.floor((loadedBytes / totalBytes) * 100);
      // One line a file where the output is not a terminal, and one line that counts where it is.
      if (process.stderr.isTTY) process.stderr.write(`\r${share} % ${file}\u001b[K${share === 100 ? '\n' : ''}`);
      else if (!shown.has(file)) log(`downloading ${file}`);
      shown.add(file);
    },
  });
}
