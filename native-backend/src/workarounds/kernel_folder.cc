#include <filesystem>
#include <mutex>
#include <string>

#include "napi/arguments.h"
#include "napi/exports.h"

#if defined(__linux__)
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <string_view>

#include "mlx/version.h"
#endif

// MLX compiles fused kernels for the CPU into a path below the temporary folder that another user can foresee, and fill
// before it does: https://github.com/ml-explore/mlx/blob/v0.32.2/mlx/backend/cpu/compiled.cpp
// It has no setting for that, and $TMPDIR is the application's. So in libmlx alone
// `std::filesystem::temp_directory_path` is replaced, in its table of imported functions.
namespace mlx_router {
namespace {

#if defined(__linux__)

std::mutex folder_mutex;
std::string folder;

std::filesystem::path private_folder() {
  const std::lock_guard lock(folder_mutex);
  return folder;
}

constexpr std::string_view kFunction = "_ZNSt10filesystem19temp_directory_pathB5cxx11Ev";

struct Library {
  uintptr_t address;
  bool redirected = false;
};

// Some loaders have added the base to these addresses already, others not.
uintptr_t absolute(uintptr_t base, ElfW(Addr) address) { return address < base ? base + address : address; }

bool write_slot(uintptr_t slot, bool read_only) {
  const auto size = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  void* const page = reinterpret_cast<void*>(slot & ~(size - 1));
  if (mprotect(page, size, PROT_READ | PROT_WRITE) != 0) return false;
  *reinterpret_cast<std::filesystem::path (**)()>(slot) = private_folder;
  if (read_only) mprotect(page, size, PROT_READ);
  return true;
}

bool holds(const dl_phdr_info* info, const ElfW(Phdr) & part, uintptr_t address) {
  const uintptr_t start = info->dlpi_addr + part.p_vaddr;
  return address >= start && address < start + part.p_memsz;
}

struct Tables {
  const char* names = nullptr;
  const ElfW(Sym) * symbols = nullptr;
  const ElfW(Rela) * relocations[2] = {nullptr, nullptr};
  size_t bytes[2] = {0, 0};
};

Tables read_tables(uintptr_t base, const ElfW(Dyn) * entry) {
  Tables tables;
  for (; entry->d_tag != DT_NULL; entry++) {
    const uintptr_t address = absolute(base, entry->d_un.d_ptr);
    if (entry->d_tag == DT_STRTAB) tables.names = reinterpret_cast<const char*>(address);
    if (entry->d_tag == DT_SYMTAB) tables.symbols = reinterpret_cast<const ElfW(Sym)*>(address);
    if (entry->d_tag == DT_JMPREL) tables.relocations[0] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_RELA) tables.relocations[1] = reinterpret_cast<const ElfW(Rela)*>(address);
    if (entry->d_tag == DT_PLTRELSZ) tables.bytes[0] = entry->d_un.d_val;
    if (entry->d_tag == DT_RELASZ) tables.bytes[1] = entry->d_un.d_val;
  }
  return tables;
}

int redirect(dl_phdr_info* info, size_t, void* data) {
  auto* library = static_cast<Library*>(data);
  const ElfW(Phdr)* dynamic = nullptr;
  const ElfW(Phdr)* protection = nullptr;
  bool found = false;
  for (size_t i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) & part = info->dlpi_phdr[i];
    if (part.p_type == PT_LOAD) found = found || holds(info, part, library->address);
    if (part.p_type == PT_DYNAMIC) dynamic = &part;
    if (part.p_type == PT_GNU_RELRO) protection = &part;
  }
  if (!found || dynamic == nullptr) return 0;
  const uintptr_t base = info->dlpi_addr;
  const Tables tables = read_tables(base, reinterpret_cast<const ElfW(Dyn)*>(base + dynamic->p_vaddr));
  if (tables.names == nullptr || tables.symbols == nullptr) return 1;
  for (size_t table = 0; table < 2; table++) {
    const size_t count = tables.relocations[table] == nullptr ? 0 : tables.bytes[table] / sizeof(ElfW(Rela));
    for (size_t i = 0; i < count; i++) {
      const ElfW(Rela) & relocation = tables.relocations[table][i];
      const auto symbol = ELF64_R_SYM(relocation.r_info);
      if (symbol == 0 || kFunction != tables.names + tables.symbols[symbol].st_name) continue;
      const uintptr_t slot = base + relocation.r_offset;
      const bool read_only = protection != nullptr && holds(info, *protection, slot);
      library->redirected = write_slot(slot, read_only) || library->redirected;
    }
  }
  return 1;
}

bool redirect_library() {
  Library library{reinterpret_cast<uintptr_t>(&mlx::core::version)};
  dl_iterate_phdr(redirect, &library);
  return library.redirected;
}

// setKernelFolder(path): whether MLX keeps its compiled kernels below it from now on, in the whole process.
napi_value set_kernel_folder(napi_env env, napi_callback_info info) {
  const Received<1> received(env, info);
  Call call{env, received.environment};
  std::string path;
  if (!read_text(call, received.values[0], &path)) return nullptr;
  {
    const std::lock_guard lock(folder_mutex);
    folder = path;
  }
  static const bool redirected = redirect_library();
  napi_value result;
  NAPI_TRY(env, napi_get_boolean(env, redirected, &result));
  return result;
}

#endif

}  // namespace

napi_status export_kernel_folder(napi_env env, napi_value target, Environment* environment) {
#if defined(__linux__)
  const Export all[] = {{"setKernelFolder", set_kernel_folder}};
  return set_exports(env, target, environment, all, std::size(all));
#else
  return set_exports(env, target, environment, nullptr, 0);
#endif
}

}  // namespace mlx_router
