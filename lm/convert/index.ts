/** Models written anew: quantized, of another dtype, or with adapters in their weights. */
export { type ConversionDtype, type ConvertOptions, type ConvertResult, convert } from './convert.ts';
export { type FuseOptions, fuse, fuseLayers } from './fuse.ts';
export type { QuantizationChoice } from './quantize.ts';
export { type QuantizationRecipe, quantizationRecipes } from './recipes.ts';
