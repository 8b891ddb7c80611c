#include "operations/bind.h"
#include "operations/simple_index.h"
#include "workarounds/clamped_indices.h"
#include "workarounds/contiguous_views.h"

MLX_OP(argpartition);
MLX_OP(argpartition_axis);
MLX_OP(argsort);
MLX_OP(argsort_axis);
MLX_VIEW(diag);
MLX_VIEW(diagonal);
MLX_CLAMPED(gather, kNone);
MLX_OP(gather_single);
MLX_OP(masked_scatter);
MLX_OP(partition);
MLX_OP(partition_axis);
MLX_CLAMPED(put_along_axis, kNone);
MLX_CLAMPED(scatter, kNone);
MLX_CLAMPED(scatter_add, kNone);
MLX_OP(scatter_add_axis);
MLX_OP(scatter_add_single);
MLX_CLAMPED(scatter_max, kNone);
MLX_OP(scatter_max_single);
MLX_CLAMPED(scatter_min, kNone);
MLX_OP(scatter_min_single);
MLX_CLAMPED(scatter_prod, kNone);
MLX_OP(scatter_prod_single);
MLX_OP(scatter_single);
MLX_OP(searchsorted);
MLX_CONTIGUOUS(slice);
MLX_CLAMPED(slice_dynamic, kView);
MLX_OP(slice_update);
MLX_OP(slice_update_add);
MLX_CLAMPED(slice_update_dynamic, kNone);
MLX_OP(slice_update_max);
MLX_OP(slice_update_min);
MLX_OP(slice_update_prod);
MLX_OP(sort);
MLX_OP(sort_axis);
MLX_CLAMPED(take, kNone);
MLX_CLAMPED(take_along_axis, kNone);
MLX_CLAMPED(take_axis, kNone);
MLX_OP(topk);
MLX_OP(topk_axis);
MLX_CONTIGUOUS(basic_index);
MLX_SIMPLE_INDEX(integer_index);
MLX_SIMPLE_INDEX(range_index);
