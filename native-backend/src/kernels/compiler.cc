#include "kernels/compiler.h"

#if defined(__linux__) && defined(__x86_64__)

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

// Most of the time that `g++` takes for a kernel goes into MLX's header, which is the same in each. So a precompiled
// header is made of it, in the background, beside the folder of kernels: later kernels, of other processes too, begin
// with what the compiler had in its memory behind the header, and their code is the same to the byte.
// https://gcc.gnu.org/onlinedocs/gcc-12.2.0/gcc/Precompiled-Headers.html
namespace mlx_router {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPreamble = "mlx/backend/cpu/compiled_preamble.h";

// No step of arithmetic may become part of another one. The other options let the compiler make vectors: of what C++
// would have it look at one by one, of loops that have no calls in them when all was put in, and of many arrays, of
// which it has to see first that they do not overlap. In MLX's error function what is not a number becomes negative;
// computed with instructions its sign would depend on the order of operands that the compiler chooses, so a macro sees
// to it. The macro stands for `Erf()`, not for `Erf`.
constexpr std::string_view kVectorOptions =
    "-mavx2 -mfma -ffp-contract=off -fno-math-errno -fno-trapping-math "
    "-finline-limit=100000 --param vect-max-version-for-alias-checks=100 "
    "'-DErf()=[](auto x) { if (x == x) return Erf{}(x); union { float number; unsigned bits; } none = {x + x};"
    " none.bits |= 0x80000000u; return decltype(x)(none.number); }' ";

/** The parts of MLX's command. */
struct Command {
  std::string options;
  std::string include;
  fs::path source;
  fs::path library;
  /** Where MLX looks for kernels. */
  fs::path folder;
};

/** What stands before `mark`; `text` goes on behind it. */
std::optional<std::string> take(std::string_view* text, std::string_view mark) {
  const std::size_t at = text->find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  std::string before(text->substr(0, at));
  text->remove_prefix(at + mark.size());
  return before;
}

std::optional<Command> parse(std::string_view given) {
  const auto nothing = take(&given, "g++ ");
  const auto options = take(&given, " -I \"");
  const auto include = take(&given, "\" \"");
  const auto source = take(&given, "\" -o \"");
  const auto library = take(&given, "\" 2>&1");
  if (!nothing || !options || !include || !source || !library || !nothing->empty() || !given.empty()) return {};
  return Command{*options, *include, *source, *library, fs::path(*library).parent_path()};
}

std::string shell_word(std::string_view text) {
  std::string word = "'";
  for (const char letter : text) letter == '\'' ? word.append("'\\''") : word.append(1, letter);
  return word.append("'");
}

/**
 * The same command for files of this process alone, in a folder beside the kernels. Two processes may make one kernel
 * at the same time, and MLX has each write the other's source, and load the library as soon as there is a file.
 */
class Workshop {
 public:
  /** Nothing where the folder cannot be written, or another process has the source half written for long. */
  static std::optional<Workshop> open(const Command& command) {
    // Where processes have numbers of their own, as in containers, another one may have ours.
    std::string folder = (command.folder / (std::to_string(getpid()) + "-XXXXXX")).string();
    if (mkdtemp(folder.data()) == nullptr) return std::nullopt;
    const Workshop made{command, folder};
    const auto source = whole(command.source);
    if (!source || !(std::ofstream(made.command().source) << *source).flush()) {
      std::error_code error;
      fs::remove_all(made.folder_, error);
      return std::nullopt;
    }
    return made;
  }

  Command command() const {
    return {given_.options, given_.include, folder_ / given_.source.filename(), folder_ / given_.library.filename(),
            given_.folder};
  }

  /** Puts the library that a command makes where MLX looks for it, all of it at once. */
  std::string around(const std::string& command) const {
    return "{ " + command + "; } && mv -f " + shell_word(this->command().library.string()) + ' ' +
           shell_word(given_.library.string()) + " 2>&1; status=$?; rm -rf " + shell_word(folder_.string()) +
           "; exit $status";
  }

 private:
  Workshop(const Command& given, fs::path folder) : given_(given), folder_(std::move(folder)) {}

