#include "slots.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

namespace mlx_router {

SlotTable::~SlotTable() {
  for (auto& block : blocks_) {
    if (block != nullptr) free_block(block.get());
  }
}

int32_t SlotTable::put(mlx_array array, size_t pinned) {
  const size_t bytes = std::max(mlx_array_nbytes(array), pinned);
  live_++;
  if (bytes >= kSoloBytes) {
    Block* solo = add_block(1);
    solo->arrays[0] = array;
    solo->used = 1;
    solo->bytes = static_cast<int64_t>(bytes);
    account(solo->bytes);
    return ~(solo->index << kBlockBits);
  }
  if (current_ == nullptr || current_->used == kBlockSize) current_ = add_block(kBlockSize);
  const int32_t at = current_->used++;
  current_->arrays[at] = array;
  return (current_->index << kBlockBits) | at;
}

size_t SlotTable::pinned_bytes(int32_t slot) const {
  const Block* found = block(slot >> kBlockBits);
  return found == nullptr ? 0 : static_cast<size_t>(found->bytes);
}

void SlotTable::free(int32_t slot) {
  if (get(slot).ctx == nullptr) return;
  Block* block = blocks_[slot >> kBlockBits].get();
  mlx_array_free(std::exchange(block->arrays[slot & (kBlockSize - 1)], mlx_array{nullptr}));
  live_--;
  pending_ -= std::exchange(block->bytes, 0);
}

void SlotTable::free_block(Block* block) {
  for (int32_t at = 0; at < block->used; at++) {
    if (block->arrays[at].ctx == nullptr) continue;
    mlx_array_free(std::exchange(block->arrays[at], mlx_array{nullptr}));
    live_--;
  }
  // Only noted here: telling V8 is not allowed inside a collection.
  pending_ -= block->bytes;
  if (current_ == block) current_ = nullptr;
  const int32_t index = block->index;
  blocks_[index].reset();
  free_indices_.push_back(index);
}

Block* SlotTable::block(int32_t index) const {
  if (index < 0 || static_cast<size_t>(index) >= blocks_.size()) return nullptr;
  return blocks_[index].get();
}

void SlotTable::begin_scope() {
  scopes_.emplace_back();
  current_ = nullptr;
}

bool SlotTable::end_scope(std::span<const int32_t> keep) {
  if (scopes_.empty()) return false;
  const std::unordered_set<int32_t> kept(keep.begin(), keep.end());
  const auto made = std::move(scopes_.back());
  scopes_.pop_back();
  for (const auto& [index, serial] : made) {
    const Block* found = block(index);
    if (found == nullptr || found->serial != serial) continue;
    bool holds_kept = false;
    for (int32_t at = 0; at < found->used; at++) {
      const int32_t slot = (index << kBlockBits) | at;
      if (kept.contains(slot)) {
        holds_kept = true;
      } else {
        free(slot);
      }
    }
    if (holds_kept && !scopes_.empty()) scopes_.back().emplace_back(index, serial);
  }
  current_ = nullptr;
  return true;
}

Block* SlotTable::add_block(int32_t capacity) {
  int32_t index;
  if (free_indices_.empty()) {
    index = static_cast<int32_t>(blocks_.size());
    blocks_.emplace_back();
    // The collector pushes here, where nothing may fail or wait for memory.
    free_indices_.reserve(blocks_.capacity());
  } else {
    index = free_indices_.back();
    free_indices_.pop_back();
  }
  auto block = std::make_unique<Block>();
  block->serial = next_serial_++;
  block->index = index;
  block->capacity = capacity;
  block->arrays = std::make_unique<mlx_array[]>(capacity);
  blocks_[index] = std::move(block);
  if (!scopes_.empty()) scopes_.back().emplace_back(index, blocks_[index]->serial);
  return blocks_[index].get();
}

void SlotTable::account(int64_t bytes) {
  pending_ += bytes;
  if (pending_ < kReportBytes && pending_ > -kReportBytes) return;
  // Taken first: the call may collect, and the collector's finalizers write pending_.
  const int64_t change = std::exchange(pending_, 0);
  reported_ += change;
  int64_t total = 0;
  napi_adjust_external_memory(env_, change, &total);
}

}  // namespace mlx_router
