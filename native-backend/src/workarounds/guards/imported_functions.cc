#include "workarounds/guards/imported_functions.h"

#if defined(__linux__)

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "mlx/version.h"
#include "workarounds/guards/loaded_library.h"

namespace mlx_router {
namespace {

bool write_slot(std::uintptr_t slot, void* function, bool read_only) {
  const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const page = reinterpret_cast<void*>(slot & ~(size - 1));
  if (mprotect(page, size, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<void**>(slot) = function;
  if (read_only) mprotect(page, size, PROT_READ);
  return true;
}

struct Tables {
  const char* names = nullptr;
  const ElfW(Sym) * symbols = nullptr;
  const ElfW(Rela) * relocations[2] = {nullptr, nullptr};
  std::size_t bytes[2] = {0, 0};
};

Tables read_tables(const LoadedLibrary& library) {
  Tables tables;
  for (const ElfW(Dyn)* entry = library.dynamic; entry->d_tag != DT_NULL; entry++) {
    const std::uintptr_t address = library.at(*entry);
    if (entry->d_tag == DT_STRTAB) tables.names = reinterpret_cast<const char*>(address);
    if (entry->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const ElfW(Sym)*>(address);
    if (entry->d_tag == DT_JMPREL) tables.relocations[0] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_RELA) tables.relocations[1] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_PLTRELSZ) tables.bytes[0] = entry->d_un.d_val;
    if (entry->d_tag == DT_RELASZ) tables.bytes[1] = entry->d_un.d_val;
  }
  return tables;
}

struct Slot {
  std::uintptr_t address;
  bool read_only;
};

/** Where libmlx keeps the addresses of the function with that symbol. */
std::vector<Slot> slots_of(const char* name) {
  std::vector<Slot> slots;
  const LoadedLibrary library = library_of(reinterpret_cast<const void*>(&mlx::core::version));
  if (library.dynamic == nullptr) return slots;
  const Tables tables = read_tables(library);
  if (tables.names == nullptr || tables.symbols == nullptr) return slots;
  for (std::size_t table = 0; table < 2; table++) {
    const std::size_t count = tables.relocations[table] == nullptr ? 0 : tables.bytes[table] / sizeof(ElfW(Rela));
    for (std::size_t i = 0; i < count; i++) {
      const ElfW(Rela) & relocation = tables.relocations[table][i];
      const auto symbol = ELF64_R_SYM(relocation.r_info);
      if (symbol == 0 || std::string_view(name) != tables.names + tables.symbols[symbol].st_name) continue;
      const std::uintptr_t address = library.base + relocation.r_offset;
      const bool read_only = library.protection != nullptr && holds(library.base, *library.protection, address);
      slots.push_back({address, read_only});
    }
  }
  return slots;
}

}  // namespace

bool replace_imported_function(const char* name, void* replacement) {
  bool done = false;
  for (const Slot& slot : slots_of(name)) done = write_slot(slot.address, replacement, slot.read_only) || done;
  return done;
}

void* imported_function(const char* name) {
  const std::vector<Slot> slots = slots_of(name);
  return slots.empty() ? nullptr : *reinterpret_cast<void**>(slots.front().address);
}

}  // namespace mlx_router

#endif
