// Measures MLX from C++: reads lines of a row and a count, answers one JSON line each, as bench/python/worker.py does.

#include <chrono>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <sstream>

#include "workloads.h"

namespace {

using bench_floor::Workload;
using bench_floor::Workloads;

long long processor_time() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000'000LL + now.tv_nsec;
}

void measure(const Workload& workload, int count) {
  // As the other sides do before they measure.
  workload(count);
  const auto cpu_start = processor_time();
  const auto start = std::chrono::steady_clock::now();
  const auto result = workload(count);
  const auto elapsed = std::chrono::steady_clock::now() - start;
  const auto cpu = processor_time() - cpu_start;
  const long long nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count();
  std::printf(R"({"nanoseconds":%lld,"cpuNanoseconds":%lld,"result":)", nanoseconds, cpu);
  if (result.has_value()) {
    std::printf("%.17g}\n", *result);
  } else {
    std::printf("null}\n");
  }
}

void fail(const char* kind, const std::string& what) {
  std::string text;
  for (const char c : what) {
    if (c == '"' || c == '\\') text += '\\';
    text += c < ' ' ? ' ' : c;
  }
  std::printf(R"({"nanoseconds":0,"cpuNanoseconds":0,"result":null,"%s":"%s"})"
              "\n",
              kind, text.c_str());
}

}  // namespace

int main() {
  Workloads all;
  for (auto&& suite : {bench_floor::micro(), bench_floor::programs(), bench_floor::training(), bench_floor::chains()}) {
    all.insert(suite.begin(), suite.end());
  }
  std::printf("\"ready\"\n");
  std::fflush(stdout);
  std::string line;
  while (std::getline(std::cin, line)) {
    std::istringstream words(line);
    std::string row;
    int count = 0;
    words >> row >> count;
    const auto found = all.find(row);
    try {
      if (found == all.end()) {
        fail("missing", row);
      } else {
        measure(found->second, count);
      }
    } catch (const std::exception& error) {
      fail("error", error.what());
    }
    std::fflush(stdout);
  }
}
