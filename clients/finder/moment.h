// Our own time, to the second.
#pragma once

#include <chrono>

namespace signet::finder {

using Moment = std::chrono::sys_seconds;

inline Moment present() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace signet::finder
