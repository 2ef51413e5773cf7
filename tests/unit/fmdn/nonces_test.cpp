#include "fmdn/nonces.h"

#include "beacon_fixture.h"

namespace signet::fmdn::testing {
namespace {

class NoncesTest : public ::testing::Test {
 protected:
  CountingRandom random_;
  Nonces nonces_{random_};
};

TEST_F(NoncesTest, AReadGivesVersionAndNonce) { EXPECT_EQ(nonces_.read(1, 0), (Bytes{1, 1, 1, 1, 1, 1, 1, 1, 1})); }

TEST_F(NoncesTest, EachReadFromTheBeginningMakesANewNonce) {
  nonces_.read(1, 0);

  EXPECT_EQ(nonces_.read(1, 0), (Bytes{1, 2, 2, 2, 2, 2, 2, 2, 2}));
  EXPECT_EQ(nonces_.take(1), (Nonce{2, 2, 2, 2, 2, 2, 2, 2}));
}

TEST_F(NoncesTest, AContinuedReadGivesTheRestOfTheSameValue) {
  const Bytes whole = nonces_.read(1, 0).value();

  for (std::size_t offset = 1; offset <= whole.size(); ++offset) {
    EXPECT_EQ(nonces_.read(1, offset), (Bytes{whole.begin() + static_cast<std::ptrdiff_t>(offset), whole.end()}));
  }
  EXPECT_EQ(nonces_.take(1), (Nonce{1, 1, 1, 1, 1, 1, 1, 1}));
}

TEST_F(NoncesTest, AContinuedReadDoesNotReviveANonce) {
  nonces_.read(1, 0);
  nonces_.take(1);

  EXPECT_TRUE(nonces_.read(1, 4));
  EXPECT_FALSE(nonces_.take(1));
}

TEST_F(NoncesTest, ThereIsNothingPastTheEndOrBeforeTheFirstRead) {
  EXPECT_FALSE(nonces_.read(1, 1));
  nonces_.read(1, 0);
  EXPECT_FALSE(nonces_.read(1, 10));
  EXPECT_FALSE(nonces_.read(1, SIZE_MAX));
}

TEST_F(NoncesTest, ANonceIsTakenOnce) {
  nonces_.read(1, 0);

  EXPECT_TRUE(nonces_.take(1));
  EXPECT_FALSE(nonces_.take(1));
}

TEST_F(NoncesTest, ConnectionsHaveTheirOwn) {
  nonces_.read(1, 0);
  nonces_.read(2, 0);

  EXPECT_FALSE(nonces_.take(3));
  EXPECT_EQ(nonces_.take(1), (Nonce{1, 1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(nonces_.take(2), (Nonce{2, 2, 2, 2, 2, 2, 2, 2}));
}

TEST_F(NoncesTest, AForgottenConnectionHasNone) {
  nonces_.read(1, 0);
  nonces_.forget(1);

  EXPECT_FALSE(nonces_.take(1));
  EXPECT_FALSE(nonces_.read(1, 1));
}

}  // namespace
}  // namespace signet::fmdn::testing
