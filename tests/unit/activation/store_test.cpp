#include "activation/sqlite/store.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <future>
#include <stdexcept>
#include <thread>

#include "unit/identity/temporary_directory.h"

namespace signet::activation::sqlite {
namespace {

AuditEntry entry(const std::string& detail) {
  return {.at = UnixTime{std::chrono::seconds{1000}}, .actor = "test", .action = "note", .detail = detail};
}

Device device(std::uint8_t number) {
  Device made;
  made.ueid = {0x01, number};
  made.ids = {.model_id = "m1", .sn = "sn-" + std::to_string(number), .app_id = "app"};
  made.chip = {.transport = "emmc", .key_protection = "soft"};
  made.generation = 1;
  return made;
}

class StoreTest : public testing::Test {
 protected:
  StoreTest() { open(true); }

  void open(bool create = false, std::size_t group = 256) {
    store_.reset();
    auto opened = Store::open({.path = path(), .create = create, .group = group});
    ASSERT_TRUE(opened) << to_string(opened.error());
    store_ = *std::move(opened);
  }
  [[nodiscard]] std::string path() const { return directory_.path("test.db"); }

  std::vector<AuditEntry> entries() {
    std::vector<AuditEntry> found;
    EXPECT_TRUE(store_->read([&](View& view) -> Result<void> {
      SIGNET_ASSIGN(found, view.audit(0, 1000));
      return {};
    }));
    return found;
  }
  template <class T>
  T get(const std::function<Result<T>(View&)>& question) {
    Result<T> answer = fail(Errc::internal, "not asked");
    EXPECT_TRUE(store_->read([&](View& view) -> Result<void> {
      answer = question(view);
      return {};
    }));
    EXPECT_TRUE(answer) << to_string(answer.error());
    return answer.value_or(T{});
  }
  Result<void> write(Repository::Writing work) { return write_and_wait(*store_, std::move(work)); }

  identity::TemporaryDirectory directory_;
  std::unique_ptr<Store> store_;
};

TEST_F(StoreTest, AUnitOfWorkIsThereAfterAReopen) {
  ASSERT_TRUE(write([](Transaction& t) { return t.add(entry("kept")); }));

  open();

  ASSERT_EQ(entries().size(), 1U);
  EXPECT_EQ(entries().front().detail, "kept");
}

TEST_F(StoreTest, AUnitThatFailsLeavesNothingBehind) {
  auto result = write([](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.add(entry("half")));
    return fail(Errc::invalid_argument, "no");
  });

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::invalid_argument);
  EXPECT_TRUE(entries().empty());
}

TEST_F(StoreTest, AUnitThatThrowsIsAnInternalErrorAndLeavesNothingBehind) {
  auto result = write([](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.add(entry("half")));
    throw std::runtime_error{"a bug"};
  });

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::internal);
  EXPECT_TRUE(entries().empty());
}

// The first unit holds the store's thread until all the others wait.
TEST_F(StoreTest, UnitsThatWaitShareOneCommitAndFailOneByOne) {
  constexpr int kUnits = 100;
  std::promise<void> go;
  auto gone = go.get_future().share();
  store_->write(
      [gone](Transaction&) -> Result<void> {
        gone.wait();
        return {};
      },
      [](Result<void> result) { EXPECT_TRUE(result); });
  std::vector<std::future<Result<void>>> results;
  for (int i = 0; i < kUnits; ++i) {
    auto promise = std::make_shared<std::promise<Result<void>>>();
    results.push_back(promise->get_future());
    store_->write(
        [i](Transaction& t) -> Result<void> {
          SIGNET_TRY(t.add(entry(std::to_string(i))));
          if (i % 10 == 0) return fail(Errc::busy, "every tenth");
          return {};
        },
        [promise](Result<void> result) { promise->set_value(std::move(result)); });
  }
  go.set_value();

  for (int i = 0; i < kUnits; ++i) EXPECT_EQ(bool{results[static_cast<std::size_t>(i)].get()}, i % 10 != 0);

  EXPECT_EQ(entries().size(), 90U);
  const auto commits = store_->commits();
  EXPECT_EQ(commits.units, 101U);
  EXPECT_LE(commits.commits, 2U);
  EXPECT_EQ(commits.failed, 0U);
}

