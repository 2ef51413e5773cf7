// fmdnd's secrets in the store of a real rpmbd.
#include "fmdnd/rpmbd_vault.h"

#include <csignal>
#include <cstdlib>

#include "tests/bus/rpmbd_process.h"

namespace signet::fmdnd {
namespace {

using Record = std::optional<SecretBuffer>;

class RpmbdVaultTest : public signet::testing::RpmbdTest {
 protected:
  RpmbdVaultTest() { ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }

  // Runs the loop until the vault has answered.
  template <class Outcome>
  Outcome answer(std::optional<Outcome>& outcome) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{40};
    loop_.restart();
    const auto work = boost::asio::make_work_guard(loop_);
    while (!outcome && std::chrono::steady_clock::now() < deadline) loop_.run_one_for(std::chrono::seconds{1});
    return outcome ? *std::move(outcome) : Outcome{fail(Errc::timeout, "no answer")};
  }
  Result<Record> load() {
    std::optional<Result<Record>> outcome;
    vault_.load([&](Result<Record> record) { outcome.emplace(std::move(record)); });
    EXPECT_FALSE(outcome) << "answers come later";
    return answer(outcome);
  }
  Result<void> save(const Bytes& record) {
    std::optional<Result<void>> outcome;
    vault_.save(SecretBuffer{BytesView{record}}, [&](Result<void> saved) { outcome.emplace(std::move(saved)); });
    EXPECT_FALSE(outcome) << "answers come later";
    return answer(outcome);
  }

  boost::asio::io_context loop_;
  RpmbdVault vault_{loop_};
};

TEST_F(RpmbdVaultTest, HoldsNothingAtFirstAndThenWhatWasSavedLast) {
  start_ready();
  const auto first = load();
  ASSERT_TRUE(first) << to_string(first.error());
  EXPECT_FALSE(*first);

  ASSERT_TRUE(save(Bytes(300, 1)));
  ASSERT_TRUE(save(Bytes(kLongestRecord, 2)));

  const auto last = load();
  ASSERT_TRUE(last && *last);
  EXPECT_EQ(Bytes((*last)->view().begin(), (*last)->view().end()), Bytes(kLongestRecord, 2));
}

TEST_F(RpmbdVaultTest, RpmbdMayGoAndComeBack) {
  start_ready();
  ASSERT_TRUE(save({1}));
  stop();

  const auto away = save({2});
  ASSERT_FALSE(away);
  EXPECT_EQ(away.error().code, Errc::no_service);
  ASSERT_FALSE(load());
  start_ready();

  const auto record = load();
  ASSERT_TRUE(record && *record) << "the connection is made anew";
  EXPECT_EQ((*record)->view()[0], 1) << "the error had left the old record";
  EXPECT_TRUE(save({3}));
}

TEST_F(RpmbdVaultTest, AnAnswerThatIsNotAwaitedAnyMoreIsNotGiven) {
  start_ready();
  bool answered = false;
  {
    RpmbdVault brief{loop_};
    for (int i = 0; i < 3; ++i) brief.load([&](const Result<Record>&) { answered = true; });
  }

  loop_.restart();
  loop_.run();

  EXPECT_FALSE(answered);
}

}  // namespace
}  // namespace signet::fmdnd
