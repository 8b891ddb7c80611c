#pragma once

#include <elf.h>
#include <link.h>

#include <cstddef>
#include <cstdint>

namespace mlx_router {

/** Whether a part of a library that was loaded at `base` has the address. */
inline bool holds(std::uintptr_t base, const ElfW(Phdr) & part, std::uintptr_t address) {
  const std::uintptr_t start = base + part.p_vaddr;
  return address >= start && address < start + part.p_memsz;
}

/** A shared library of this process. */
struct LoadedLibrary {
  std::uintptr_t base = 0;
  /** Its table of what the loader needs, and what is made read-only afterwards; null where it has none. */
  const ElfW(Dyn) * dynamic = nullptr;
  const ElfW(Phdr) * protection = nullptr;

  /** Where an entry of `dynamic` leads: some loaders have added the base to these addresses already, others not. */
  std::uintptr_t at(const ElfW(Dyn) & entry) const {
    return entry.d_un.d_ptr < base ? base + entry.d_un.d_ptr : entry.d_un.d_ptr;
  }
};

/** The library that has the address; without `dynamic` where there is none. */
inline LoadedLibrary library_of(const void* address) {
  struct Search {
    std::uintptr_t address;
    LoadedLibrary found;
  } search{reinterpret_cast<std::uintptr_t>(address), {}};
  const auto look = [](dl_phdr_info* info, std::size_t, void* data) {
    auto& wanted = *static_cast<Search*>(data);
    LoadedLibrary library{info->dlpi_addr};
    bool has = false;
    for (std::size_t i = 0; i < info->dlpi_phnum; i++) {
      const ElfW(Phdr) & part = info->dlpi_phdr[i];
      if (part.p_type == PT_LOAD) has = has || holds(library.base, part, wanted.address);
      if (part.p_type == PT_DYNAMIC) library.dynamic = reinterpret_cast<const ElfW(Dyn)*>(library.base + part.p_vaddr);
      if (part.p_type == PT_GNU_RELRO) library.protection = &part;
    }
    if (has) wanted.found = library;
    return has ? 1 : 0;
  };
  dl_iterate_phdr(look, &search);
  return search.found;
}

}  // namespace mlx_router