// Without a savepoint for each, they all have to begin anew.
TEST_F(StoreTest, AUnitThatFailsAfterAChangeIsUndoneAloneAndTheOthersTakeEffectOnce) {
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::vector<int> runs(3);
  std::vector<std::promise<Result<void>>> results(3);
  for (std::size_t i = 0; i < 3; ++i) {
    store_->write(
        [gone, i, &runs](Transaction& t) -> Result<void> {
          gone.wait();
          ++runs[i];
          SIGNET_TRY(t.add(entry(std::to_string(i))));
          if (i == 1) return fail(Errc::busy, "the second");
          return {};
        },
        [i, &results](Result<void> result) { results[i].set_value(std::move(result)); });
    if (i == 0) std::this_thread::yield();
  }
  go.set_value();

  EXPECT_TRUE(results[0].get_future().get());
  EXPECT_FALSE(results[1].get_future().get());
  EXPECT_TRUE(results[2].get_future().get());
  const auto kept = entries();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].detail, "0");
  EXPECT_EQ(kept[1].detail, "2");
  EXPECT_EQ(runs[1], 2);
}

TEST_F(StoreTest, AUnitThatFailsBeforeItChangesAnythingIsRunOnce) {
  int runs = 0;

  auto result = write([&runs](Transaction& t) -> Result<void> {
    ++runs;
    SIGNET_TRY(t.counter("events"));
    return fail(Errc::not_found, "no");
  });

  EXPECT_FALSE(result);
  EXPECT_EQ(runs, 1);
}

TEST_F(StoreTest, AGroupIsNoLargerThanToldSo) {
  open(false, 10);
  std::promise<void> go;
  auto gone = go.get_future().share();
  std::promise<void> last;
  for (int i = 0; i < 30; ++i) {
    store_->write(
        [gone](Transaction& t) -> Result<void> {
          gone.wait();
          return t.add(entry("x"));
        },
        [i, &last](Result<void>) {
          if (i == 29) last.set_value();
        });
  }
  go.set_value();
  last.get_future().wait();

  EXPECT_GE(store_->commits().commits, 3U);
}

TEST_F(StoreTest, ClosingDoesAllThatWaits) {
  int done = 0;
  for (int i = 0; i < 50; ++i) {
    store_->write([](Transaction& t) { return t.add(entry("x")); }, [&done](Result<void> r) { done += r ? 1 : 0; });
  }

  open();

  EXPECT_EQ(done, 50);
  EXPECT_EQ(entries().size(), 50U);
}

TEST_F(StoreTest, AReaderSeesOneStateWhateverIsWrittenMeanwhile) {
  EXPECT_TRUE(store_->read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(const auto before, view.audit(0, 10));
    EXPECT_TRUE(write([](Transaction& t) { return t.add(entry("meanwhile")); }));
    SIGNET_ASSIGN(const auto after, view.audit(0, 10));
    EXPECT_EQ(before.size(), after.size());
    return {};
  }));

  EXPECT_EQ(entries().size(), 1U);
}

TEST_F(StoreTest, AReaderCannotWrite) {
  auto result = store_->read([](View& view) { return dynamic_cast<Transaction&>(view).add(entry("x")); });

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::read_only);
}

TEST_F(StoreTest, NobodyElseMayReadTheDatabase) {
  ASSERT_TRUE(write([](Transaction& t) { return t.add(entry("x")); }));

  for (const char* suffix : {"", "-wal", "-shm"}) {
    struct stat status {};
    ASSERT_EQ(::stat((path() + suffix).c_str(), &status), 0) << suffix;
    EXPECT_EQ(status.st_mode & 0777, 0600U) << suffix;
  }
}

TEST_F(StoreTest, ADatabaseThatIsNotThereIsNotFoundUnlessItIsToBeMade) {
  auto opened = Store::open({.path = directory_.path("other.db")});

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(directory_.path("other.db")));
}

TEST_F(StoreTest, ADeviceComesBackAsItWasPut) {
  Device put = device(5);
  put.chip.cid_hash.fill(0xc1);
  put.chip.kcv.fill(0x0c);
  put.generation = 7;
  put.blocked = "counter_backwards";
  put.blocked_note = "a note";
  put.registered_at = UnixTime{std::chrono::seconds{11}};
  put.confirmed_at = UnixTime{std::chrono::seconds{22}};
  ASSERT_TRUE(write([&](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.put(device(5)));
    return t.put(put, Bytes{1, 2, 3});
  }));

  const auto found = get<std::optional<Device>>([&](View& view) { return view.device(put.ueid); });

  ASSERT_TRUE(found);
  EXPECT_EQ(found->ids, put.ids);
  EXPECT_EQ(found->chip, put.chip);
  EXPECT_TRUE(found->escrowed);
  EXPECT_EQ(found->generation, 7U);
  EXPECT_EQ(found->blocked, "counter_backwards");
  EXPECT_EQ(found->blocked_note, "a note");
  EXPECT_EQ(found->registered_at, put.registered_at);
  EXPECT_EQ(found->confirmed_at, put.confirmed_at);
  EXPECT_EQ(get<std::optional<Bytes>>([&](View& view) { return view.sealed_key(put.ueid); }), (Bytes{1, 2, 3}));
}

