import { ArgumentError } from '../../foundation/errors/errors.ts';
import type * as nn from '../../mlx/nn/index.ts';
import type { CausalModel } from '../models/model.ts';

/** The bits of most weights and of those that matter most. */
const BITS = { mixed_2_6: [2, 6], mixed_3_4: [3, 4], mixed_3_6: [3, 6], mixed_4_6: [4, 6] } as const;

/** Some layers with more bits, by mlx_lm's names: those of the first and last layers, say. */
export type QuantizationRecipe = keyof typeof BITS;

export const quantizationRecipes = Object.keys(BITS) as readonly QuantizationRecipe[];

/**
 * How each layer of a model is quantized by a recipe: as llama.cpp's Q4_K_M, values and the second matrix of the
 * feed-forward blocks get more bits in the first and last eighth of the layers and in each third one between, and the
 * output everywhere.
 * @throws ArgumentError for a model without layers named `down_proj`
 */
export function recipePredicate(
  recipe: QuantizationRecipe,
  model: CausalModel,
  groupSize: number,
): (path: string) => nn.QuantizeOptions {
  const operation = 'lm.convert';
  if (!Object.hasOwn(BITS, recipe)) {
    throw new ArgumentError(`no recipe is named "${recipe}"; there are ${quantizationRecipes.join(', ')}`, {
      operation,
    });
  }
  const [low, high] = BITS[recipe];
  const down = model.namedModules().find(([path]) => path.includes('down_proj'))?.[0];
  if (down === undefined) {
    throw new ArgumentError('recipes are for models with layers named "down_proj"; choose one number of bits', {
      operation,
    });
  }
  const parts = down.split('.');
  const found = parts.findIndex((part) => /^\d+$/.test(part));
  const place = found === -1 ? parts.length - 1 : found;
  const count = model.layers.length;
  const eighth = Math.floor(count / 8);
  return (path) => {
    const part = path.split('.')[place];
    const index = part === undefined ? 0 : Number(part);
    const isEnd = index < eighth || index >= Math.floor((7 * count) / 8);
    const isThird = (((index - eighth) % 3) + 3) % 3 === 2;
    const isImportant = /v_proj|v_a_proj|v_b_proj|down_proj/.test(path) && (isEnd || isThird);
    return { groupSize, bits: isImportant || path.includes('lm_head') ? high : low, mode: 'affine' };
  };
}