  /** The source, whose function and whose block of C names end it. */
  static std::optional<std::string> whole(const fs::path& file) {
    constexpr std::string_view kEnd = "\n}\n}\n";
    for (int i = 0; i < 100; i++) {
      std::ifstream in(file);
      std::string text{std::istreambuf_iterator<char>(in), {}};
      if (text.ends_with(kEnd)) return text;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return std::nullopt;
  }

  Command given_;
  fs::path folder_;
};

/** The options decide which header fits, so each text of them has a header of its own. */
struct Header {
  std::string options;
  std::string include;
  /** The folder that the compiler searches before MLX's. */
  fs::path folder;
  fs::path file;
};

Header header_of(const Command& command, const std::string& options) {
  char name[17];
  std::snprintf(name, sizeof(name), "%016zx", std::hash<std::string>{}(options));
  const fs::path folder = command.folder.parent_path() / "headers" / name;
  return {options, command.include, folder, folder / (std::string(kPreamble) + ".gch")};
}

/** Whether this process is the one to do what this file stands for; a claim of ten minutes ago was given up. */
bool claim(const fs::path& file) {
  std::error_code error;
  const auto made = fs::last_write_time(file, error);
  if (!error && fs::file_time_type::clock::now() - made > std::chrono::minutes(10)) fs::remove(file, error);
  const int descriptor = open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) return false;
  close(descriptor);
  return true;
}

/** Whether this is the second kernel that wants the header: for a single one it would not pay. */
bool is_second_to_want(const Header& header) {
  static std::mutex mutex;
  // Never freed: threads of MLX may still evaluate while the process exits.
  static auto& wanted = *new std::map<std::string, int>();
  const std::lock_guard lock(mutex);
  return ++wanted[header.options] == 2;
}

/** Lets a shell run a command in a session of its own: whoever ends a worker ends the processes of its group. */
bool run_in_background(const std::string& command) {
  posix_spawnattr_t attributes;
  if (posix_spawnattr_init(&attributes) != 0) return false;
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::string line = "(" + command + ") </dev/null >/dev/null 2>&1 &";
  std::string words[] = {"sh", "-c"};
  char* const arguments[] = {words[0].data(), words[1].data(), line.data(), nullptr};
  pid_t shell;
  const bool done = posix_spawn(&shell, "/bin/sh", nullptr, &attributes, arguments, environ) == 0;
  posix_spawnattr_destroy(&attributes);
  // The shell ends as soon as it has begun the command.
  while (done && waitpid(shell, nullptr, 0) < 0 && errno == EINTR) {
  }
  return done;
}

/** Lets the header be made. It appears under its name when it is complete, whatever ends the compiler before. */
void precompile(const Header& header) {
  if (!is_second_to_want(header)) return;
  std::error_code error;
  fs::create_directories(header.file.parent_path(), error);
  const fs::path claimed = header.file.string() + ".part";
  if (error || !claim(claimed)) return;
  // A name of its own, for two processes may both have found a claim that was given up.
  const std::string made = shell_word(header.file.string() + '.' + std::to_string(getpid()));
  // What an earlier one of them left when it was killed goes first.
  const std::string left = "rm -f " + shell_word(header.file.string()) + ".[0-9]*; ";
  const bool begun = run_in_background(left + "umask 077; g++ " + header.options + " -I " + shell_word(header.include) +
                                       " -x c++-header " + shell_word(header.include + '/' + std::string(kPreamble)) +
                                       " -o " + made + " && mv -f " + made + ' ' + shell_word(header.file.string()) +
                                       "; rm -f " + made + ' ' + shell_word(claimed.string()));
  if (!begun) fs::remove(claimed, error);
}

std::string compile(const Command& command, const std::string& options) {
  return "g++ " + options + " -I " + shell_word(command.include) + ' ' + shell_word(command.source.string()) + " -o " +
         shell_word(command.library.string()) + " 2>&1";
}

/** Compiles with the header where there is one. One that is broken, or another compiler's, is removed and made anew. */
std::string compile_with_header(const Command& command, const std::string& options) {
  const Header header = header_of(command, options);
  const std::string alone = compile(command, options);
  std::error_code error;
  if (!fs::exists(header.file, error)) {
    precompile(header);
    return alone;
  }
  const std::string with =
      compile(command, "-Werror=invalid-pch -I " + shell_word(header.folder.string()) + ' ' + options);
  return with + " || { " + alone + " && rm -f " + shell_word(header.file.string()) + "; }";
}

}  // namespace

FILE* call_compiler(const char* given, const char* type, bool has_vectors) {
  const auto command = parse(given);
  if (!command) return popen(given, type);
  const auto workshop = Workshop::open(*command);
  const Command own = workshop ? workshop->command() : *command;
  std::string line;
  if (has_vectors) {
    // A compiler that does not know an option still makes the kernel that MLX would have.
    line = compile_with_header(own, std::string(kVectorOptions) + own.options) + " || " + compile(own, own.options);
  } else {
    line = compile_with_header(own, own.options);
  }
  return popen((workshop ? workshop->around(line) : line).c_str(), type);
}

}  // namespace mlx_router

#endif
