// mlx-c uses std::format with plain `{}` and includes nothing for it. Where the standard library has <format>, this
// header includes it; where it has none (libstdc++ before 13, libc++ before 17), it supplies that much of it.
#pragma once

#include <string>

#if __has_include(<format>) && !(defined(_LIBCPP_VERSION) && _LIBCPP_VERSION < 170000)
#include <format>
#else
#include <sstream>
#include <string_view>

namespace std {

inline void mlx_router_format_next(ostringstream& out, string_view& rest) {
  out << rest;
  rest = {};
}

template <typename First, typename... Others>
void mlx_router_format_next(ostringstream& out, string_view& rest, const First& first, const Others&... others) {
  const auto hole = rest.find("{}");
  if (hole == string_view::npos) {
    mlx_router_format_next(out, rest);
    return;
  }
  out << rest.substr(0, hole) << first;
  rest.remove_prefix(hole + 2);
  mlx_router_format_next(out, rest, others...);
}

template <typename... Arguments>
string format(string_view text, const Arguments&... arguments) {
  ostringstream out;
  mlx_router_format_next(out, text, arguments...);
  return out.str();
}

}  // namespace std
#endif
