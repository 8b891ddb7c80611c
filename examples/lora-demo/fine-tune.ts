import * as lm from '../../lm/index.ts';
import { core as mx } from '../../mlx/index.ts';

export interface FineTuning {
  /** The folder of a model, and of `train.jsonl` and `valid.jsonl`. */
  readonly model: string;
  readonly data: string;
  /** Where the adapters are saved. */
  readonly adapters: string;
  readonly iterations: number;
  /** How many blocks get adapters, from the last one. */
  readonly numLayers: number;
  readonly learningRate?: number;
  readonly onReport?: (report: lm.TrainReport) => void;
}

/** Trains adapters. Gives the loss on the validation data before and after. */
export async function fineTune(options: FineTuning): Promise<{ readonly before: number; readonly after: number }> {
  const { iterations, numLayers, learningRate = 2e-4, onReport } = options;
  const { model, tokenizer } = await lm.openModel(options.model);
  const data = await lm.loadDatasets(options.data, tokenizer);
  const config = { fineTuneType: 'lora', numLayers, loraParameters: { rank: 8, scale: 20 } } as const;
  mx.random.seed(0);
  lm.prepareFineTuning(model, config);
  await lm.saveAdapterConfig(options.adapters, config);
  const losses: number[] = [];
  await lm.train(model, lm.makeOptimizer('adam', { learningRate }), data, {
    iterations,
    batchSize: 1,
    maxSeqLength: 160,
    validationBatches: 12,
    folder: options.adapters,
    onReport,
    onValidation: ({ loss }) => losses.push(loss),
  });
  return { before: losses[0] as number, after: losses.at(-1) as number };
}
