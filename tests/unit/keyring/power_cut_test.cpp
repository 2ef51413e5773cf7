// The power goes at every write of an owner's keyring, from the first device to the last: what the next command finds
// is the keyring as it was before a change or after it, and after it once the change was acknowledged.
#include <gmock/gmock.h>

#include <iostream>
#include <set>

#include "fixed_random.h"
#include "keyring/keyring.h"
#include "tests/unit/power_cut/recorder.h"

namespace signet::keyring {
namespace {

using power_cut::Tree;
using Change = std::function<Result<void>(Contents&)>;

struct KeyFile final : Lock {
  [[nodiscard]] LockedBy kind() const override { return LockedBy::key_file; }
  Result<SecretBuffer> secret(bool) override { return SecretBuffer{Bytes(32, 7)}; }
};

fmdn::Eik eik(std::uint8_t fill) {
  fmdn::Eik key;
  std::ranges::fill(key.writable(), fill);
  return key;
}

// The bag's device, changed.
Change bag(const std::function<void(Device&)>& change) {
  return [change](Contents& contents) {
    Device device = contents.find("bag") != nullptr ? contents.find("bag")->clone() : Device{.name = "bag"};
    change(device);
    return contents.put(std::move(device));
  };
}

struct PowerCutTest : testing::Test {
  Bytes found() {
    Keyring keyring{path, lock, random};
    const auto contents = keyring.load();
    EXPECT_TRUE(contents) << to_string(contents.error());
    if (!contents) return {};
    const auto octets = contents->encode();
    return {octets.view().begin(), octets.view().end()};
  }

  // A change, and every state that a cut during it or after it may leave.
  void step(const Change& change) {
    ++steps;
    std::set<Tree> during;
    recorder.listen([&] {
      ++points;
      during.merge(recorder.disk().after_cut());
    });
    Keyring keyring{path, lock, random};
    ASSERT_TRUE(keyring.update(change));
    recorder.listen({});
    after.push_back(found());
    for (const auto& tree : during) may_be.insert({tree, {after[steps - 1], after[steps]}});
    for (const auto& tree : recorder.disk().after_cut()) may_be.insert({tree, {after[steps]}});
  }

  power_cut::Recorder recorder;
  std::string path = recorder.path() + "/share/signet/keyring";
  KeyFile lock;
  CountingRandom random;
  std::size_t steps = 0;
  std::uint64_t points = 0;
  std::vector<Bytes> after{found()};
  std::set<std::pair<Tree, std::set<Bytes>>> may_be;
};

// What signetctl fmdn keeps, and when (commands/fmdn_pair.cpp, fmdn_provision.cpp, fmdn_devices.cpp).
TEST_F(PowerCutTest, NoChangeIsLostOrHalfMade) {
  step(bag([](Device& device) { device.account_key.emplace(std::array<std::uint8_t, 16>{4, 1}); }));
  step(bag([](Device& device) { device.next_eik = eik(1); }));  // sent after this
  step(bag([](Device& device) {
    device.eik = eik(1);
    device.next_eik.reset();
    device.owner = true;
    device.clock = ClockReading{.beacon = 1, .wall = {}};
  }));
  step(bag([](Device& device) { device.next_eik = eik(2); }));
  step(bag([](Device& device) { device.eik = std::exchange(device.next_eik, std::nullopt); }));
  step([](Contents& contents) { return contents.put({.name = "bicycle"}); });
  step(bag([](Device& device) { device.eik.reset(); }));
  step([](Contents& contents) { return contents.remove("bag"); });

  for (const auto& [tree, allowed] : may_be) {
    recorder.put(tree);
    ASSERT_THAT(allowed, testing::Contains(found()));
    Keyring keyring{path, lock, random};
    ASSERT_TRUE(keyring.update([](Contents& contents) { return contents.put({.name = "next"}); }));
    ASSERT_NE(keyring.load()->find("next"), nullptr) << "what the cut has left is in the way";
  }
  std::cout << points << " cut points, " << may_be.size() << " states\n";
  EXPECT_GE(points, 5 * steps);
}

}  // namespace
}  // namespace signet::keyring