TEST_F(StoreTest, APutOfADeviceLeavesItsSealedKeyAlone) {
  ASSERT_TRUE(write([](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.put(device(1), Bytes{9}));
    return t.put(device(1));
  }));

  EXPECT_EQ(get<std::optional<Bytes>>([](View& view) { return view.sealed_key(device(1).ueid); }), Bytes{9});
}

TEST_F(StoreTest, DevicesAreFoundByModelAndSerialAndPageByPage) {
  ASSERT_TRUE(write([](Transaction& t) -> Result<void> {
    for (std::uint8_t i = 1; i <= 5; ++i) SIGNET_TRY(t.put(device(i)));
    return {};
  }));
  const auto count = [&](const DeviceFilter& filter) {
    return get<std::vector<Device>>([&](View& view) { return view.devices(filter); }).size();
  };

  EXPECT_EQ(count({}), 5U);
  EXPECT_EQ(count({.model_id = "m1"}), 5U);
  EXPECT_EQ(count({.model_id = "m2"}), 0U);
  EXPECT_EQ(count({.sn = "sn-3"}), 1U);
  EXPECT_EQ(count({.model_id = "m1", .sn = "sn-3"}), 1U);
  EXPECT_EQ(count({.limit = 2}), 2U);
  EXPECT_EQ(count({.after = to_text(device(2).ueid)}), 3U);
}

TEST_F(StoreTest, DevicesComeInTheOrderOfTheirNamesWhateverCameFirst) {
  ASSERT_TRUE(write([](Transaction& t) -> Result<void> {
    for (std::uint8_t i = 5; i >= 1; --i) {
      Device made = device(i);
      made.ids.sn = "same";
      SIGNET_TRY(t.put(made));
    }
    return {};
  }));

  for (const DeviceFilter& filter :
       {DeviceFilter{.limit = 3}, DeviceFilter{.model_id = "m1", .sn = "same", .limit = 3}}) {
    const auto found = get<std::vector<Device>>([&](View& view) { return view.devices(filter); });
    ASSERT_EQ(found.size(), 3U);
    for (std::uint8_t i = 0; i < 3; ++i) EXPECT_EQ(found[i].ueid, device(static_cast<std::uint8_t>(i + 1)).ueid);
  }
}

TEST_F(StoreTest, AConfirmedRegistrationComesBackWithTheCertificateOfItsGeneration) {
  Registration put{.id = {7}, .state = RegistrationState::confirmed, .ueid = device(1).ueid, .generation = 2};
  ASSERT_TRUE(write([&](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.put(device(1)));
    for (std::uint32_t generation = 1; generation <= 3; ++generation) {
      const auto octet = static_cast<std::uint8_t>(generation);
      SIGNET_TRY(t.put(DeviceCertificate{
          .serial = {octet}, .ueid = device(1).ueid, .generation = generation, .der = {0x30, octet}}));
    }
    return t.put(put);
  }));

  const auto found = get<std::optional<Registration>>([&](View& view) { return view.registration(put.id); });

  ASSERT_TRUE(found);
  EXPECT_EQ(found->ueid, put.ueid);
  EXPECT_EQ(found->certificate, (Bytes{0x30, 2}));
}

TEST_F(StoreTest, ACertificateIsFoundAmongThoseOfItsDeviceOnly) {
  ASSERT_TRUE(write([](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.put(device(1)));
    SIGNET_TRY(t.put(device(2)));
    return t.put(DeviceCertificate{.serial = {9}, .ueid = device(1).ueid, .generation = 0xffffffff});
  }));
  const auto find = [&](std::uint8_t number) {
    return get<std::optional<DeviceCertificate>>(
        [&](View& view) { return view.certificate(device(number).ueid, Bytes{9}); });
  };

  EXPECT_EQ(find(1).value_or(DeviceCertificate{}).generation, 0xffffffffU);
  EXPECT_FALSE(find(2));
  EXPECT_FALSE(find(3));
}

TEST_F(StoreTest, ASecondCertificateOfOneGenerationIsRefused) {
  ASSERT_TRUE(write([](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.put(device(1)));
    return t.put(DeviceCertificate{.serial = {1}, .ueid = device(1).ueid, .generation = 1});
  }));

  auto other = write(
      [](Transaction& t) { return t.put(DeviceCertificate{.serial = {2}, .ueid = device(1).ueid, .generation = 1}); });
  auto revoked = write([](Transaction& t) {
    return t.put(DeviceCertificate{.serial = {1}, .ueid = device(1).ueid, .generation = 1, .revoked_at = UnixTime{}});
  });

  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, Errc::already_exists);
  EXPECT_TRUE(revoked);
  const auto kept = get<std::vector<DeviceCertificate>>([](View& view) { return view.certificates(device(1).ueid); });
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept.front().serial, Bytes{1});
  EXPECT_TRUE(kept.front().revoked_at);
}

