/**
 * Operations whose tensors may not be replaced by others of a wrong shape or dtype, because MLX then reads or writes
 * memory that is not the tensor's: the answer is chance, or the end of the process. Wrong arguments are still tried.
 */
export const HAZARDS: Readonly<Record<string, string>> = {
  index: 'index tensors beyond the shape read stray memory',
  take: 'indices beyond the axis read stray memory',
  take_along_axis: 'indices beyond the axis read stray memory',
  put_along_axis: 'indices beyond the axis write stray memory',
  slice: 'a start beyond the axis reads stray memory',
  slice_update: 'a start beyond the axis writes stray memory',
  as_strided: 'strides beyond the elements read stray memory',
  gather_mm: 'indices beyond the batches read stray memory',
  gather_qmm: 'indices beyond the batches read stray memory',
  segmented_mm: 'segments beyond the inner axis read stray memory',
  block_masked_mm: 'masks smaller than the blocks read stray memory',
  'fast.cross_entropy': 'targets beyond the classes read stray memory',
};
