#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <variant>

#include "groups/outcome.h"
#include "groups/ring_sockets.h"
#include "mlx/distributed/distributed_impl.h"

namespace mlx_router {

// MLX's ring, whose collectives fail where a process of the group is gone. By itself the ring fails once: whatever uses
// the same connection later waits for ever, as do processes that are no neighbours of the one that is gone.
// https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/distributed/ring/ring.cpp
// So each collective runs on a thread of the group's, and the stream's thread waits for it no longer than it must.
// Exists until the process exits.
class WatchedGroup final : public mlx::core::distributed::detail::GroupImpl {
 public:
  using array = mlx::core::array;
  using Stream = mlx::core::Stream;

  WatchedGroup(std::shared_ptr<GroupImpl> ring, RingSockets sockets);

  Stream communication_stream(mlx::core::StreamOrDevice s = {}) override { return ring_->communication_stream(s); }
  int rank() override { return ring_->rank(); }
  int size() override { return ring_->size(); }
  std::shared_ptr<GroupImpl> split(int color, int key = -1) override { return ring_->split(color, key); }

  void all_sum(const array& input, array& output, Stream stream) override;
  void all_max(const array& input, array& output, Stream stream) override;
  void all_min(const array& input, array& output, Stream stream) override;
  void all_gather(const array& input, array& output, Stream stream) override;
  void sum_scatter(const array& input, array& output, Stream stream) override;
  void send(const array& input, int dst, Stream stream) override;
  void recv(array& out, int src, Stream stream) override;

 private:
  using Communication = std::function<void(Stream)>;
  using Done = Outcome<std::monostate>;
  using Collective = void (GroupImpl::*)(const array&, array&, Stream);
  class Thread;

  // Runs it in its turn in the stream.
  void dispatch(Stream stream, Communication run);
  void collect(Collective collective, const array& input, array& output, Stream stream);
  void perform(const Communication& run);
  void wait(Done& done);
  // Why the group seems to be lost; empty where it does not.
  std::string trouble() const;
  [[noreturn]] void lose(const std::string& reason);

  const std::shared_ptr<GroupImpl> ring_;
  const RingSockets sockets_;
  Thread* const thread_;
  std::mutex mutex_;
  std::string lost_;
};

}  // namespace mlx_router
