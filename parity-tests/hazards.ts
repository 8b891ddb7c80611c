/**
 * Operations that are not given views with a negative stride: MLX takes those for contiguous where it copies or splits
 * its operands, and reads or writes memory beside them.
 */
export const BACKWARD_HAZARDS: Readonly<Record<string, string>> = {
  'linalg.cross': 'the parts of a split view are multiplied from the wrong places',
  block_masked_mm: 'the copy that the mask is applied to is too small: the heap breaks',
};

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
