import { ConfigFields, type RawConfig } from '../config/fields.ts';
import type { CausalModel, NamedWeights } from '../models/model.ts';
import { createModel } from '../models/registry.ts';
import { withWeights } from './with-weights.ts';

/** The model of a config with these weights in it, in evaluation mode. Nothing is computed yet. */
export function buildModel(raw: RawConfig, weights: NamedWeights, where: string): CausalModel {
  const config = new ConfigFields(raw, where);
  return withWeights(() => createModel(config), weights, config, where);
}
