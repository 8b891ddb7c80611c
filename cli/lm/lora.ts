import type { CausalModel } from '../../lm/models/model.ts';
import type { Datasets, TrainReport, ValidationReport } from '../../lm/training/index.ts';
import { type Command, UsageError } from '../command.ts';
import { log, print, printJson } from '../terminal.ts';
import { configFields, LORA_USAGE, type LoraCommand, loraOptions } from './lora-options.ts';

/** Whoever presses Ctrl-C twice does not want to wait. */
function interruptible(): { readonly signal: AbortSignal; readonly end: () => void } {
  const controller = new AbortController();
  const stop = (): void => {
    log('ends after this iteration …');
    controller.abort(new Error('interrupted; --resume goes on from here'));
  };
  process.once('SIGINT', stop);
  return { signal: controller.signal, end: () => process.off('SIGINT', stop) };
}

async function trained(command: LoraCommand, model: CausalModel, sets: Datasets) {
  const training = await import('../../lm/training/index.ts');
  const { core: mx } = await import('../../mlx/index.ts');
  const { values, data, fineTuneType, loraParameters } = command;
  if (sets.train.length === 0) throw new UsageError(`--data: ${data} has no train.jsonl, or it is empty`);
  if (sets.valid.length === 0) log('there is no validation data: training goes on without');
  const config = { fineTuneType, numLayers: command.numLayers ?? Math.min(16, model.layers.length), loraParameters };
  mx.random.seed(command.training.seed);
  training.prepareFineTuning(model, config);
  const file = values['resume-adapter-file'];
  if (file !== undefined) training.loadAdapterFile(model, file);
  const { 'adapter-path': folder } = values;
  await training.saveAdapterConfig(folder, config, configFields(command));
  const reports: TrainReport[] = [];
  const validation: ValidationReport[] = [];
  const { signal, end } = interruptible();
  try {
    const optimizer = training.makeOptimizer(command.optimizer, command.learningRate);
    const result = await training.train(model, optimizer, sets, {
      ...command.training,
      signal,
      onReport: (report) => {
        reports.push(report);
        const { iteration, loss, learningRate, iterationsPerSecond, tokensPerSecond, peakMemory } = report;
        log(
          `iteration ${iteration}: loss ${loss.toFixed(3)}, learning rate ${learningRate.toExponential(2)}, ` +
            `${iterationsPerSecond.toFixed(2)} iterations/s, ${tokensPerSecond.toFixed(0)} tokens/s, ` +
            `${(peakMemory / 1e9).toFixed(2)} GB`,
        );
      },
      onValidation: (report) => {
        validation.push(report);
        log(`iteration ${report.iteration}: validation loss ${report.loss.toFixed(3)}`);
      },
      onSave: (saved) => log(`saved ${saved}`),
      onTruncated: (longest) =>
        log(`examples of up to ${longest} tokens are cut at ${command.training.maxSeqLength} (--max-seq-length)`),
    });
    return { ...result, reports, validation };
  } finally {
    end();
  }
}

async function tested(command: LoraCommand, model: CausalModel, sets: Datasets) {
  const { evaluate } = await import('../../lm/training/index.ts');
  const { batchSize, maxSeqLength } = command.training;
  const loss = await evaluate(model, sets.test, {
    ...{ batchSize, maxSeqLength, batches: command.testBatches },
    onBatch: (done, total) => log(`[${done}/${total}] test batches`),
  });
  return { loss, perplexity: Math.exp(loss) };
}

async function run(args: string[]): Promise<number> {
  const command = loraOptions(args);
  const { values } = command;
  const training = await import('../../lm/training/index.ts');
  const { model, tokenizer } = await training.openModel(command.model);
  const sets = await training.loadDatasets(command.data, tokenizer, { maskPrompt: values['mask-prompt'] });
  if (values.test && sets.test.length === 0) {
    throw new UsageError(`--data: ${command.data} has no test.jsonl, or it is empty`);
  }
  // As in mlx_lm, an empty path measures the model as it is.
  if (!values.train && values['adapter-path'] !== '') await training.loadAdapters(model, values['adapter-path']);
  const result = values.train ? await trained(command, model, sets) : undefined;
  const test = values.test ? await tested(command, model, sets) : undefined;
  if (values.json) printJson({ ...result, ...(test && { test }) });
  else {
    if (result !== undefined) print(`${result.iterations} iterations, adapters in ${values['adapter-path']}`);
    if (test !== undefined) print(`test loss ${test.loss.toFixed(3)}, perplexity ${test.perplexity.toFixed(3)}`);
  }
  return 0;
}

export const lora: Command = { summary: 'train adapters for a language model', usage: LORA_USAGE, run };
