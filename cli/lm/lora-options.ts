import { oneOf, parseOptions, UsageError } from '../command.ts';
import { countOption, numberOption, required, withNegatives } from './numbers.ts';

const options = {
  model: { type: 'string' },
  data: { type: 'string' },
  train: { type: 'boolean', default: false },
  test: { type: 'boolean', default: false },
  'fine-tune-type': { type: 'string', default: 'lora' },
  optimizer: { type: 'string', default: 'adam' },
  'mask-prompt': { type: 'boolean', default: false },
  'num-layers': { type: 'string' },
  'batch-size': { type: 'string', default: '4' },
  iters: { type: 'string', default: '1000' },
  'val-batches': { type: 'string', default: '25' },
  'learning-rate': { type: 'string', default: '1e-5' },
  'lr-schedule': { type: 'string' },
  warmup: { type: 'string', default: '0' },
  'steps-per-report': { type: 'string', default: '10' },
  'steps-per-eval': { type: 'string', default: '200' },
  'save-every': { type: 'string', default: '100' },
  'grad-accumulation-steps': { type: 'string', default: '1' },
  'grad-checkpoint': { type: 'boolean', default: false },
  'max-seq-length': { type: 'string', default: '2048' },
  'adapter-path': { type: 'string', default: 'adapters' },
  'resume-adapter-file': { type: 'string' },
  resume: { type: 'boolean', default: false },
  'test-batches': { type: 'string', default: '500' },
  rank: { type: 'string', default: '8' },
  scale: { type: 'string', default: '20' },
  dropout: { type: 'string', default: '0' },
  keys: { type: 'string' },
  seed: { type: 'string', default: '0' },
  json: { type: 'boolean', default: false },
} as const;

/** A number of batches, or -1 for all. */
function batchesOption(name: string, text: string): number {
  const value = countOption(name, text, -1);
  if (value === 0) throw new UsageError(`--${name}: expected a whole number from 1 up, or -1 for all`);
  return value;
}

/** What the command line of `lora` says, checked. */
export function loraOptions(args: string[]) {
  const { values } = parseOptions(withNegatives(args), options);
  if (!values.train && !values.test) throw new UsageError('expected --train, --test, or both');
  if (values.resume && values['resume-adapter-file'] !== undefined) {
    throw new UsageError(
      '--resume goes on with everything, --resume-adapter-file with weights alone: give one of them',
    );
  }
  const schedule = values['lr-schedule'];
  if (schedule !== undefined) oneOf('--lr-schedule', schedule, ['cosine_decay']);
  const iterations = countOption('iters', values.iters);
  const gradAccumulationSteps = countOption('grad-accumulation-steps', values['grad-accumulation-steps']);
  const layers = values['num-layers'];
  return {
    values,
    model: required('model', values.model, 'the folder of a model'),
    data: required('data', values.data, 'a folder with train.jsonl, valid.jsonl or test.jsonl'),
    fineTuneType: oneOf('--fine-tune-type', values['fine-tune-type'], ['lora', 'dora', 'full']),
    optimizer: oneOf('--optimizer', values.optimizer, ['adam', 'adamw', 'muon', 'sgd', 'adafactor']),
    numLayers: layers === undefined ? undefined : countOption('num-layers', layers, -1),
    loraParameters: {
      rank: countOption('rank', values.rank),
      scale: numberOption('scale', values.scale),
      dropout: numberOption('dropout', values.dropout),
      keys: values.keys?.split(',').filter((key) => key !== ''),
    },
    learningRate: {
      learningRate: numberOption('learning-rate', values['learning-rate']),
      warmup: countOption('warmup', values.warmup, 0),
      cosineSteps: schedule === undefined ? undefined : Math.ceil(iterations / gradAccumulationSteps),
    },
    testBatches: batchesOption('test-batches', values['test-batches']),
    training: {
      iterations,
      gradAccumulationSteps,
      batchSize: countOption('batch-size', values['batch-size']),
      maxSeqLength: countOption('max-seq-length', values['max-seq-length'], 2),
      validationBatches: batchesOption('val-batches', values['val-batches']),
      stepsPerReport: countOption('steps-per-report', values['steps-per-report']),
      stepsPerValidation: countOption('steps-per-eval', values['steps-per-eval']),
      stepsPerSave: countOption('save-every', values['save-every']),
      gradCheckpoint: values['grad-checkpoint'],
      seed: countOption('seed', values.seed, 0),
      folder: values['adapter-path'],
      resume: values.resume,
    },
  };
}

export type LoraCommand = ReturnType<typeof loraOptions>;

/** What `adapter_config.json` says of the training, under mlx_lm's names. */
export function configFields({ values, training, optimizer, learningRate, model, data }: LoraCommand) {
  const { learningRate: rate, cosineSteps, warmup } = learningRate;
  return {
    model,
    data,
    optimizer,
    train: true,
    mask_prompt: values['mask-prompt'],
    batch_size: training.batchSize,
    iters: training.iterations,
    val_batches: training.validationBatches,
    learning_rate: rate,
    lr_schedule: cosineSteps === undefined ? null : { name: 'cosine_decay', arguments: [rate, cosineSteps], warmup },
    steps_per_report: training.stepsPerReport,
    steps_per_eval: training.stepsPerValidation,
    save_every: training.stepsPerSave,
    grad_accumulation_steps: training.gradAccumulationSteps,
    grad_checkpoint: training.gradCheckpoint,
    max_seq_length: training.maxSeqLength,
    adapter_path: training.folder,
    seed: training.seed,
  };
}

export const LORA_USAGE = `Usage: mlx-router lora --model FOLDER --data FOLDER --train [options]

Trains adapters for a language model, or measures it. --data has train.jsonl, valid.jsonl and test.jsonl, with lines of
{"text"}, {"prompt", "completion"} or {"messages", "tools"}. Ctrl-C saves what was reached; --resume goes on from there.

  --train, --test               train; measure with test.jsonl
  --fine-tune-type TYPE         lora, dora, or full: the weights themselves (lora)
  --num-layers N                how many blocks, from the last one; -1: all (16, or as many as there are)
  --rank N, --scale X           of the low-rank layers (8, 20)
  --dropout P, --keys A,B       likewise (0); layers by their paths: self_attn.q_proj (all)
  --iters N, --batch-size N     how many batches, and of how many examples (1000, 4)
  --learning-rate X             (1e-5)
  --lr-schedule cosine_decay    the rate falls to 0 until the end
  --warmup N                    the rate rises for so many steps first (0)
  --optimizer NAME              adam, adamw, muon, sgd, adafactor (adam)
  --grad-accumulation-steps N   of how many batches gradients are averaged (1)
  --grad-checkpoint             less memory, more time
  --mask-prompt                 learn answers only
  --max-seq-length N            longer examples are cut (2048)
  --val-batches N               of valid.jsonl; -1: all (25)
  --test-batches N              of test.jsonl; -1: all (500)
  --steps-per-report N, --steps-per-eval N, --save-every N   (10, 200, 100)
  --adapter-path FOLDER         where adapters are saved, or, with --test alone, read (adapters)
  --resume                      go on from what is in --adapter-path, in every bit
  --resume-adapter-file FILE    begin with these weights
  --seed N                      of weights and of the order of batches (0)
  --json                        { iterations, trainedTokens, loss, reports, validation, test }`;
