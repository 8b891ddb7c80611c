#include <sys/mman.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "handles/pages.h"
#include "napi/arguments.h"
#include "napi/exports.h"

// Memory for large copies: files that this process and a worker both have in memory, and where to put what comes.
namespace mlx_router {
namespace {

// A mapping touched beforehand, where the system can do that: page faults are what large copies cost.
#ifdef MAP_POPULATE
constexpr int kFlags = MAP_SHARED | MAP_POPULATE;
#else
constexpr int kFlags = MAP_SHARED;
#endif

// mapShared(descriptor, bytes): an ArrayBuffer over the file's first bytes, which is mapped until it is collected.
// The file must keep those bytes: to touch a page that is not there any more ends the process.
napi_value map_shared(napi_env env, napi_callback_info info) {
  const Received<2> received(env, info);
  int32_t descriptor = -1;
  int64_t bytes = 0;
  if (!read_int32(env, received.values[0], &descriptor) ||
      napi_get_value_int64(env, received.values[1], &bytes) != napi_ok || descriptor < 0 || bytes <= 0) {
    return throw_argument(env, "expected an open descriptor and a number of bytes from 1 up");
  }
  struct stat file;
  if (fstat(descriptor, &file) != 0 || file.st_size < bytes) {
    return throw_argument(env, "expected a file of at least " + std::to_string(bytes) + " bytes");
  }
  const auto size = static_cast<size_t>(bytes);
  void* const memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, kFlags, descriptor, 0);
  if (memory == MAP_FAILED) {
    return throw_argument(env, std::string("the file cannot be mapped: ") + std::strerror(errno));
  }
  napi_value buffer;
  const auto unmap = [](node_api_basic_env, void* data, void* hint) { munmap(data, reinterpret_cast<size_t>(hint)); };
  void* const hint = reinterpret_cast<void*>(size);
  if (napi_create_external_arraybuffer(env, memory, size, unmap, hint, &buffer) == napi_ok) return buffer;
  munmap(memory, size);
  return throw_argument(env, "this runtime takes no ArrayBuffer over memory that it did not allocate");
}

// allocate(bytes): an ArrayBuffer of zeros for a large copy.
napi_value allocate(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  int64_t bytes = 0;
  if (napi_get_value_int64(env, received.values[0], &bytes) != napi_ok || bytes < 0) {
    return throw_argument(env, "expected a number of bytes from 0 up");
  }
  void* memory = nullptr;
  napi_value buffer;
  NAPI_TRY(env, napi_create_arraybuffer(env, static_cast<size_t>(bytes), &memory, &buffer));
  prefer_large_pages(memory, static_cast<size_t>(bytes));
  return buffer;
}

}  // namespace

napi_status export_shared_memory(napi_env env, napi_value target, Environment* environment) {
  const Export all[] = {{"mapShared", map_shared}, {"allocate", allocate}};
  return set_exports(env, target, environment, all, std::size(all));
}

}  // namespace mlx_router
