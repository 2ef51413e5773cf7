#include "service/harden.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdlib>

namespace signet::service {
namespace {

bool hardened() {
  rlimit core{1, 1};
  ::getrlimit(RLIMIT_CORE, &core);
  return ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 && core.rlim_cur == 0 && core.rlim_max == 0 && ::umask(0) == 077;
}

TEST(HardenDeathTest, ForbidsCoreDumpsAndTracingAndMakesFilesPrivate) {
  const auto check = [] {
    harden_process();
    std::_Exit(hardened() ? 0 : 1);
  };

  EXPECT_EXIT(check(), testing::ExitedWithCode(0), "");
}

// As the unit gives it to the daemon. False: we have none to give.
bool raise_ambient(int capability) {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  __user_cap_data_struct sets[2]{};
  if (::syscall(SYS_capget, &header, sets) != 0) return false;
  sets[0].inheritable |= 1U << static_cast<unsigned>(capability);
  return ::syscall(SYS_capset, &header, sets) == 0 &&
         ::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0) == 0;
}

TEST(HardenDeathTest, ProgramsThatAreStartedHaveNoCapabilities) {
  const auto check = [] {
    if (!raise_ambient(CAP_CHOWN)) std::_Exit(2);
    keep_capabilities_from_children();
    std::_Exit(::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_CHOWN, 0, 0) == 0 ? 0 : 1);
  };

  if (::geteuid() != 0) GTEST_SKIP() << "only root has a capability to give away";
  EXPECT_EXIT(check(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace signet::service
