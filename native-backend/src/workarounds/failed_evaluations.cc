#include "workarounds/failed_evaluations.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "mlx/primitives.h"
#include "mlx/scheduler.h"
#include "transforms/closures.h"
#include "workarounds/stream_errors.h"

namespace mlx_router {
namespace {

namespace mx = mlx::core;

std::atomic<bool> expected{false};

bool can_fail(const mx::Primitive& primitive) {
  static constexpr std::array<std::string_view, 7> kNames{"Cholesky", "Eig", "Eigh", "Inverse", "LUF", "QRF", "SVD"};
  return std::find(kNames.begin(), kNames.end(), primitive.name()) != kNames.end();
}

bool is_pending(const mx::array& array) {
  return array.status() == mx::array::Status::unscheduled && array.has_primitive();
}

// Fails where a process of the group is gone.
bool communicates(const mx::Primitive& primitive) {
  static constexpr std::array<std::string_view, 5> kEnds{"AllReduce", "AllGather", "ReduceScatter", "Send", "Recv"};
  const std::string_view name = primitive.name();
  return std::any_of(kEnds.begin(), kEnds.end(), [&](std::string_view end) { return name.ends_with(end); });
}

// The nodes that are not computed yet, or all of the graph, each once and with its siblings.
GraphSnapshot::Arrays nodes_of(const GraphSnapshot::Arrays& outputs, bool all) {
  GraphSnapshot::Arrays nodes;
  std::unordered_set<uintptr_t> seen;
  const auto add = [&](const mx::array& array) {
    const bool is_node = all ? array.has_primitive() : is_pending(array);
    if (is_node && seen.insert(array.id()).second) nodes.push_back(array);
  };
  for (const auto& output : outputs) add(output);
  for (size_t i = 0; i < nodes.size(); i++) {
    const mx::array node = nodes[i];
    for (const auto& sibling : node.siblings()) add(sibling);
    for (const auto& input : node.inputs()) add(input);
  }
  return nodes;
}

// Takes the errors of other nodes, which MLX would throw in the next evaluation.
void clear_errors(const mx::Stream& stream) {
  try {
    mx::synchronize(stream);
  } catch (const std::exception&) {
    // It belongs to the evaluation that has failed already.
  }
}

}  // namespace

void expect_failures() { expected = true; }

GraphSnapshot::GraphSnapshot(mlx_vector_array outputs) : is_needed_(in_function()) {
  if (!expected && !is_needed_) return;
  const Arrays nodes = nodes_of(*static_cast<const Arrays*>(outputs.ctx), is_needed_);
  const auto any = [&](auto is_one) {
    return std::any_of(nodes.begin(), nodes.end(), [&](const auto& node) { return is_one(node.primitive()); });
  };
  const bool computation_may_fail = any(can_fail);
  const bool may_fail = computation_may_fail || any(communicates);
  if (!may_fail && !is_needed_) return;
  may_fail_ = may_fail;
  delays_others_ = computation_may_fail || is_needed_;
  if (may_fail_) stream_errors().enter();
  nodes_.reserve(nodes.size());
  for (const auto& node : nodes) {
    Arrays outputs_of = node.outputs();
    const auto own = std::find_if(outputs_of.begin(), outputs_of.end(),
                                  [&](const auto& output) { return output.id() == node.id(); });
    const auto position = static_cast<uint16_t>(own - outputs_of.begin());
    nodes_.push_back({node, node.primitive_ptr(), node.inputs(), node.siblings(), position, node.status()});
  }
}

GraphSnapshot::~GraphSnapshot() { end(); }

void GraphSnapshot::end() {
  if (std::exchange(may_fail_, false)) stream_errors().leave();
}

void GraphSnapshot::restore() {
  std::vector<mx::Stream> cleared;
  for (const auto& node : nodes_) {
    const mx::Stream& stream = node.primitive->stream();
    if (std::find(cleared.begin(), cleared.end(), stream) != cleared.end()) continue;
    clear_errors(stream);
    cleared.push_back(stream);
  }
  for (auto& node : nodes_) {
    node.array.primitive_ptr() = node.primitive;
    node.array.inputs() = node.inputs;
    node.array.set_siblings(node.siblings, node.position);
    if (node.status != mx::array::Status::unscheduled) continue;
    node.array.attach_event(mx::Event{});
    node.array.set_status(node.status);
  }
  nodes_.clear();
}

void GraphSnapshot::reattach() {
  if (!is_needed_) return;
  for (auto& node : nodes_) {
    node.array.primitive_ptr() = node.primitive;
    node.array.inputs() = node.inputs;
    node.array.set_siblings(node.siblings, node.position);
  }
  nodes_.clear();
}

}  // namespace mlx_router
