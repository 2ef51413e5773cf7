#include "service/harden.h"

#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <stdexcept>

namespace signet::service {

void harden_process() {
  ::umask(077);
  ::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is an error of the write
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0 || ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
    throw std::runtime_error{std::string{"cannot switch core dumps off: "} + std::strerror(errno)};
  }
  // Only with an unlimited RLIMIT_MEMLOCK: under a limit MCL_FUTURE turns a later allocation into a failure. On fault,
  // so that only what is really used is locked.
  rlimit lockable{};
  if (::getrlimit(RLIMIT_MEMLOCK, &lockable) != 0 || lockable.rlim_cur != RLIM_INFINITY) return;
  if (::mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) != 0) {
    spdlog::info("memory may be swapped out: mlockall: {}", std::strerror(errno));
  }
}

void keep_capabilities_from_children() {
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0) {
    throw std::runtime_error{std::string{"cannot clear ambient capabilities: "} + std::strerror(errno)};
  }
}

}  // namespace signet::service
