/**
 * Operations whose tensors may not be replaced by others of a wrong shape or dtype, because MLX then reads or writes
 * memory that is not the tensor's: the answer is chance, or the end of the process. Wrong arguments are still tried.
 */
export const HAZARDS: Readonly<Record<string, string>> = {
  block_masked_mm: 'masks smaller than the blocks read stray memory',
};
