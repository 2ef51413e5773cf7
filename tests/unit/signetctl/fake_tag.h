// A locator tag as a central meets it: the accessory's own halves of Fast Pair, Beacon Actions and DULT, without a
// radio. What a test wants to go wrong is said beforehand.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <string>

#include "bluez/central/central.h"
#include "dult/service.h"
#include "fastpair/advert.h"
#include "fastpair/provider.h"
#include "fmdn/beacon_actions.h"

namespace signet::ctl {

class FakeTag final : public dult::IdentifierSource {
 public:
  static constexpr const char* kAddress = "00:AA:01:00:00:00";
  static constexpr fastpair::ModelId kModel{0x12, 0x34, 0x56};

  explicit FakeTag(bool locator_tag = true);

  // What it advertises now; `address` may be another one each time.
  [[nodiscard]] bluez::Sighting sighting();

  // What a connection does. Notifications are queued for next_notification().
  bluez::ReadOutcome read(const std::string& uuid);
  Result<bluez::WriteOutcome> write(const std::string& uuid, BytesView value);
  Result<Bytes> next_notification(const std::string& uuid, std::chrono::milliseconds limit);
  void subscribe(const std::string& uuid) { subscribed_[uuid] = true; }
  void disconnected();
  Result<std::uint32_t> begin_bonding();
  Result<void> finish_bonding(bool same);

  std::optional<dult::Identifier> identifier() override;

  [[nodiscard]] Bytes public_key() const { return anti_spoofing.public_der(); }
  [[nodiscard]] bool provisioned() const { return actions.eik() != nullptr; }

  // The world around it.
  crypto::SystemRandom random;
  crypto::P256PrivateKey anti_spoofing = crypto::P256PrivateKey::generate();
  fmdn::Profile profile;
  std::string address = kAddress;
  std::uint32_t clock = 50'000;
  bool pairing_mode = true;
  bool consent = false;
  bool lose_answers = false;   // after a write has taken effect
  bool forge_answers = false;  // one bit of each notification is changed
  bool refuse_reads = false;
  bool somebody_between = false;  // when it bonds
  bool bonded = false;
  std::function<void()> before_write;

  fastpair::AccountKeys keys{fastpair::KeepKeys::only_one};
  fmdn::Ring ring;
  fmdn::BeaconActions actions;
  dult::Service dult;

 private:
  static constexpr fmdn::ConnectionId kConnection = 1;
  static constexpr const char* kLink = "link";

  bluez::WriteOutcome write_pairing(fastpair::Characteristic to, BytesView value);
  bluez::WriteOutcome write_beacon(BytesView value);
  bluez::WriteOutcome write_dult(BytesView value);
  void persist(const fmdn::Change& change);
  void carry_out(const dult::Effects& effects);
  void pass(std::chrono::milliseconds time);
  void notify(const std::string& uuid, Bytes value);
  [[nodiscard]] Bytes eid() const;

  fastpair::Provider provider_;
  fmdn::Instant now_{1'000'000};
  std::optional<dult::SoundId> sound_;
  bool confirmed_ = false;
  std::map<std::string, bool> subscribed_;
  std::map<std::string, std::deque<Bytes>> notifications_;
};

// The air with one tag on it.
class FakeCentral final : public bluez::Central {
 public:
  explicit FakeCentral(FakeTag& tag, bool& in_range) : tag_{tag}, in_range_{in_range} {}

  Result<void> scan(std::chrono::milliseconds, const Seen& seen) override {
    if (in_range_) seen(tag_.sighting());
    return {};
  }
  Result<std::unique_ptr<bluez::Link>> connect(const std::string& address, std::chrono::milliseconds limit) override;

 private:
  FakeTag& tag_;
  bool& in_range_;
};

}  // namespace signet::ctl
