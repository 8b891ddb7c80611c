import { ArgumentError } from '../../foundation/errors/errors.ts';
import { checkCount } from '../generation/checks.ts';
import type { BatchOptions, Example } from './batches.ts';
import { defaultLoss, type Loss } from './loss.ts';

/** What is trained with, and what the loss is measured with beside it. */
export interface TrainingData {
  readonly train: readonly Example[];
  readonly valid?: readonly Example[] | undefined;
}

export interface TrainReport {
  readonly iteration: number;
  /** The mean loss since the last report. */
  readonly loss: number;
  readonly learningRate: number;
  readonly iterationsPerSecond: number;
  readonly tokensPerSecond: number;
  /** How many tokens were learned from in all. */
  readonly trainedTokens: number;
  /** In bytes. */
  readonly peakMemory: number;
}

export interface ValidationReport {
  /** After how many iterations. */
  readonly iteration: number;
  readonly loss: number;
  readonly seconds: number;
}

export interface TrainOptions extends Partial<BatchOptions> {
  /** How many batches to train with. Default: 100. */
  readonly iterations?: number | undefined;
  /** Of the order of the batches. Default: 0. */
  readonly seed?: number | undefined;
  /** How many batches of the validation data are measured; -1: all. Default: 25. */
  readonly validationBatches?: number | undefined;
  /** Default: 10 iterations. */
  readonly stepsPerReport?: number | undefined;
  /** Default: 200 iterations; also before the first and the last one. */
  readonly stepsPerValidation?: number | undefined;
  /** Default: 100 iterations; also after the last one. */
  readonly stepsPerSave?: number | undefined;
  /** Of how many batches the gradients are averaged for a step. Default: 1. */
  readonly gradAccumulationSteps?: number | undefined;
  /** Whether blocks compute again what their gradients need, which takes less memory. Default: false. */
  readonly gradCheckpoint?: boolean | undefined;
  /** MLX's own cache of freed memory is emptied after a step where it is larger, in bytes. Default: 0. */
  readonly clearCacheThreshold?: number | undefined;
  /** Where adapters are saved, with what it takes to go on. Absent: nowhere. */
  readonly folder?: string | undefined;
  /** Whether to go on from what is in the folder: in every bit as if it had not been interrupted. Default: false. */
  readonly resume?: boolean | undefined;
  readonly loss?: Loss | undefined;
  /** Ends the training between two iterations; what was reached is saved before. */
  readonly signal?: AbortSignal | undefined;
  readonly onReport?: ((report: TrainReport) => void) | undefined;
  readonly onValidation?: ((report: ValidationReport) => void) | undefined;
  readonly onSave?: ((file: string, iteration: number) => void) | undefined;
  /** Called once, where examples are longer than `maxSeqLength` and cut. */
  readonly onTruncated?: ((longest: number) => void) | undefined;
}

/** The options with their defaults. @throws ArgumentError for one that cannot be */
export function completeOptions(options: TrainOptions) {
  const complete = {
    batchSize: options.batchSize ?? 4,
    maxSeqLength: options.maxSeqLength ?? 2048,
    iterations: options.iterations ?? 100,
    seed: options.seed ?? 0,
    validationBatches: options.validationBatches ?? 25,
    stepsPerReport: options.stepsPerReport ?? 10,
    stepsPerValidation: options.stepsPerValidation ?? 200,
    stepsPerSave: options.stepsPerSave ?? 100,
    gradAccumulationSteps: options.gradAccumulationSteps ?? 1,
    clearCacheThreshold: options.clearCacheThreshold ?? 0,
    loss: options.loss ?? defaultLoss,
  };
  const operation = 'lm.train';
  for (const name of [
    'iterations',
    'stepsPerReport',
    'stepsPerValidation',
    'stepsPerSave',
    'gradAccumulationSteps',
  ] as const) {
    checkCount(name, complete[name], 1, operation);
  }
  checkCount('clearCacheThreshold', complete.clearCacheThreshold, 0, operation);
  if (options.resume && options.folder === undefined) {
    throw new ArgumentError('"resume" needs the "folder" that the training has saved into', { operation });
  }
  return complete;
}
