import { FileError } from '../../foundation/errors/errors.ts';
import { messageOf } from '../../foundation/errors/message.ts';
import { ConfigFields, type RawConfig } from '../config/fields.ts';
import type { CausalModel, NamedWeights } from '../models/model.ts';
import { createModel } from '../models/registry.ts';
import { quantizationOf, quantizeAsStored } from './quantization.ts';

/** The model of a config with these weights in it, in evaluation mode. Nothing is computed yet. */
export function buildModel(raw: RawConfig, weights: NamedWeights, where: string): CausalModel {
  const config = new ConfigFields(raw, where);
  const model = createModel(config);
  const fitting = model.sanitize?.(weights) ?? weights;
  const quantization = quantizationOf(config);
  if (quantization !== undefined) quantizeAsStored(model, quantization, fitting);
  model.eval();
  try {
    model.loadWeights(fitting);
  } catch (error) {
    throw new FileError(`${where} and the weights disagree:\n${messageOf(error)}`, { cause: error });
  }
  return model;
}
