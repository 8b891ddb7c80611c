/** What both sides measure with: folders that `prepareModels` has filled. They get it as JSON in a variable. */
export interface Setting {
  /** The same model with weights in full, in float32 unless told otherwise, and with quantized ones. */
  readonly full: string;
  readonly quantized: string;
  readonly encoder: string;
  /** A JSON list of texts for the encoder. */
  readonly sentences: string;
  /** Where Python finds mlx_lm if it is not among its own packages. */
  readonly site: string;
  /** The file that the model comes from, which llama.cpp reads; null: it comes from elsewhere. */
  readonly gguf: string | null;
}

export const VARIABLE = 'MLX_ROUTER_BENCH_MODELS';

export function readSetting(): Setting {
  return JSON.parse(process.env[VARIABLE] ?? '{}') as Setting;
}
