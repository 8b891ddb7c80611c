import { type Command, parseOptions, UsageError } from '../command.ts';
import { print, printJson } from '../terminal.ts';
import { standardInput } from './input.ts';
import { languageModels } from './library.ts';
import { countOption } from './numbers.ts';

const USAGE = `Usage: mlx-router embed --model SOURCE TEXT [TEXT …]

Writes one vector for each text; with one text "-", for each line of standard input.

  --model, -m SOURCE   an encoder in the layout of sentence-transformers, or owner/name on the Hub
  --batch-size N       so many texts at once (32)
  --json               { dims, embeddings: [{ text, vector }] }`;

const lines = async (): Promise<string[]> => (await standardInput()).split(/\r?\n/).filter((line) => line !== '');

async function run(args: string[]): Promise<number> {
  const { values, positionals } = parseOptions(
    args,
    { model: { type: 'string', short: 'm' }, 'batch-size': { type: 'string' }, json: { type: 'boolean' } },
    Number.POSITIVE_INFINITY,
  );
  if (values.model === undefined) throw new UsageError('--model SOURCE is needed: a folder, or owner/name');
  const texts = positionals.length === 1 && positionals[0] === '-' ? await lines() : positionals;
  if (texts.length === 0) throw new UsageError('a TEXT is needed ("-" reads standard input)');
  const batchSize = countOption('batch-size', values['batch-size'] ?? '32');
  const { loadEmbedder } = await languageModels();
  using embedder = await loadEmbedder(values.model);
  const vectors = (await embedder.embed(texts, { batchSize })).tolist() as number[][];
  const embeddings = texts.map((text, i) => ({ text, vector: vectors[i] as number[] }));
  if (values.json) printJson({ dims: vectors[0]?.length ?? 0, embeddings });
  else for (const { vector } of embeddings) print(vector.join(' '));
  return 0;
}

export const embed: Command = { summary: 'turn texts into vectors', usage: USAGE, run };
