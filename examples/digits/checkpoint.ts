import { existsSync } from 'node:fs';
import { core as mx } from '../../mlx/index.ts';
import * as utils from '../../mlx/utils/index.ts';
import type { Epoch, Training } from './train.ts';

/** What the user asked for, from which everything follows. */
export interface Plan {
  readonly epochs: number;
  readonly seed: number;
}

interface Progress {
  readonly plan: Plan;
  readonly history: readonly Epoch[];
}

export interface Checkpoint extends Progress {
  readonly arrays: Readonly<Record<string, mx.Array>>;
}

/** There is nothing to resume from; the message says what there is instead. */
export class CheckpointError extends Error {}

/** Every array that a step reads and changes, as a tree. */
function stateOf({ model, optimizer }: Training) {
  return { model: model.parameters(), optimizer: optimizer.state, random: mx.random.state };
}

/** Writes a .safetensors file, whole or not at all. Its metadata tell how far the training is. */
export function saveCheckpoint(file: string, training: Training, plan: Plan): void {
  const arrays = Object.fromEntries(utils.treeFlatten<mx.Array>(stateOf(training)));
  const progress: Progress = { plan, history: training.history };
  mx.saveSafetensors(file, arrays, { digits: JSON.stringify(progress) });
}

/** @throws CheckpointError where there is none; FileError for a damaged file. */
export function readCheckpoint(file: string): Checkpoint {
  if (!existsSync(file)) throw new CheckpointError(`there is no checkpoint ${file}: train without --resume first`);
  const [arrays, { digits }] = mx.load(file, { returnMetadata: true });
  const progress = parseProgress(digits);
  if (progress === undefined) throw new CheckpointError(`${file} is no checkpoint of this example`);
  return { ...progress, arrays };
}

function parseProgress(text = ''): Progress | undefined {
  try {
    const { plan, history } = JSON.parse(text) as Progress;
    const numbers = [plan.epochs, plan.seed, ...history.flatMap(({ loss, accuracy }) => [loss, accuracy])];
    return numbers.every(Number.isFinite) && history.length <= plan.epochs ? { plan, history } : undefined;
  } catch {
    return undefined;
  }
}

/** Puts a checkpoint in the place of what the training began with. @throws CheckpointError for one of another network. */
export function restore(training: Training, { arrays, history }: Checkpoint): void {
  for (const [name, { shape, dtype }] of utils.treeFlatten<mx.Array>(stateOf(training))) {
    const saved = arrays[name];
    if (saved?.dtype === dtype && String(saved.shape) === String(shape)) continue;
    const found = saved === undefined ? 'nothing' : `${saved.dtype.name} [${saved.shape}]`;
    throw new CheckpointError(
      `the checkpoint is of another network: expected ${dtype.name} [${shape}] as "${name}", received ${found}`,
    );
  }
  const { model, optimizer, random } = utils.treeUnflatten<ReturnType<typeof stateOf>>(arrays);
  training.model.update(model);
  training.optimizer.state = optimizer;
  mx.random.state[0] = random[0];
  training.history.push(...history);
}
