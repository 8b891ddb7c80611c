import { ArgumentError } from '../../foundation/errors/errors.ts';
import { load } from '../../io/load.ts';
import { saveSafetensors, savez } from '../../io/save.ts';
import { describeValue } from '../../registry/arguments/describe.ts';
import { didYouMean } from '../../registry/naming.ts';
import type { Tensor } from '../../router/tensors/tensor.ts';
import { treeFlatten, treeUnflatten } from '../utils/trees.ts';
import type { Module } from './module.ts';
import { isArray, write } from './module-tree.ts';
import { placesOfParameters } from './places.ts';

/** A file, pairs of path and array, or an object of arrays by path. */
export type Weights = string | Iterable<readonly [string, Tensor]> | Readonly<Record<string, Tensor>>;

/** More lines than that help nobody. */
const MOST_LINES = 50;

function entriesOf(weights: Weights, operation: string): [string, Tensor][] {
  const given: unknown = typeof weights === 'string' ? load(weights) : weights;
  if (isArray(given) || typeof given !== 'object' || given === null) {
    throw new ArgumentError(
      `expected a file of named arrays, or pairs of name and array, received ${describeValue(given)}`,
      { operation },
    );
  }
  if (!(Symbol.iterator in given)) return Object.entries(given as Record<string, Tensor>);
  return Array.from(given as Iterable<unknown>, (pair) => {
    if (Array.isArray(pair) && pair.length === 2 && typeof pair[0] === 'string') return pair as [string, Tensor];
    throw new ArgumentError(`expected pairs of name and array, received ${describeValue(pair)}`, { operation });
  });
}

export function loadWeights(module: Module, weights: Weights, strict: boolean): void {
  const operation = 'nn.Module.loadWeights';
  const entries = entriesOf(weights, operation);
  if (strict) loadAll(module, new Map(entries), operation);
  else if (entries.length > 0) module.update(treeUnflatten<object>(entries), { strict: false });
}

/** @throws ArgumentError with one line for every parameter that does not fit; then nothing was changed. */
function loadAll(module: Module, weights: ReadonlyMap<string, unknown>, operation: string): void {
  const parameters = placesOfParameters(module, operation);
  const lines: string[] = [];
  const missing = parameters.filter(({ path }) => !weights.has(path)).map(({ path }) => path);
  if (weights.size + missing.length > parameters.length) {
    const known = new Set(parameters.map(({ path }) => path));
    for (const path of weights.keys()) {
      if (!known.has(path)) lines.push(`the module has no parameter "${path}"${didYouMean(path, missing)}`);
    }
  }
  for (const path of missing) lines.push(`there is no weight for the parameter "${path}"`);
  for (const { path, value } of parameters) {
    if (!weights.has(path)) continue;
    const given = weights.get(path);
    if (!isArray(given)) lines.push(`expected an array (mx.array) for "${path}", received ${describeValue(given)}`);
    else if (!isSameShape(given.shape, value.shape)) {
      lines.push(`expected the shape [${value.shape}] for "${path}", received [${given.shape}]`);
    }
  }
  if (lines.length > 0) {
    const more = lines.length > MOST_LINES ? [`… and ${lines.length - MOST_LINES} more`] : [];
    throw new ArgumentError([...lines.slice(0, MOST_LINES), ...more].join('\n'), { operation });
  }
  for (const place of parameters) write(place, weights.get(place.path), 'parameter', operation);
}

function isSameShape(first: readonly number[], second: readonly number[]): boolean {
  return first.length === second.length && first.every((extent, i) => extent === second[i]);
}

export function saveWeights(module: Module, file: string): void {
  const arrays = Object.fromEntries(treeFlatten<Tensor>(module.parameters()));
  if (typeof file === 'string' && file.endsWith('.safetensors')) saveSafetensors(file, arrays);
  else if (typeof file === 'string' && file.endsWith('.npz')) savez(file, arrays);
  else {
    throw new ArgumentError(`expected a file that ends in .safetensors or .npz, received ${describeValue(file)}`, {
      operation: 'nn.Module.saveWeights',
    });
  }
}
