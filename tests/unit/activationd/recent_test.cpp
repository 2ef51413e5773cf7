#include "activationd/recent.h"

#include <gtest/gtest.h>

namespace signet::activationd {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Recent, IsGoodForAsLongAsItWasSaid) {
  const Recent<int>::Time now{seconds{100}};
  Recent<int> recent{seconds{5}};
  EXPECT_FALSE(recent.get(now));

  recent.put(7, now);

  EXPECT_EQ(recent.get(now), 7);
  EXPECT_EQ(recent.get(now + milliseconds{4999}), 7);
  EXPECT_FALSE(recent.get(now + seconds{5}));
}

TEST(Recent, TheLastOneCounts) {
  const Recent<int>::Time now{seconds{100}};
  Recent<int> recent{seconds{5}};
  recent.put(7, now);
  recent.put(8, now + seconds{4});

  EXPECT_EQ(recent.get(now + seconds{8}), 8);
}

}  // namespace
}  // namespace signet::activationd