TEST_F(StoreTest, AChipHasItsEntriesOfTheAuditLogBeforeItIsADevice) {
  AuditEntry early = entry("reserved");
  early.ueid = device(1).ueid;
  ASSERT_TRUE(write([&](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.add(entry("of nobody")));
    return t.add(early);
  }));

  const auto found = get<std::vector<AuditEntry>>([&](View& view) { return view.audit_of(device(1).ueid, 10); });

  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().ueid, device(1).ueid);
  EXPECT_EQ(found.front().number, 2U);
  EXPECT_FALSE(entries().front().ueid);
}

TEST_F(StoreTest, OfManySightingsTheLastAndTheHighestAreKept) {
  ASSERT_TRUE(write([](Transaction& t) -> Result<void> {
    SIGNET_TRY(t.put(device(1)));
    SIGNET_TRY(t.add_sighting(device(1).ueid, {.counter = 1000, .seen = 1}));
    for (std::uint32_t i = 2; i < 50; ++i) SIGNET_TRY(t.add_sighting(device(1).ueid, {.counter = i, .seen = i}));
    return {};
  }));

  const auto kept = get<std::vector<CounterSighting>>([](View& view) { return view.sightings(device(1).ueid); });

  ASSERT_EQ(kept.size(), 17U);
  EXPECT_EQ(kept.front().counter, 1000U);
  EXPECT_EQ(kept.back().seen, 49U);
}

TEST_F(StoreTest, ACertificateOfADeviceThatIsNotThereIsRefused) {
  auto result = write([](Transaction& t) { return t.put(DeviceCertificate{.serial = {1}, .ueid = device(1).ueid}); });

  ASSERT_FALSE(result);
  EXPECT_NE(result.error().context.find("FOREIGN KEY"), std::string::npos) << result.error().context;
}

TEST_F(StoreTest, WhatHasExpiredIsForgottenALittleAtATime) {
  const UnixTime now{std::chrono::seconds{1000}};
  ASSERT_TRUE(write([&](Transaction& t) -> Result<void> {
    for (int i = 0; i < 5; ++i) {
      SIGNET_TRY(t.put(NonceRecord{.nonce = std::to_string(i), .expires_at = now - std::chrono::seconds{i}}));
    }
    Registration reservation{.id = {1}, .sealed_escrow = {1, 2, 3}, .expires_at = now - std::chrono::seconds{1}};
    SIGNET_TRY(t.put(reservation));
    return t.forget_expired(now, 3);
  }));

  EXPECT_EQ(get<RecordCounts>([&](View& view) { return view.counts(now); }).nonces, 2U);
  const auto left = get<std::optional<Registration>>([](View& view) { return view.registration({1}); });
  ASSERT_TRUE(left);
  EXPECT_EQ(left->state, RegistrationState::cancelled);
  EXPECT_TRUE(left->sealed_escrow.empty());
}

TEST_F(StoreTest, CountersCountFromOneEachForItself) {
  std::vector<std::uint64_t> values;
  ASSERT_TRUE(write([&values](Transaction& t) -> Result<void> {
    for (const char* name : {"a", "a", "b", "a"}) {
      SIGNET_ASSIGN(const auto value, t.advance(name));
      values.push_back(value);
    }
    return {};
  }));

  EXPECT_EQ(values, (std::vector<std::uint64_t>{1, 2, 1, 3}));
  EXPECT_EQ(get<std::uint64_t>([](View& view) { return view.counter("a"); }), 3U);
  EXPECT_EQ(get<std::uint64_t>([](View& view) { return view.counter("c"); }), 0U);
}

TEST_F(StoreTest, ManyThreadsWriteAndReadAtOnce) {
  std::vector<std::thread> threads;
  for (int n = 0; n < 8; ++n) {
    threads.emplace_back([this] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_TRUE(write([](Transaction& t) -> Result<void> {
          SIGNET_TRY(t.advance("n"));
          return {};
        }));
        EXPECT_GE(get<std::uint64_t>([](View& view) { return view.counter("n"); }), 1U);
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(get<std::uint64_t>([](View& view) { return view.counter("n"); }), 400U);
}

}  // namespace
}  // namespace signet::activation::sqlite
