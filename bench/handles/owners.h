// Slots in blocks of 64 with one garbage-collected owner object per block; large results have a slot and owner of their
// own.
#pragma once

#include "context.h"

constexpr int32_t kLarge = 1 << 30;  // ids from here on are large: their owner is theirs alone

uint32_t take_block(Context* context);
mlx_array& slot_of(Context* context, int32_t id);
napi_value owner_of(napi_env env, Context* context, int32_t id);
