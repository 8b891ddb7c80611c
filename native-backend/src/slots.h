#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mlx/c/array.h"

namespace mlx_router {

constexpr int32_t kBlockBits = 6;
constexpr int32_t kBlockSize = 1 << kBlockBits;
// Results of at least this many bytes get an owner of their own, so that no neighbour pins them.
constexpr size_t kSoloBytes = 16 * 1024;
// V8 hears of external memory in steps of this size: each telling costs about as much as an operation.
constexpr int64_t kReportBytes = 1 << 20;

// Slots that live and die together: their JavaScript owner's finalizer frees them all.
struct Block {
  uint64_t serial;
  int32_t index;
  int32_t capacity;
  int32_t used = 0;
  // A JavaScript object frees it when collected.
  bool owned = false;
  // What V8 was told that this block's one slot holds; 0 for shared blocks.
  int64_t bytes = 0;
  std::unique_ptr<mlx_array[]> arrays;
};

// Every tensor of one Node environment, by number. Not thread-safe: only the environment's thread comes here,
// its garbage collector included.
class SlotTable {
 public:
  explicit SlotTable(napi_env env) : env_(env) {}
  ~SlotTable();
  SlotTable(const SlotTable&) = delete;
  SlotTable& operator=(const SlotTable&) = delete;

  // Takes the array over. The number to hand to JavaScript: ~slot when the slot has a block of its own.
  // `pinned`: bytes that the array keeps alive besides its own (a view its parent's).
  int32_t put(mlx_array array, size_t pinned = 0);

  // The array in the slot, not owned by the caller; nullptr context when disposed or never there.
  mlx_array get(int32_t slot) const {
    const auto block = static_cast<uint32_t>(slot) >> kBlockBits;
    if (slot < 0 || block >= blocks_.size() || blocks_[block] == nullptr) return mlx_array{nullptr};
    const int32_t at = slot & (kBlockSize - 1);
    return at < blocks_[block]->used ? blocks_[block]->arrays[at] : mlx_array{nullptr};
  }
  // Bytes accounted for the slot: 0 for those in shared blocks.
  size_t pinned_bytes(int32_t slot) const;

  // Frees at once; a slot that is free already is left alone.
  void free(int32_t slot);
  // What the owner's finalizer calls; runs inside the collection, so it must not touch JavaScript.
  void free_block(Block* block);
  // The block whose owner is being made; nullptr when there is none of that index.
  Block* block(int32_t index) const;

  void begin_scope();
  // Frees everything made since the matching begin_scope but `keep`. False when no scope is open.
  bool end_scope(std::span<const int32_t> keep);

  size_t live() const { return live_; }
  int64_t external_bytes() const { return reported_ + pending_; }

 private:
  Block* add_block(int32_t capacity);
  void account(int64_t bytes);

  napi_env env_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<int32_t> free_indices_;
  Block* current_ = nullptr;
  uint64_t next_serial_ = 1;
  size_t live_ = 0;
  int64_t reported_ = 0;
  int64_t pending_ = 0;
  // Serial numbers tell a block from a later one at the same index.
  std::vector<std::vector<std::pair<int32_t, uint64_t>>> scopes_;
};

}  // namespace mlx_router
