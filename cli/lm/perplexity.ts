import { type Command, parseOptions, UsageError } from '../command.ts';
import { log, print, printJson } from '../terminal.ts';
import { countOption, required, withNegatives } from './numbers.ts';

const options = {
  model: { type: 'string' },
  'data-path': { type: 'string' },
  'adapter-path': { type: 'string' },
  'batch-size': { type: 'string', default: '8' },
  'sequence-length': { type: 'string', default: '512' },
  'num-samples': { type: 'string', default: '256' },
  seed: { type: 'string', default: '123' },
  json: { type: 'boolean', default: false },
} as const;

async function run(args: string[]): Promise<number> {
  const { values } = parseOptions(withNegatives(args), options);
  const folder = required('model', values.model, 'the folder of a model');
  const data = required(
    'data-path',
    values['data-path'],
    'a .jsonl file of {"text"}, {"prompt", "completion"} or {"messages"}',
  );
  const samples = countOption('num-samples', values['num-samples'], -1);
  if (samples === 0) throw new UsageError('--num-samples: expected a whole number from 1 up, or -1 for all');
  const how = {
    batchSize: countOption('batch-size', values['batch-size']),
    sequenceLength: countOption('sequence-length', values['sequence-length'], 2),
    samples,
    seed: countOption('seed', values.seed, 0),
    onBatch: (done: number, total: number) => log(`[${done}/${total}] batches`),
  };
  const training = await import('../../lm/training/index.ts');
  const { model, tokenizer } = await training.openModel(folder);
  if (values['adapter-path'] !== undefined) await training.loadAdapters(model, values['adapter-path']);
  const result = await training.perplexity(model, await training.readExamples(data, tokenizer), how);
  if (values.json) printJson(result);
  else {
    print(`perplexity ${result.perplexity.toFixed(3)} ± ${result.standardError.toFixed(3)}, ${result.tokens} tokens`);
  }
  return 0;
}

export const perplexity: Command = {
  summary: 'measure how well a language model predicts a text',
  usage: `Usage: mlx-router perplexity --model FOLDER --data-path FILE [options]

The exponential of the mean loss for each token: the lower, the better.

  --model FOLDER         a model in Hugging Face's layout
  --data-path FILE       lines of JSON: {"text"}, {"prompt", "completion"} or {"messages"}
  --adapter-path FOLDER  adapters to load
  --batch-size N         pieces computed at a time (8)
  --sequence-length N    tokens of a piece (512)
  --num-samples N        pieces; -1: all (256)
  --seed N               of the order of the lines (123)
  --json                 { perplexity, standardError, tokens }`,
  run,
};
