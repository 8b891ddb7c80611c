#include "workarounds/failed_reads.h"

#include <stdexcept>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "files/reader.h"
#include "mlx/array.h"
#include "mlx/primitives.h"

namespace mlx_router {
namespace {

namespace mx = mlx::core;

// It stands in for a primitive whose file could not be read.
class Unreadable : public mx::Primitive {
 public:
  Unreadable(mx::Stream stream, std::string message) : Primitive(stream), message_(std::move(message)) {}
  void eval_cpu(const std::vector<mx::array>&, std::vector<mx::array>&) override { fail(); }
  void eval_gpu(const std::vector<mx::array>&, std::vector<mx::array>&) override { fail(); }
  const char* name() const override { return "Unreadable"; }

 private:
  [[noreturn]] void fail() const {
    // The evaluation asks there whether a file was the reason.
    read_failure()->report(message_);
    throw std::runtime_error(message_);
  }

  const std::string message_;
};

// An array is a shared pointer to its description and nothing else, but gives no weak pointer. The layout of a shared
// pointer does not depend on the type that it points to.
using Description = std::shared_ptr<void>;
static_assert(sizeof(mx::array) == sizeof(Description));

std::weak_ptr<void> weak(const mx::array& array) { return reinterpret_cast<const Description&>(array); }

// The nodes that an evaluation computes, each with those that are computed from it.
class Graph {
 public:
  explicit Graph(const std::vector<mx::array>& outputs) {
    for (const auto& output : outputs) add(output);
    for (size_t i = 0; i < nodes_.size(); i++) {
      const mx::array node = nodes_[i];
      for (const auto& sibling : node.siblings()) add(sibling);
      for (const auto& input : node.inputs()) {
        if (const auto at = add(input); at != kNone) consumers_[at].push_back(i);
      }
    }
  }

  std::vector<std::weak_ptr<void>> computed_from_files() const {
    std::vector<std::weak_ptr<void>> found;
    std::vector<bool> seen(nodes_.size());
    std::vector<size_t> next;
    for (size_t i = 0; i < nodes_.size(); i++) {
      if (std::string_view(nodes_[i].primitive().name()) == "Load") next.push_back(i);
    }
    while (!next.empty()) {
      const size_t i = next.back();
      next.pop_back();
      if (seen[i]) continue;
      seen[i] = true;
      found.push_back(weak(nodes_[i]));
      next.insert(next.end(), consumers_[i].begin(), consumers_[i].end());
      for (const auto& sibling : nodes_[i].siblings()) next.push_back(places_.at(sibling.id()));
    }
    return found;
  }

 private:
  static constexpr size_t kNone = ~size_t{0};

  size_t add(const mx::array& array) {
    if (array.status() != mx::array::Status::unscheduled || !array.has_primitive()) return kNone;
    const auto [found, is_new] = places_.try_emplace(array.id(), nodes_.size());
    if (is_new) {
      nodes_.push_back(array);
      consumers_.emplace_back();
    }
    return found->second;
  }

  std::vector<mx::array> nodes_;
  std::vector<std::vector<size_t>> consumers_;
  std::unordered_map<uintptr_t, size_t> places_;
};

}  // namespace

FileResults::FileResults(mlx_vector_array outputs) {
  if (!files_to_read()) return;
  arrays_ = Graph(*static_cast<const std::vector<mx::array>*>(outputs.ctx)).computed_from_files();
}

void FileResults::fail(const std::string& message) {
  const auto unreadable = std::make_shared<Unreadable>(mx::default_stream(mx::Device::cpu), message);
  for (const auto& weak : arrays_) {
    const Description description = weak.lock();
    if (description == nullptr) continue;
    const auto& array = reinterpret_cast<const mx::array&>(description);
    mx::array node = array;
    node.detach();
    node.primitive_ptr() = unreadable;
    node.attach_event(mx::Event{});
    node.set_status(mx::array::Status::unscheduled);
  }
  arrays_.clear();
}

}  // namespace mlx_router
