// The power goes at every write of a device's life: record in a file or on the storage chip, clock in a file. Whatever
// is left then, the next start finds the owner's data as they were before the step or after it, and after it once the
// owner had heard so; shows the right beacon or none; and its clock has not gone back.
//
// A life is lived once, and every state that a cut might leave is kept (power_cut/disk.h); then each is started from.
// Starting writes, too: the power goes once more at each of those writes.
#include <gmock/gmock.h>

#include <iostream>
#include <map>
#include <set>

#include "crypto/sha256.h"
#include "fmdnd/file_vault.h"
#include "tests/unit/fmdnd/chip_vault.h"
#include "tests/unit/fmdnd/phone_fixture.h"
#include "tests/unit/power_cut/recorder.h"

namespace signet::fmdnd {
namespace {

using bluez::Slot;
using power_cut::Tree;
using std::chrono::hours;
using std::chrono::seconds;

enum class Kept { in_file, on_chip };

// A record without its clock, which is judged apart; nothing: there is none.
using Remembered = std::optional<Bytes>;

// What is on the disk and on the chip at a cut, and what may be true of it.
struct Remains {
  Tree files;
  std::array<std::uint8_t, 32> chip{};  // digest
  std::size_t step = 0;
  bool acknowledged = false;
  auto operator<=>(const Remains&) const = default;
};
struct Circumstances {
  std::string when;
  std::shared_ptr<const rpmb::ChipState> chip;
  std::uint32_t clock = 0;         // on the air at last
  std::uint32_t written_down = 0;  // of that, what the accessory has been told is on the disk
  std::chrono::sys_seconds wall;
};

class PowerCutTest : public PhoneFixture, public testing::WithParamInterface<Kept> {
 protected:
  PowerCutTest() {
    clock_path_ = recorder_.path() + "/clock";
    chip_.program_key(rpmb::testing::kChipKey);
    chip_vault_.format();
    recorder_.put({});
  }

  Vault& vault() override {
    return GetParam() == Kept::in_file ? static_cast<Vault&>(file_vault_) : static_cast<Vault&>(chip_vault_);
  }
  void settle() override {
    if (lives_) run_for();
    loop_.restart();
    loop_.poll();
  }
  void answered() override { acknowledged_ = true; }
  void notify(std::string_view uuid, BytesView value) override {
    acknowledged_ = true;
    PhoneFixture::notify(uuid, value);
  }

  void TearDown() override { stop(); }

  void begin_life(Record first);
  // One thing that happens to the device. The owner knows of it when the first answer of the step has come.
  void step(const std::string& name, const std::function<void()>& happens);
  void hours_pass();
  void end_life();

  [[nodiscard]] std::optional<Record> stored();
  [[nodiscard]] Remembered remembered();
  void watch(std::function<void()> written);
  void keep_remains();
  void keep_remains(std::map<Remains, Circumstances>& into);
  [[nodiscard]] std::vector<Remembered> allowed(const Remains& remains) const;
  void power_on(const Remains& remains, const Circumstances& at, std::chrono::sys_seconds wall);
  void judge(const Remains& remains, const Circumstances& at);
  void judge_start(const std::vector<Remembered>& allowed, std::uint32_t clock);
  void cut_again(const Remains& remains, const Circumstances& at);
  void still_works();

  power_cut::Recorder recorder_;
  rpmb::testing::FakeChip chip_{1, 2};
  WatchedChip watched_{chip_};
  FileVault file_vault_{loop_, recorder_.path() + "/secrets"};
  ChipVault chip_vault_{loop_, watched_};
  const fmdn::Eik other_eik_{std::array<std::uint8_t, 32>{0x44, 0x55, 0x66}};

