#include "groups/ring_sockets.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

namespace mlx_router {
namespace {

// What follows each colon of the host file's addresses: [["10.0.0.1:5000"], …].
std::set<int> ports_of_host_file() {
  std::set<int> ports;
  const char* path = std::getenv("MLX_HOSTFILE");
  if (path == nullptr) return ports;
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  for (size_t at = text.find(':'); at != std::string::npos; at = text.find(':', at + 1)) {
    const int port = std::atoi(text.c_str() + at + 1);
    if (port > 0) ports.insert(port);
  }
  return ports;
}

template <class Ask>
int port_of(int socket, Ask ask) {
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (ask(socket, reinterpret_cast<sockaddr*>(&address), &length) != 0 || address.sin_family != AF_INET) return 0;
  return ntohs(address.sin_port);
}

void set_option(int socket, int name, int value) { setsockopt(socket, IPPROTO_TCP, name, &value, sizeof value); }

}  // namespace

RingSockets RingSockets::open() {
  RingSockets found;
  const std::set<int> ports = ports_of_host_file();
  DIR* folder = ports.empty() ? nullptr : opendir("/dev/fd");
  if (folder == nullptr) return found;
  while (const dirent* entry = readdir(folder)) {
    char* end;
    const long number = std::strtol(entry->d_name, &end, 10);
    if (end == entry->d_name || *end != '\0') continue;
    const int socket = static_cast<int>(number);
    const int there = port_of(socket, getpeername);
    if (there == 0) continue;
    if (ports.contains(there) || ports.contains(port_of(socket, getsockname))) found.sockets_.push_back(socket);
  }
  closedir(folder);
  return found;
}

RingSockets RingSockets::without(const RingSockets& others) const {
  RingSockets rest;
  for (const int socket : sockets_) {
    const auto& known = others.sockets_;
    if (std::find(known.begin(), known.end(), socket) == known.end()) rest.sockets_.push_back(socket);
  }
  return rest;
}

void RingSockets::keep_alive() const {
  for (const int socket : sockets_) {
    const int on = 1;
    setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    // An idle connection is asked after three seconds, then each second; without four answers it has ended.
#ifdef TCP_KEEPIDLE
    set_option(socket, TCP_KEEPIDLE, 3);
#else
    set_option(socket, TCP_KEEPALIVE, 3);
#endif
    set_option(socket, TCP_KEEPINTVL, 1);
    set_option(socket, TCP_KEEPCNT, 4);
#ifdef TCP_USER_TIMEOUT
    // The same where something was sent that the other side has not confirmed.
    set_option(socket, TCP_USER_TIMEOUT, 7000);
#endif
  }
}

bool RingSockets::any_closed() const {
  return std::any_of(sockets_.begin(), sockets_.end(), [](int socket) {
    char next;
    return recv(socket, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  });
}

void RingSockets::shut_down() const {
  for (const int socket : sockets_) shutdown(socket, SHUT_RDWR);
}

}  // namespace mlx_router
