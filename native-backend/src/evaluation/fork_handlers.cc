#include "evaluation/fork_handlers.h"

#if defined(__linux__)

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>

// Of the C library: runs what the library has registered for its end, and forgets its fork handlers.
extern "C" void __cxa_finalize(void* library);

namespace mlx_router {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kRelative = R_X86_64_RELATIVE;
#else
constexpr std::uint32_t kRelative = R_AARCH64_RELATIVE;
#endif

struct Search {
  std::uintptr_t address;
  void* library = nullptr;
  std::size_t found = 0;
};

bool holds(const dl_phdr_info* info, std::uintptr_t address) {
  for (std::size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) & part = info->dlpi_phdr[i];
    const std::uintptr_t start = info->dlpi_addr + part.p_vaddr;
    if (part.p_type == PT_LOAD && address >= start && address < start + part.p_memsz) return true;
  }
  return false;
}

// The C library knows a library by its `__dso_handle`, a pointer that holds its own address, and the only one that
// does.
int look(dl_phdr_info* info, std::size_t, void* data) {
  auto& search = *static_cast<Search*>(data);
  if (!holds(info, search.address)) return 0;
  const std::uintptr_t base = info->dlpi_addr;
  const ElfW(Rela)* relocations = nullptr;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < info->dlpi_phnum; i++) {
    if (info->dlpi_phdr[i].p_type != PT_DYNAMIC) continue;
    const auto* entry = reinterpret_cast<const ElfW(Dyn)*>(base + info->dlpi_phdr[i].p_vaddr);
    for (; entry->d_tag != DT_NULL; entry++) {
      const std::uintptr_t address = entry->d_un.d_ptr < base ? base + entry->d_un.d_ptr : entry->d_un.d_ptr;
      if (entry->d_tag == DT_RELA) relocations = reinterpret_cast<const ElfW(Rela)*>(address);
      if (entry->d_tag == DT_RELASZ) bytes = entry->d_un.d_val;
    }
  }
  for (std::size_t i = 0; relocations != nullptr && i < bytes / sizeof(ElfW(Rela)); i++) {
    const ElfW(Rela) & one = relocations[i];
    if (ELF64_R_TYPE(one.r_info) != kRelative || static_cast<std::uintptr_t>(one.r_addend) != one.r_offset) continue;
    search.library = reinterpret_cast<void*>(base + one.r_offset);
    search.found++;
  }
  return 1;
}

}  // namespace

bool remove_fork_handlers(const void* address) {
  Search search{reinterpret_cast<std::uintptr_t>(address)};
  dl_iterate_phdr(look, &search);
  if (search.found != 1) return false;
  __cxa_finalize(search.library);
  return true;
}

}  // namespace mlx_router

#endif
