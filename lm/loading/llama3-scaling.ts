/** What Llama 3.1, 3.2 and 3.3 were trained with; only the factor differs. */
const LOW = 1;
const HIGH = 4;
const ORIGINAL = 8192;

/**
 * The `rope_scaling` that gives these factors of wavelengths, of which there is one for each pair of a head; undefined
 * if none of Llama 3's does. A gguf file has the factors alone.
 */
export function llama3Scaling(
  factors: readonly number[],
  headSize: number,
  theta: number,
): Record<string, unknown> | undefined {
  const factor = Math.round(Math.max(...factors) * 1e4) / 1e4;
  const fits =
    factors.length === headSize / 2 &&
    factors.every((value, index) => {
      const wavelength = 2 * Math.PI * theta ** ((2 * index) / headSize);
      return Math.abs(value / expected(wavelength, factor) - 1) < 1e-3;
    });
  if (!fits) return undefined;
  return {
    rope_type: 'llama3',
    factor,
    low_freq_factor: LOW,
    high_freq_factor: HIGH,
    original_max_position_embeddings: ORIGINAL,
  };
}

/** Short waves stay, long ones grow by the factor, and those between by a part of it. */
function expected(wavelength: number, factor: number): number {
  const smooth = (ORIGINAL / wavelength - LOW) / (HIGH - LOW);
  if (smooth >= 1) return 1;
  if (smooth <= 0) return factor;
  return 1 / ((1 - smooth) / factor + smooth);
}
