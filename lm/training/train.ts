import type { Optimizer } from '../../mlx/optimizers/index.ts';
import type { CausalModel } from '../models/model.ts';
import { Batches } from './batches.ts';
import { type Progress, restoreProgress } from './checkpoint.ts';
import { checkpointBlocks } from './grad-checkpoint.ts';
import { Training, type TrainResult } from './loop.ts';
import { completeOptions, type TrainingData, type TrainOptions } from './options.ts';
import { NumpyRandom } from './random.ts';

/**
 * Trains what is not frozen in a model, as mlx_lm does: the same losses and weights for the same seed where the examples
 * are sorted by their lengths. The event loop is free while a step is computed.
 *
 * With a `folder` it saves `adapters.safetensors`, the same under the number of the iteration, and
 * `training_state.safetensors`, from which `resume` goes on in every bit. `saveAdapterConfig` writes the file that
 * `loadAdapters` needs beside them.
 * @throws TrainingError where the loss is no finite number: the weights are put back to those before that iteration, and,
 * if these are finite, saved; the reason of the signal where it has aborted
 */
export async function train(
  model: CausalModel,
  optimizer: Optimizer,
  data: TrainingData,
  options: TrainOptions = {},
): Promise<TrainResult> {
  const settings = completeOptions(options);
  const random = new NumpyRandom(settings.seed);
  const batches = new Batches(data.train, settings, random);
  const { batchSize, maxSeqLength, seed } = settings;
  const progress: Progress = {
    model,
    optimizer,
    batches,
    random,
    counts: { loss: 0, tokens: 0, steps: 0, trainedTokens: 0 },
    data: `${data.train.length} examples in batches of ${batchSize}, cut at ${maxSeqLength} tokens, by the seed ${seed}`,
    iteration: 0,
    gradients: null,
  };
  if (options.resume) restoreProgress(options.folder as string, progress);
  optimizer.init(model.trainableParameters());
  const restoreBlocks = options.gradCheckpoint ? checkpointBlocks(model) : undefined;
  const wasTraining = model.training;
  model.train();
  try {
    return await new Training(progress, data, options, settings).run();
  } finally {
    restoreBlocks?.();
    model.train(wasTraining);
  }
}
