import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { core as mx } from '../../mlx/index.ts';
import { treeFlatten, treeUnflatten } from '../../mlx/utils/index.ts';
import type { NamedWeights } from '../models/model.ts';
import { ADAPTERS } from './adapters.ts';
import type { Batch } from './batches.ts';
import { damaged, type Progress, saveProgress, trainable } from './checkpoint.ts';
import { TrainingError } from './errors.ts';
import { evaluate } from './loss.ts';
import type { completeOptions, TrainingData, TrainOptions } from './options.ts';
import { compiledStep, type Step } from './step.ts';

export interface TrainResult {
  /** How many iterations are done, those before a resumption among them. */
  readonly iterations: number;
  readonly trainedTokens: number;
  /** The loss of the last iteration; undefined if there was none to do. */
  readonly loss: number | undefined;
}

/** The iterations of a training, from where its progress is. */
export class Training {
  readonly #progress: Progress;
  readonly #data: TrainingData;
  readonly #options: TrainOptions;
  readonly #settings: ReturnType<typeof completeOptions>;
  readonly #step: Step;
  #seconds = 0;
  #savedAt: number;
  #hasTruncated = false;

  constructor(
    progress: Progress,
    data: TrainingData,
    options: TrainOptions,
    settings: ReturnType<typeof completeOptions>,
  ) {
    this.#progress = progress;
    this.#data = data;
    this.#options = options;
    this.#settings = settings;
    this.#savedAt = progress.iteration;
    this.#step = compiledStep(progress.model, progress.optimizer, settings.loss, settings.gradAccumulationSteps);
  }

  async run(): Promise<TrainResult> {
    const { iterations, stepsPerValidation, stepsPerReport, stepsPerSave } = this.#settings;
    const progress = this.#progress;
    const { signal } = this.#options;
    let loss: number | undefined;
    while (progress.iteration < iterations) {
      if (signal?.aborted) await this.#save();
      signal?.throwIfAborted();
      const number = progress.iteration + 1;
      const place = this.#place();
      const batch = progress.batches.next();
      const isDue = number === 1 || number % stepsPerValidation === 0;
      if (isDue || number === iterations) await this.#validate(isDue, place);
      loss = await this.#iterate(batch, number);
      if (number % stepsPerReport === 0 || number === iterations) this.#report();
      if (number % stepsPerSave === 0 || number === iterations) await this.#save();
    }
    return { iterations: progress.iteration, trainedTokens: progress.counts.trainedTokens, loss };
  }

  async #iterate(batch: Batch, number: number): Promise<number> {
    const progress = this.#progress;
    const { model, optimizer, counts, gradients: before } = progress;
    const { gradAccumulationSteps, clearCacheThreshold, maxSeqLength } = this.#settings;
    if (batch.longest > maxSeqLength && !this.#hasTruncated) {
      this.#hasTruncated = true;
      this.#options.onTruncated?.(batch.longest);
    }
    const begin = performance.now();
    const weights = trainable(model);
    const isUpdate = number % gradAccumulationSteps === 0;
    const [loss, count, gradients] = this.#step(batch.tokens, batch.lengths, before, isUpdate);
    await mx.asyncEval(loss, count, gradients ?? [], model, optimizer.state, mx.random.state);
    const value = Number(loss.item());
    const tokens = Number(count.item());
    for (const array of [loss, count, batch.tokens, batch.lengths, ...arraysOf(before)]) array.dispose();
    if (!Number.isFinite(value)) await this.#stop(number, value, tokens, weights);
    progress.gradients = gradients;
    progress.iteration = number;
    counts.loss += value;
    counts.tokens += tokens;
    counts.steps++;
    if (mx.getCacheMemory() > clearCacheThreshold) mx.clearCache({ toSystem: false });
    this.#seconds += (performance.now() - begin) / 1000;
    return value;
  }

  /** Puts the weights back that were good, and says why it cannot go on. */
  async #stop(number: number, value: number, tokens: number, weights: NamedWeights): Promise<never> {
    const { model } = this.#progress;
    model.update(treeUnflatten<object>(weights));
    const { folder } = this.#options;
    const isSound = damaged(weights) === undefined;
    let kept = 'the weights were damaged before; try a lower learning rate';
    if (isSound && folder !== undefined) {
      await mkdir(folder, { recursive: true });
      await mx.saveSafetensorsAsync(join(folder, ADAPTERS), weights);
      kept = `the weights of iteration ${number - 1} are kept in ${folder}`;
    } else if (isSound) kept = `the model has the weights of iteration ${number - 1} again`;
    else if (folder !== undefined) kept += `; what was saved in ${folder} is kept`;
    const cause =
      tokens === 0
        ? 'no token of the batch is learned: its examples are prompts alone, or cut within them by "maxSeqLength"'
        : 'try a lower learning rate, or weights in bfloat16 or float32';
    throw new TrainingError(`the loss of iteration ${number} is ${value}: ${cause}; ${kept}`, number);
  }

  /** Takes back what was drawn since now. */
  #place(): () => void {
    const { batches, random } = this.#progress;
    const { order, done } = batches;
    const { state } = random;
    return () => {
      Object.assign(batches, { order, done });
      random.state = state;
    };
  }

  /** @param isDue whether it would be at this iteration, too, if there were more of them */
  async #validate(isDue: boolean, restore: () => void): Promise<void> {
    const { model, iteration, random } = this.#progress;
    const { valid } = this.#data;
    if (valid === undefined || valid.length === 0) return;
    const { batchSize, maxSeqLength, validationBatches, loss } = this.#settings;
    const { signal } = this.#options;
    const begin = performance.now();
    const { state } = random;
    const options = { batchSize, maxSeqLength, batches: validationBatches, loss, signal, random };
    const value = await evaluate(model, valid, options).catch(async (error: unknown) => {
      restore();
      if (signal?.aborted) await this.#save();
      throw error;
    });
    // Training that goes on from here later draws what it would have drawn without a last validation.
    if (!isDue) random.state = state;
    this.#options.onValidation?.({ iteration, loss: value, seconds: (performance.now() - begin) / 1000 });
  }

  #report(): void {
    const { counts, iteration, optimizer } = this.#progress;
    counts.trainedTokens += counts.tokens;
    const seconds = Math.max(this.#seconds, 1e-9);
    this.#options.onReport?.({
      iteration,
      loss: counts.loss / counts.steps,
      learningRate: Number(optimizer.learningRate.item()),
      iterationsPerSecond: counts.steps / seconds,
      tokensPerSecond: counts.tokens / seconds,
      trainedTokens: counts.trainedTokens,
      peakMemory: mx.getPeakMemory(),
    });
    Object.assign(counts, { loss: 0, tokens: 0, steps: 0 });
    this.#seconds = 0;
  }

  async #save(): Promise<void> {
    const { folder, onSave } = this.#options;
    const { iteration } = this.#progress;
    if (folder === undefined || this.#savedAt === iteration) return;
    const file = await saveProgress(folder, this.#progress);
    this.#savedAt = iteration;
    onSave?.(file, iteration);
  }
}

const arraysOf = (tree: object | null): mx.Array[] =>
  tree === null ? [] : treeFlatten<mx.Array>(tree).map(([, array]) => array);
