#include "handles/slots.h"

#include <algorithm>
#include <cstdlib>
#include <unordered_set>
#include <utility>

#include "mlx/array.h"

namespace mlx_router {

Allowance allowance_on_gpu(int64_t spare) {
  const int64_t most = std::max(spare / kShareOnGpu, kLeastOnGpu);
  // While MLX computes a collection takes no time, so nearly all of them come then, in any evaluation. What waits for
  // the next one is not reported to V8.
  return Allowance{
      .solo = 1 << 20, .made = most, .before_eval = most, .during_eval = most / 2, .evals = 1, .report = 2 * most};
}

SlotTable::~SlotTable() {
  for (auto& block : blocks_) {
    if (block != nullptr) release(*block);
  }
}

void SlotTable::release(Block& block, int32_t from) {
  for (int32_t at = from; at < block.capacity; at++) {
    if (block.arrays[at].ctx != nullptr) mlx_array_free(std::exchange(block.arrays[at], mlx_array{nullptr}));
  }
}

int32_t SlotTable::put(mlx_array array, size_t pinned, bool heavy, bool makes) {
  const size_t bytes = std::max(mlx_array_nbytes(array), pinned);
  // A scope frees its slots one by one, so what is small need not have an owner for that.
  const bool solo = bytes >= allowed_.solo || (heavy && scopes_.empty());
  const int32_t slot = put_into(solo ? solo_block() : shared_block(), array, bytes, makes);
  return solo ? ~slot : slot;
}

int32_t SlotTable::put_apart(mlx_array array) {
  Block* block = new_block(1);
  block->serial = next_serial_++;
  return ~put_into(block, array, mlx_array_nbytes(array), true);
}

int32_t SlotTable::put_into(Block* block, mlx_array array, size_t bytes, bool makes) {
  const int32_t at = block->used++;
  if (block->arrays[at].ctx != nullptr) mlx_array_free(block->arrays[at]);
  block->arrays[at] = array;
  block->bytes += static_cast<int64_t>(bytes);
  live_++;
  if (block->capacity > 1) made_tensors_++;
  const int32_t slot = (block->index << kBlockBits) | at;
  if (makes) {
    block->made += static_cast<int64_t>(bytes);
    made_bytes_ += static_cast<int64_t>(bytes);
  }
  account(static_cast<int64_t>(bytes));
  return slot;
}

mlx_array SlotTable::take_stale() {
  if (current_ == nullptr || current_->used == kBlockSize) return mlx_array{nullptr};
  return std::exchange(current_->arrays[current_->used], mlx_array{nullptr});
}

size_t SlotTable::pinned_bytes(int32_t slot) const {
  const Block* found = block(slot >> kBlockBits);
  return found == nullptr || found->capacity > 1 ? 0 : static_cast<size_t>(found->bytes);
}

bool SlotTable::is_heavy(int32_t slot) const {
  const Block* found = block(slot >> kBlockBits);
  if (found == nullptr || found->capacity > 1) return false;
  if (found->bytes >= static_cast<int64_t>(allowed_.solo)) return true;
  // Asking whether it is available would take the error of an evaluation that is under way.
  return static_cast<const mlx::core::array*>(found->arrays[0].ctx)->status() == mlx::core::array::Status::unscheduled;
}

void SlotTable::free(int32_t slot) {
  const mlx_array array = get(slot);
  if (array.ctx == nullptr) return;
  Block* block = blocks_[slot >> kBlockBits].get();
  const int64_t bytes = block->capacity == 1 ? block->bytes : static_cast<int64_t>(mlx_array_nbytes(array));
  block->bytes -= bytes;
  bytes_ -= bytes;
  // What is freed by hand or by a scope is no garbage that a collection could find.
  if (block->serial >= first_serial_) {
    const int64_t made = block->capacity == 1 ? block->made : std::min(bytes, block->made);
    block->made -= made;
    made_bytes_ -= std::min(made, made_bytes_);
    if (block->capacity > 1) made_tensors_--;
  }
  live_--;
  block->arrays[slot & (kBlockSize - 1)] = mlx_array{nullptr};
  mlx_array_free(array);
}

void SlotTable::end_block(Block* block) {
  for (int32_t at = 0; at < block->used; at++) {
    if (block->arrays[at].ctx != nullptr) live_--;
  }
  // Only noted here: telling V8 is not allowed inside a collection.
  bytes_ -= std::exchange(block->bytes, 0);
  block->made = 0;
  if (current_ == block) current_ = nullptr;
  block->used = 0;
  block->owned = false;
  block->serial = 0;
  if (block->capacity > 1 && stale_.size() < kStaleBlocks) {
    stale_.push_back(block->index);
    return;
  }
  release(*block);
  const int32_t index = block->index;
  blocks_[index].reset();
  free_indices_.push_back(index);
}

void SlotTable::release_stale() {
  for (const int32_t index : stale_) release(*blocks_[index]);
  if (current_ != nullptr) release(*current_, current_->used);
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

Block* SlotTable::solo_block() {
  Block* block = new_block(1);
  open_block(block);
  return block;
}

Block* SlotTable::shared_block() {
  if (current_ != nullptr && current_->used < kBlockSize) return current_;
  if (stale_.empty()) {
    current_ = new_block(kBlockSize);
  } else {
    current_ = blocks_[stale_.back()].get();
    stale_.pop_back();
  }
  open_block(current_);
  return current_;
}

Block* SlotTable::new_block(int32_t capacity) {
  int32_t index;
  if (free_indices_.empty()) {
    index = static_cast<int32_t>(blocks_.size());
    blocks_.emplace_back();
    // The collector pushes on these, where nothing may fail for want of memory.
    free_indices_.reserve(blocks_.capacity());
    stale_.reserve(kStaleBlocks);
  } else {
    index = free_indices_.back();
    free_indices_.pop_back();
  }
  auto block = std::make_unique<Block>();
  block->index = index;
  block->capacity = capacity;
  block->arrays = std::make_unique<mlx_array[]>(capacity);
  blocks_[index] = std::move(block);
  return blocks_[index].get();
}

void SlotTable::open_block(Block* block) {
  if (block->capacity > 1) made_blocks_++;
  block->serial = next_serial_++;
  if (!scopes_.empty()) scopes_.back().emplace_back(block->index, block->serial);
}

void SlotTable::account(int64_t bytes) {
  bytes_ += bytes;
  if (!has_collector_ && std::abs(bytes_ - reported_) >= kReportBytesAlone) report(bytes_);
}

void SlotTable::begin_collection() {
  made_blocks_ = 0;
  made_tensors_ = 0;
  made_bytes_ = 0;
  filled_bytes_ = 0;
  evals_ = 0;
  first_serial_ = next_serial_;
}

void SlotTable::end_collection(int64_t held) {
  if (std::abs(held - reported_) >= std::max(allowed_.report, reported_ / 4)) report(held);
}

void SlotTable::report(int64_t bytes) {
  // Noted first: the call may collect, and so come here again.
  const int64_t change = bytes - std::exchange(reported_, bytes);
  int64_t total = 0;
  napi_adjust_external_memory(env_, change, &total);
}

}  // namespace mlx_router
