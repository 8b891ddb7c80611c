#include "evaluation/in_flight.h"

#include <algorithm>
#include <exception>

namespace mlx_router {
namespace {

namespace mx = mlx::core;

constexpr const char* kFileError = "ERR_MLX_FILE";

// By this thread, oldest first.
thread_local std::vector<InFlight*> in_flight;

}  // namespace

bool Outcome::is_of_file() const { return code == kFileError; }

InFlight::InFlight(mlx_vector_array arrays) : snapshot_(arrays), files_(arrays) {}

InFlight::~InFlight() { std::erase(in_flight, this); }

void InFlight::watch(mlx_vector_array arrays) {
  // The outputs on one stream share an event.
  const auto shared = [](mx::Event& event) { return &event.cast<const char>(); };
  for (const auto& array : *static_cast<const std::vector<mx::array>*>(arrays.ctx)) {
    if (array.status() != mx::array::Status::evaluated || !array.event().valid()) continue;
    if (!stand_ins_.empty() && shared(stand_ins_.back().event()) == shared(array.event())) continue;
    const mx::array& stand_in = stand_ins_.emplace_back(false);
    stand_in.attach_event(array.event());
    stand_in.set_status(mx::array::Status::evaluated);
  }
  in_flight.push_back(this);
}

void InFlight::give_up() { snapshot_.restore(); }

const Outcome& InFlight::wait() {
  std::call_once(waited_, [this] { run(); });
  return outcome_;
}

void InFlight::run() {
  for (auto& stand_in : stand_ins_) {
    try {
      stand_in.wait();
    } catch (const std::exception& error) {
      if (!outcome_.failed()) outcome_ = {"ERR_MLX_OPERATION", error.what()};
    }
  }
  snapshot_.end();
  // What a file failed with is noted for the thread. It belongs to the one evaluation under way that reads files.
  if (files_.empty()) return;
  // It comes first: other failures may follow from the values that are missing.
  const std::string failure = read_failure_->take();
  if (!failure.empty()) outcome_ = {kFileError, failure};
}

const Outcome& InFlight::settle() {
  wait();
  std::erase(in_flight, this);
  if (outcome_.failed()) snapshot_.restore();
  if (outcome_.is_of_file()) files_.fail(outcome_.message);
  return outcome_;
}

void settle_failing() {
  for (size_t i = 0; i < in_flight.size();) {
    if (in_flight[i]->may_fail()) {
      in_flight[i]->settle();
    } else {
      i++;
    }
  }
}

Outcome settle_all() {
  Outcome first;
  while (!in_flight.empty()) {
    const Outcome& outcome = in_flight.front()->settle();
    if (!first.failed()) first = outcome;
  }
  return first;
}

}  // namespace mlx_router