  bool lives_ = true;
  std::vector<std::string> steps_;
  std::vector<Remembered> after_;  // each step; the first: what was there before
  bool acknowledged_ = false;
  std::uint32_t written_down_ = 0;
  std::map<Remains, Circumstances> remains_;
  std::uint64_t points_ = 0;
  std::uint64_t starts_ = 0;
};

std::optional<Record> PowerCutTest::stored() {
  std::optional<Record> found;
  vault().load([&](Result<std::optional<SecretBuffer>> octets) {
    ASSERT_TRUE(octets) << to_string(octets.error());
    if (!*octets) return;
    auto record = decode((*octets)->view(), fastpair::KeepKeys::recently_used);
    ASSERT_TRUE(record) << to_string(record.error());
    found = *std::move(record);
  });
  loop_.restart();
  loop_.poll();
  return found;
}

Remembered PowerCutTest::remembered() {
  auto record = stored();
  if (!record) return std::nullopt;
  record->clock = 0;
  const auto octets = encode(*record);
  return Bytes{octets.view().begin(), octets.view().end()};
}

void PowerCutTest::watch(std::function<void()> written) {
  recorder_.listen(written);
  watched_.listen(std::move(written));
}

void PowerCutTest::keep_remains(std::map<Remains, Circumstances>& into) {
  ++points_;
  const auto chip = std::make_shared<rpmb::ChipState>(chip_.snapshot());
  Bytes octets;
  if (GetParam() == Kept::on_chip) {
    for (const auto& block : chip->memory) append(octets, block);
  }
  const Circumstances at{.when = steps_.back() + (acknowledged_ ? ", acknowledged" : ""),
                         .chip = chip,
                         .clock = clock_->now(),
                         .written_down = written_down_,
                         .wall = wall_};
  for (const auto& files : recorder_.disk().after_cut()) {
    const Remains remains{
        .files = files, .chip = crypto::sha256(octets), .step = after_.size(), .acknowledged = acknowledged_};
    into.insert_or_assign(remains, at);
  }
}

void PowerCutTest::begin_life(Record first) {
  vault().save(encode(first), [](const Result<void>& saved) { ASSERT_TRUE(saved); });
  settle();
  start();
  after_.push_back(remembered());
}

void PowerCutTest::step(const std::string& name, const std::function<void()>& happens) {
  steps_.push_back(name);
  acknowledged_ = false;
  uptime_ += seconds{77};
  wall_ += seconds{77};
  watch([this] { keep_remains(remains_); });
  happens();
  settle();
  keep_remains(remains_);
  watch({});
  after_.push_back(remembered());
}

// What is written down every hour.
void PowerCutTest::hours_pass() {
  uptime_ += hours{7};
  wall_ += hours{7};
  step("hours pass", [this] { ASSERT_TRUE(clock_->checkpoint()); });
  written_down_ = clock_->now();
}

std::vector<Remembered> PowerCutTest::allowed(const Remains& remains) const {
  const auto& after = after_.at(remains.step);
  if (remains.acknowledged) return {after};
  return {after_.at(remains.step - 1), after};
}

void PowerCutTest::power_on(const Remains& remains, const Circumstances& at, std::chrono::sys_seconds wall) {
  ++starts_;
  if (accessory_) stop();
  recorder_.put(remains.files);
  chip_.restore(*at.chip);
  ASSERT_TRUE(chip_vault_.mount());
  uptime_ = seconds{5};
  wall_ = wall;
}

void PowerCutTest::judge_start(const std::vector<Remembered>& allowed, std::uint32_t clock) {
  const auto found = remembered();
  ASSERT_THAT(allowed, testing::Contains(found)) << "neither before the step nor after it";
  const auto known = stored();

  start();

  const auto record = stored();
  const bool owned = record && record->eik;
  ASSERT_EQ(accessory_->problem(), std::nullopt);
  ASSERT_EQ(accessory_->state() == State::provisioned, owned);
  ASSERT_EQ(on_air(Slot::fmdn), owned ? std::optional{frame_of(*record->eik)} : std::nullopt);
  ASSERT_FALSE(config_.device.locator_tag && accessory_->state() == State::paired) << "half provisioned";
  ASSERT_FALSE(owned && !record->keys.owner()) << "a beacon without the key of its owner";
  ASSERT_FALSE(owned && clock_->now() < clock) << "the clock has gone back to " << clock_->now() << " from " << clock;
  ASSERT_FALSE(owned && clock_->now() < known->clock) << "the clock has gone back behind the record";
}

// The power goes once more, at every write of the start.
void PowerCutTest::cut_again(const Remains& remains, const Circumstances& at) {
  power_on(remains, at, at.wall + seconds{10});
  const auto before = remembered();
  std::map<Remains, Circumstances> again;
  watch([&] { keep_remains(again); });
  start();
  watch({});
  const auto after = remembered();
  for (const auto& [remains_then, at_then] : again) {
    power_on(remains_then, at_then, at.wall + seconds{20});
    judge_start({before, after}, at.clock);
    if (HasFatalFailure()) return;
  }
}

// Whatever lies about of the cut, what is asked next goes through and stays.
void PowerCutTest::still_works() {
  bool done = false;
  accessory_->factory_reset([&](const Result<void>& outcome) { done = outcome.has_value(); });
  settle();
  ASSERT_TRUE(done);
  ASSERT_EQ(stored()->eik, std::nullopt);
  ASSERT_TRUE(clock_->checkpoint());
}

void PowerCutTest::judge(const Remains& remains, const Circumstances& at) {
  power_on(remains, at, at.wall + seconds{10});
  judge_start(allowed(remains), at.clock);
  if (HasFatalFailure()) return;
  still_works();
  if (HasFatalFailure()) return;
  power_on(remains, at, {});  // no clock survives in this machine
  judge_start(allowed(remains), at.written_down);
}

void PowerCutTest::end_life() {
  lives_ = false;
  std::set<std::pair<std::size_t, bool>> begun;
  for (const auto& [remains, at] : std::exchange(remains_, {})) {
    SCOPED_TRACE("the power goes in step " + std::to_string(remains.step) + ", " + at.when);
    judge(remains, at);
    if (HasFatalFailure()) return;
    if (begun.emplace(remains.step, remains.acknowledged).second) cut_again(remains, at);
    if (HasFatalFailure()) return;
  }
  std::cout << points_ << " cut points, " << starts_ << " starts\n";
  EXPECT_GE(points_, 80U);
}

TEST_P(PowerCutTest, ALocatorTagIsOwnedWhollyOrNotAtAll) {
  const auto seeker = [this] { return meet(); };
  std::optional<fastpair::Seeker> phone;
  const auto meets = [&] { phone.emplace(seeker()); };
  const auto leaves_key = [&] { ASSERT_FALSE(write(kAccountKey, phone->give(key_)).error); };
  const auto resets = [this] {
    accessory_->factory_reset([this](const Result<void>& outcome) { acknowledged_ = outcome.has_value(); });
  };
  begin_life(Record{fastpair::KeepKeys::only_one});

  step("a phone meets the tag", meets);
  step("it leaves its account key", leaves_key);
  step("it gives the identity key", [this] { provision(); });
  hours_pass();
  step("it rings", [this] {
    const fmdn::RingRequest ring{.operation = fmdn::kRingAll, .timeout = fmdn::Deciseconds{600}};
    ASSERT_TRUE(ask(owner::ring(nonce(), fmdn::ring_key(eik_), ring)));
  });
  step("protection against tracking",
       [this] { ASSERT_TRUE(ask(owner::activate_unwanted_tracking(nonce(), fmdn::unwanted_tracking_key(eik_), 0))); });
  step("another identity key", [this] { ASSERT_TRUE(ask(owner::set_eik(nonce(), key(), other_eik_, &eik_))); });
  step("the phone leaves", [this] { connections_->leave("/phone"); });
  hours_pass();
  step("the key is taken back", [this] { ASSERT_TRUE(ask(owner::clear_eik(nonce(), key(), other_eik_))); });
  step("a phone meets it again", meets);
  step("the account key again", leaves_key);
  step("the identity key again", [this] { provision(); });
  step("the user resets it", resets);
  end_life();
}

TEST_P(PowerCutTest, ADeviceOfSeveralAccountsHasOneOwner) {
  config_.device.locator_tag = false;
  const fastpair::AccountKey other{std::array<std::uint8_t, 16>{4, 9, 9}};
  Bytes keys{1, 0xff, 2};  // nobody is the owner yet
  append(keys, other.view());
  append(keys, key_.view());
  Record record{fastpair::KeepKeys::recently_used};
  record.keys = fastpair::AccountKeys::restore(keys).value();
  begin_life(std::move(record));

  step("an owner is selected", [this] { ASSERT_TRUE(ask(owner::read_provisioning_state(nonce(), key()))); });
  step("the identity key", [this] { provision(); });
  step("another account asks", [&] { ASSERT_TRUE(ask(owner::read_parameters(nonce(), other.view()))); });
  hours_pass();
  step("another identity key", [this] { ASSERT_TRUE(ask(owner::set_eik(nonce(), key(), other_eik_, &eik_))); });
  step("the phone leaves", [this] { connections_->leave("/phone"); });
  step("the key is taken back", [this] { ASSERT_TRUE(ask(owner::clear_eik(nonce(), key(), other_eik_))); });
  hours_pass();
  step("the identity key again", [this] { provision(); });
  hours_pass();
  step("the user resets it", [this] {
    accessory_->factory_reset([this](const Result<void>& outcome) { acknowledged_ = outcome.has_value(); });
  });
  end_life();
}

INSTANTIATE_TEST_SUITE_P(RecordKept, PowerCutTest, testing::Values(Kept::in_file, Kept::on_chip),
                         [](const auto& kept) { return kept.param == Kept::in_file ? "InAFile" : "OnTheChip"; });

}  // namespace
}  // namespace signet::fmdnd
