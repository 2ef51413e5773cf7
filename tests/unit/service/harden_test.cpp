#include "service/harden.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

}  // namespace
}  // namespace signet::service
