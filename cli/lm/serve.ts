import { messageOf } from '../../foundation/errors/message.ts';
import { requirePackage } from '../../foundation/system/optional-package.ts';
import { type Command, parseOptions, UsageError } from '../command.ts';
import { log, print, printJson } from '../terminal.ts';
import { languageModels, serverLibrary } from './library.ts';
import { loadOf, MODEL_USAGE, modelOptions } from './options.ts';

const USAGE = `Usage: mlx-router serve --model SOURCE [options]

Answers OpenAI's HTTP interface with a model: /v1/chat/completions, /v1/completions, /v1/responses, /v1/embeddings,
/v1/models, and /health. Ctrl-C ends it: running answers have ten seconds to come to their end; a second one ends at once.

${MODEL_USAGE}
  --host ADDRESS        where to listen (127.0.0.1); an address that others reach needs a token
  --port N              (8080); 0: a free one
  --token TOKEN         what requests bring along as "Authorization: Bearer TOKEN"; the environment variable
                        MLX_ROUTER_SERVE_TOKEN keeps it out of the list of processes
  --name NAME           what requests call the model (the last part of its path)
  --embedder SOURCE     an encoder of the BERT family for /v1/embeddings
  --max-prompt N        the most tokens of a prompt (as many as the model was made for)
  --max-body BYTES      the most bytes of a request (4194304)
  --max-concurrent N    how many answers are computed at once (8)
  --max-queue N         how many may wait for that; more are refused with status 429 (64)
  --prefill-step-size N how many tokens of a prompt are computed between two tokens of other answers (256)
  --prompt-cache-size N of how many answers what the model has seen is kept, for prompts that begin alike (10)
  --prompt-cache-bytes N  the most bytes that are kept for that (1073741824)
  --json                { url, model } on standard output, once it listens`;

const COUNTS = {
  port: 'port',
  'max-prompt': 'maxPrompt',
  'max-body': 'maxBody',
  'max-concurrent': 'maxConcurrent',
  'max-queue': 'maxQueue',
  'prefill-step-size': 'prefillStepSize',
  'prompt-cache-size': 'promptCacheSize',
  'prompt-cache-bytes': 'promptCacheBytes',
} as const;

function countOf(name: string, value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,15}$/.test(value)) return Number(value);
  throw new UsageError(`--${name}: expected a whole number, received "${value}"`);
}

/** Resolves with the first of the two signals; the second ends the process as without a handler. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    const onSignal = (): void => {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
      resolve();
    };
    process.on('SIGINT', onSignal);
    process.on('SIGTERM', onSignal);
  });
}

async function run(args: string[]): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseOptions(args, {
    ...modelOptions,
    host: text,
    port: text,
    token: text,
    name: text,
    embedder: text,
    'max-prompt': text,
    'max-body': text,
    'max-concurrent': text,
    'max-queue': text,
    'prefill-step-size': text,
    'prompt-cache-size': text,
    'prompt-cache-bytes': text,
    json: { type: 'boolean' },
  });
  // Loading the model takes long, and comes before the server itself would say so.
  requirePackage('fastify', '5', 'mlx-router serve');
  const names = Object.keys(COUNTS) as (keyof typeof COUNTS)[];
  const counts = Object.fromEntries(names.map((name) => [COUNTS[name], countOf(name, values[name])]));
  const { host, name } = values;
  // A variable that is set to nothing is as good as none; an empty option is a mistake that the server names.
  const token = values.token ?? (process.env['MLX_ROUTER_SERVE_TOKEN'] || undefined);
  const { checkServeOptions, embedWith, serve } = await serverLibrary();
  const options = { ...counts, host, name, token, onError: (error: unknown) => log(String(error)) };
  // Loading may take minutes; what is wrong with the options is said before.
  try {
    checkServeOptions(options);
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
  using model = await loadOf(values);
  const lm = await languageModels();
  using embedder = values.embedder === undefined ? undefined : await lm.loadEmbedder(values.embedder);
  const running = await serve(model, { ...options, embed: embedder && embedWith(embedder) });
  const ended = interrupted();
  if (values.json) printJson({ url: running.url, model: running.model });
  else print(`${running.url}/v1 answers for the model "${running.model}"`);
  await ended;
  log('closing: running answers have ten seconds to come to their end');
  await running.close();
  return 0;
}

export const serveCommand: Command = {
  summary: "answer OpenAI's HTTP interface with a language model",
  usage: USAGE,
  run,
};
