import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { core as mx } from '../../mlx/index.ts';
import type { Optimizer } from '../../mlx/optimizers/index.ts';
import { treeFlatten, treeUnflatten } from '../../mlx/utils/index.ts';
import type { CausalModel, NamedWeights } from '../models/model.ts';
import { ADAPTERS, readAdapters, updateWith } from './adapters.ts';
import type { Batches } from './batches.ts';
import { TrainingError } from './errors.ts';
import type { NumpyRandom } from './random.ts';

const STATE = 'training_state.safetensors';

/** What the reports count, from one to the next. */
export interface Counts {
  loss: number;
  tokens: number;
  steps: number;
  trainedTokens: number;
}

/** All that a step reads and changes. */
export interface Progress {
  readonly model: CausalModel;
  readonly optimizer: Optimizer;
  readonly batches: Batches;
  readonly random: NumpyRandom;
  readonly counts: Counts;
  /** What identifies the data and the way they are cut. */
  readonly data: string;
  iteration: number;
  /** Sums of gradients for the next step of the optimizer; null where there are none. */
  gradients: object | null;
}

export const trainable = (model: CausalModel): NamedWeights =>
  Object.fromEntries(treeFlatten<mx.Array>(model.trainableParameters()));

/** The name of one of them that holds what is no finite number; undefined if all are well. */
export function damaged(weights: NamedWeights): string | undefined {
  const names = Object.keys(weights);
  const sound = mx.tidy(() => mx.stack(names.map((name) => mx.all(mx.isfinite(weights[name] as mx.Array)))));
  const place = (sound.tolist() as boolean[]).indexOf(false);
  sound.dispose();
  return names[place];
}

const flattened = (prefix: string, tree: object): [string, mx.Array][] => treeFlatten<mx.Array>(tree, { prefix });

/**
 * Writes the adapters, once under their name and once under that of the iteration, and then what it takes to go on. Each
 * file is replaced whole, and the last one names the adapters that belong to it.
 * @returns the file of this iteration
 */
export async function saveProgress(folder: string, progress: Progress): Promise<string> {
  const { model, optimizer, batches, random, counts, data, iteration, gradients } = progress;
  const weights = trainable(model);
  const bad = damaged(weights);
  if (bad !== undefined) {
    throw new TrainingError(
      `after iteration ${iteration} "${bad}" is not finite, and is not saved; try a lower learning rate`,
      iteration,
    );
  }
  await mkdir(folder, { recursive: true });
  const adapters = `${String(iteration).padStart(7, '0')}_${ADAPTERS}`;
  await mx.saveSafetensorsAsync(join(folder, adapters), weights);
  await mx.saveSafetensorsAsync(join(folder, ADAPTERS), weights);
  const { key, position } = random.state;
  const own = { key: mx.array(key), order: mx.array(Int32Array.from(batches.order)) };
  const arrays = Object.fromEntries([
    ...flattened('optimizer', optimizer.state),
    ...flattened('random', mx.random.state),
    ...flattened('batches', own),
    ...(gradients === null ? [] : flattened('gradients', gradients)),
  ]);
  const facts = { adapters, iteration, data, position, done: batches.done, counts };
  await mx.saveSafetensorsAsync(join(folder, STATE), arrays, { training: JSON.stringify(facts) });
  for (const array of Object.values(own)) array.dispose();
  return join(folder, adapters);
}

interface Facts {
  readonly adapters: string;
  readonly iteration: number;
  readonly data: string;
  readonly position: number;
  readonly done: number;
  readonly counts: Counts;
}

interface Saved {
  readonly optimizer: Optimizer['state'];
  readonly random: mx.Array[];
  readonly batches: { readonly key: mx.Array; readonly order: mx.Array };
  readonly gradients?: object;
}

function readState(file: string): { readonly facts: Facts; readonly saved: Saved } {
  try {
    const [arrays, metadata] = mx.load(file as `${string}.safetensors`, { returnMetadata: true });
    const facts = JSON.parse(metadata['training'] ?? 'null') as Facts | null;
    const saved = treeUnflatten<Saved>(arrays as NamedWeights);
    const isWhole =
      typeof facts?.adapters === 'string' &&
      /^\d+_adapters\.safetensors$/.test(facts.adapters) &&
      Number.isSafeInteger(facts.iteration) &&
      [saved.optimizer, saved.random?.[0], saved.batches?.key, saved.batches?.order].every(
        (part) => part !== undefined,
      );
    if (facts === null || !isWhole) throw new Error('it is no state of a training');
    return { facts, saved };
  } catch (error) {
    throw new FileError(`${file} cannot be resumed: ${messageOf(error)}`, { cause: error });
  }
}

/** Goes on from what `saveProgress` has written. @throws FileError for a state of other data, or of another model */
export function restoreProgress(folder: string, progress: Progress): void {
  const file = join(folder, STATE);
  const { facts, saved } = readState(file);
  if (facts.data !== progress.data) {
    throw new FileError(`${file} belongs to ${facts.data}; this training has ${progress.data}`);
  }
  const own = trainable(progress.model);
  const weights = readAdapters(join(folder, facts.adapters));
  const missing = Object.keys(own).find((name) => weights[name] === undefined);
  if (missing !== undefined) throw new FileError(`${join(folder, facts.adapters)} lacks "${missing}"`);
  updateWith(progress.model, weights, join(folder, facts.adapters), (name) => own[name] !== undefined);
  progress.optimizer.state = saved.optimizer;
  mx.random.state[0] = saved.random[0] as mx.Array;
  progress.random.state = { key: Uint32Array.from(saved.batches.key.tolist() as number[]), position: facts.position };
  progress.batches.order = saved.batches.order.tolist() as number[];
  progress.batches.done = facts.done;
  progress.gradients = saved.gradients ?? null;
  progress.iteration = facts.iteration;
  Object.assign(progress.counts, facts.counts);
}
