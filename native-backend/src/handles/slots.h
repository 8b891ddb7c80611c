#pragma once

#include <node_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "mlx/c/array.h"

namespace mlx_router {

constexpr int32_t kBlockBits = 6;
constexpr int32_t kBlockSize = 1 << kBlockBits;
// How much may be made between two collections of the young generation: V8 alone lets far more garbage pile up. Also of
// what a scope frees: the objects in JavaScript are left.
constexpr int32_t kBlocksPerCollection = 64;
// The same of small results that nobody has freed: what the next ones overwrite is then still in the processor's
// caches.
constexpr int32_t kTensorsPerCollection = 16 * kBlockSize;
// The same of arrays that have their memory from the start; of a graph it appears in the evaluation.
constexpr int64_t kFilledBytesPerCollection = 64 << 20;
// A graph is evaluated faster once the handles of its dropped intermediates are freed; below this it does not pay.
constexpr int32_t kTensorsBeforeEval = 12 * kBlockSize;

// How much may be made before the young generation is collected, by where arrays have their memory.
struct Allowance {
  // Results of at least this many bytes get an owner of their own, so that no other slot of a block pins them.
  size_t solo = 4 * 1024;
  int64_t made = 256 << 20;
  // Memory appears in the evaluation, where what is freed first is taken again, its pages already there.
  int64_t before_eval = 64 << 20;
  // Less is collected while MLX computes, and this thread would only wait. What outlives two collections is old to V8,
  // and freed by a full one only: the weights of a training step, which live until the next, were they collected around
  // in every step. So only in every fourth evaluation.
  int64_t during_eval = 8 << 20;
  int32_t evals = 4;
  // What has grown old is V8's to collect, so memory is reported to it, in steps of this size or of a quarter: while it
  // marks, each new owner counts as reachable, so that a report of each allocation would keep it marking.
  int64_t report = 128 << 20;
};

// On a GPU: a collection takes as long as it computes hundreds of megabytes, and what is freed late it has plenty of.
constexpr int64_t kLeastOnGpu = 256 << 20;
constexpr int64_t kShareOnGpu = 32;
Allowance allowance_on_gpu(int64_t spare);

// Where there is no collector, it has to collect everything. Each telling costs about as much as an operation.
constexpr int64_t kReportBytesAlone = 1 << 20;

// So many freed blocks may keep what they held, to be overwritten by the next results: a free and an allocation that
// alternate are several times cheaper than 64 frees in a row.
constexpr size_t kStaleBlocks = 128;

// Slots that are freed together, by the finalizer of their JavaScript owner.
struct Block {
  uint64_t serial;
  int32_t index;
  int32_t capacity;
  // Slots from here on are not in use; they may hold what a freed block left.
  int32_t used = 0;
  // A JavaScript object ends it when collected.
  bool owned = false;
  // What its tensors hold, or retain.
  int64_t bytes = 0;
  // As much of it as was made with them: a view makes nothing.
  int64_t made = 0;
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
  // `pinned`: bytes that the array retains besides its own (a view its parent's).
  // `heavy`: it is, or depends on, something large, so it must be freed as soon as it is collected.
  // `makes`: it has, or will have, memory of its own.
  int32_t put(mlx_array array, size_t pinned = 0, bool heavy = false, bool makes = true);
  // As `put`, always in a block of its own, which no scope frees: for what outlasts the code that asked for it.
  int32_t put_apart(mlx_array array);
  // What the next slot still holds of a freed block, for a C function to overwrite; the caller owns it.
  mlx_array take_stale();

  // The array in the slot, not owned by the caller; nullptr context when disposed or never there.
  mlx_array get(int32_t slot) const {
    const auto block = static_cast<uint32_t>(slot) >> kBlockBits;
    if (slot < 0 || block >= blocks_.size() || blocks_[block] == nullptr) return mlx_array{nullptr};
    const int32_t at = slot & (kBlockSize - 1);
    return at < blocks_[block]->used ? blocks_[block]->arrays[at] : mlx_array{nullptr};
  }
  // Bytes that the slot holds or retains, where that is much; else 0.
  size_t pinned_bytes(int32_t slot) const;
  // Whether it holds much, or is a graph not yet evaluated over something that does.
  bool is_heavy(int32_t slot) const;

  // Frees at once; a slot that is free already is left alone.
  void free(int32_t slot);
  // What the owner's finalizer calls; runs inside the collection, so it must not touch JavaScript.
  void end_block(Block* block);
  // Releases what freed blocks still hold. A graph is evaluated faster when nothing else holds its intermediates.
  void release_stale();
  // The block whose owner is being made; nullptr when there is none of that index.
  Block* block(int32_t index) const;

  void begin_scope();
  // Frees everything made since the matching begin_scope but `keep`. False when no scope is open.
  bool end_scope(std::span<const int32_t> keep);

  // An array was made that has its memory already.
  void note_filled(size_t bytes) { filled_bytes_ += static_cast<int64_t>(bytes); }

  // Whether enough was made since the last collection of the young generation.
  bool collection_due() const {
    return made_tensors_ >= kTensorsPerCollection || made_blocks_ >= kBlocksPerCollection ||
           made_bytes_ >= allowed_.made || std::min(filled_bytes_, made_bytes_) >= kFilledBytesPerCollection;
  }
  // The same at the start of an evaluation, which it counts, and while one is under way.
  bool collection_due_before_eval() {
    evals_++;
    return made_tensors_ >= kTensorsBeforeEval || made_bytes_ >= allowed_.before_eval;
  }
  bool collection_due_during_eval() const { return made_bytes_ >= allowed_.during_eval && evals_ >= allowed_.evals; }
  // From now on collections come when they are due.
  void expect_collections() { has_collector_ = true; }
  // From now on arrays have their memory on a GPU, which has so much to spare.
  void expect_gpu(int64_t spare) { allowed_ = allowance_on_gpu(spare); }
  // Before a collection: what is made from now on is the next one's.
  void begin_collection();
  // After it: `held` bytes are in use.
  void end_collection(int64_t held);

  size_t live() const { return live_; }
  // What the tensors hold or retain; memory that several share counts for each.
  int64_t external_bytes() const { return bytes_; }
  int64_t reported_bytes() const { return reported_; }

 private:
  Block* solo_block();
  Block* shared_block();
  Block* new_block(int32_t capacity);
  void open_block(Block* block);
  int32_t put_into(Block* block, mlx_array array, size_t bytes, bool makes);
  static void release(Block& block, int32_t from = 0);
  void account(int64_t bytes);
  void report(int64_t bytes);

  napi_env env_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<int32_t> free_indices_;
  std::vector<int32_t> stale_;
  Block* current_ = nullptr;
  uint64_t next_serial_ = 1;
  size_t live_ = 0;
  int32_t made_blocks_ = 0;
  // In blocks that several share, and not freed yet.
  int32_t made_tensors_ = 0;
  int64_t made_bytes_ = 0;
  int64_t filled_bytes_ = 0;
  bool has_collector_ = false;
  Allowance allowed_;
  int32_t evals_ = 0;
  // Blocks from this serial number on were opened since the last collection.
  uint64_t first_serial_ = 1;
  int64_t bytes_ = 0;
  // What was reported to V8.
  int64_t reported_ = 0;
  // Serial numbers distinguish a block from a later one at the same index.
  std::vector<std::vector<std::pair<int32_t, uint64_t>>> scopes_;
};

}  // namespace mlx_router
