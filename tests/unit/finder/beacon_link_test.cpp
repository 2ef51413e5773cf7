// Waiting for an answer among other notifications.
#include "finder/beacon_link.h"

#include <gtest/gtest.h>

namespace signet::finder {
namespace {

using std::chrono::milliseconds;

// Notifies without end, and of nothing that was asked.
class Chatterer final : public bluez::Link {
 public:
  Result<bluez::ReadOutcome> read(const std::string&, milliseconds) override {
    return bluez::ReadOutcome{Bytes{1, 0, 1, 2, 3, 4, 5, 6, 7}};
  }
  Result<bluez::WriteOutcome> write(const std::string&, BytesView, milliseconds) override {
    return bluez::WriteOutcome{};
  }
  Result<void> subscribe(const std::string&, milliseconds) override { return {}; }
  Result<Bytes> next_notification(const std::string&, milliseconds) override { return octets; }
  bool has(const std::string&) override { return true; }

  Bytes octets;
};

Result<BeaconLink::Answer> ask(Chatterer& link) {
  const SecretBytes<16> key{std::array<std::uint8_t, 16>{4, 1}};
  auto beacon = BeaconLink::begin(link, milliseconds{20}).value();
  return beacon.ask([&](const auto& nonce) { return fmdn::owner::read_provisioning_state(nonce, key.view()); });
}

TEST(BeaconLink, ADeviceThatNotifiesWithoutEndDoesNotOutlastTheLimit) {
  Chatterer link;
  link.octets = {0x05, 0x00};

  const auto answer = ask(link);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::timeout);
}

TEST(BeaconLink, ForgedAnswersWithoutEndAreSaidToBeForged) {
  Chatterer link;
  link.octets = {0x01, 0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x02};

  const auto answer = ask(link);

  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, Errc::bad_signature);
}

}  // namespace
}  // namespace signet::finder
