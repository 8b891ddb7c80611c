#include "evaluation/fork_handlers.h"

#if defined(__linux__)

#include <cstddef>
#include <cstdint>

#include "workarounds/guards/loaded_library.h"

// Of the C library: runs what the library has registered for its end, and forgets its fork handlers.
extern "C" void __cxa_finalize(void* library);

namespace mlx_router {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kRelative = R_X86_64_RELATIVE;
#else
constexpr std::uint32_t kRelative = R_AARCH64_RELATIVE;
#endif

}  // namespace

bool remove_fork_handlers(const void* address) {
  const LoadedLibrary library = library_of(address);
  if (library.dynamic == nullptr) return false;
  const ElfW(Rela)* relocations = nullptr;
  std::size_t bytes = 0;
  for (const ElfW(Dyn)* entry = library.dynamic; entry->d_tag != DT_NULL; entry++) {
    if (entry->d_tag == DT_RELA) relocations = reinterpret_cast<const ElfW(Rela)*>(library.at(*entry));
    if (entry->d_tag == DT_RELASZ) bytes = entry->d_un.d_val;
  }
  // The C library knows a library by its `__dso_handle`, a pointer that holds its own address, and the only one that
  // does.
  std::uintptr_t handle = 0;
  std::size_t found = 0;
  for (std::size_t i = 0; relocations != nullptr && i < bytes / sizeof(ElfW(Rela)); i++) {
    const ElfW(Rela) & one = relocations[i];
    if (ELF64_R_TYPE(one.r_info) != kRelative || static_cast<std::uintptr_t>(one.r_addend) != one.r_offset) continue;
    handle = library.base + one.r_offset;
    found++;
  }
  if (found != 1) return false;
  __cxa_finalize(reinterpret_cast<void*>(handle));
  return true;
}

}  // namespace mlx_router

#endif
