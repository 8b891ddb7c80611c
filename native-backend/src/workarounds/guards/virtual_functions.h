#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "mlx/version.h"

// Pieces of libmlx that it does not look up by name are replaced in its tables of virtual functions.
namespace mlx_router {

/** Whether the libmlx of this process is the one that the tables are known of. */
inline bool is_expected_mlx() {
  const std::string expected = std::to_string(MLX_VERSION_MAJOR) + "." + std::to_string(MLX_VERSION_MINOR) + "." +
                               std::to_string(MLX_VERSION_PATCH);
  return std::string(mlx::core::version()).starts_with(expected);
}

/** Where the class of `object` has that virtual member; `Function` is the member as a function whose first argument is
 * the object. */
template <typename Function, typename Object, typename Member>
Function* virtual_function(Object& object, Member member) {
  union {
    Member member;
    std::uintptr_t parts[2];
  } pointer{};
  pointer.member = member;
  // On x86-64 a pointer to a virtual member is its offset in the table, plus one; on ARM the offset itself.
#if defined(__aarch64__) || defined(__arm__)
  const std::uintptr_t offset = pointer.parts[0];
#else
  const std::uintptr_t offset = pointer.parts[0] - 1;
#endif
  char* const table = *reinterpret_cast<char**>(&object);
  return reinterpret_cast<Function*>(table + offset);
}

/** Gives the class another function there. */
template <typename Function>
void replace_virtual_function(Function* slot, Function replacement) {
  const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const page = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(slot) & ~(size - 1));
  // It stays so: other data may share the page.
  if (mprotect(page, size, PROT_READ | PROT_WRITE) == 0) *slot = replacement;
}

}  // namespace mlx_router
