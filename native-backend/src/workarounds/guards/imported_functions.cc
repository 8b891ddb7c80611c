#include "workarounds/guards/imported_functions.h"

#if defined(__linux__)

#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "mlx/version.h"

namespace mlx_router {
namespace {

struct Replacement {
  std::uintptr_t library;
  std::string_view name;
  void* function;
  bool done = false;
};

// Some loaders have added the base to these addresses already, others not.
std::uintptr_t absolute(std::uintptr_t base, ElfW(Addr) address) { return address < base ? base + address : address; }

bool write_slot(std::uintptr_t slot, void* function, bool read_only) {
  const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const page = reinterpret_cast<void*>(slot & ~(size - 1));
  if (mprotect(page, size, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<void**>(slot) = function;
  if (read_only) mprotect(page, size, PROT_READ);
  return true;
}

bool holds(const dl_phdr_info* info, const ElfW(Phdr) & part, std::uintptr_t address) {
  const std::uintptr_t start = info->dlpi_addr + part.p_vaddr;
  return address >= start && address < start + part.p_memsz;
}

struct Tables {
  const char* names = nullptr;
  const ElfW(Sym) * symbols = nullptr;
  const ElfW(Rela) * relocations[2] = {nullptr, nullptr};
  std::size_t bytes[2] = {0, 0};
};

Tables read_tables(std::uintptr_t base, const ElfW(Dyn) * entry) {
  Tables tables;
  for (; entry->d_tag != DT_NULL; entry++) {
    const std::uintptr_t address = absolute(base, entry->d_un.d_ptr);
    if (entry->d_tag == DT_STRTAB) tables.names = reinterpret_cast<const char*>(address);
    if (entry->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const ElfW(Sym)*>(address);
    if (entry->d_tag == DT_JMPREL) tables.relocations[0] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_RELA) tables.relocations[1] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_PLTRELSZ) tables.bytes[0] = entry->d_un.d_val;
    if (entry->d_tag == DT_RELASZ) tables.bytes[1] = entry->d_un.d_val;
  }
  return tables;
}

int replace(dl_phdr_info* info, std::size_t, void* data) {
  auto* replacement = static_cast<Replacement*>(data);
  const ElfW(Phdr)* dynamic = nullptr;
  const ElfW(Phdr)* protection = nullptr;
  bool found = false;
  for (std::size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) & part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD) found = found || holds(info, part, replacement->library);
    if (part.p_type == PT_DYNAMIC) dynamic = &part;
    if (part.p_type == PT_GNU_RELRO) protection = &part;
  }
  if (!found || dynamic == nullptr) return 0;
  const std::uintptr_t base = info->dlpi_addr;
  const Tables tables = read_tables(base, reinterpret_cast<const ElfW(Dyn)*>(base + dynamic->p_vaddr));
  if (tables.names == nullptr || tables.symbols == nullptr) return 1;
  for (std::size_t table = 0; table < 2; table++) {
    const std::size_t count = tables.relocations[table] == nullptr ? 0 : tables.bytes[table] / sizeof(ElfW(Rela));
    for (std::size_t i = 0; i < count; i++) {
      const ElfW(Rela) & relocation = tables.relocations[table][i];
      const auto symbol = ELF64_R_SYM(relocation.r_info);
      if (symbol == 0 || replacement->name != tables.names + tables.symbols[symbol].st_name) continue;
      const std::uintptr_t slot = base + relocation.r_offset;
      const bool read_only = protection != nullptr && holds(info, *protection, slot);
      replacement->done = write_slot(slot, replacement->function, read_only) || replacement->done;
    }
  }
  return 1;
}

}  // namespace

bool replace_imported_function(const char* name, void* replacement) {
  Replacement wanted{reinterpret_cast<std::uintptr_t>(&mlx::core::version), name, replacement};
  dl_iterate_phdr(replace, &wanted);
  return wanted.done;
}

}  // namespace mlx_router

#endif
