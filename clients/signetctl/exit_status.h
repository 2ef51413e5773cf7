// Exit statuses of signetctl beside the codes of errors.def (3 and up).
#pragma once

namespace signet::ctl {

inline constexpr int kSuccess = 0;
inline constexpr int kFoundFailures = 1;  // doctor or selftest ran, and something is wrong
inline constexpr int kUsage = 2;

}  // namespace signet::ctl
