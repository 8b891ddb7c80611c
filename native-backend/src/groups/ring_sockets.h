#pragma once

#include <vector>

// The ring keeps its sockets to itself, and needs help with them: it does not notice a computer that went silent, and
// a process that has lost one neighbour keeps its connection to the other, which waits for ever.
namespace mlx_router {

class RingSockets {
 public:
  // The connections of this process that begin or end at a port of MLX's host file. Empty where there is no such file.
  static RingSockets open();

  // Without those of `others`.
  RingSockets without(const RingSockets& others) const;
  bool empty() const { return sockets_.empty(); }

  // Lets the system find out within some seconds that the computer at the other end does not answer.
  void keep_alive() const;
  // Whether the other end of one has closed it, and everything that had been sent was read.
  bool any_closed() const;
  // Ends them for both sides. What waits for them fails.
  void shut_down() const;

 private:
  std::vector<int> sockets_;
};

}  // namespace mlx_router
