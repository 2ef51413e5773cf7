// A device of the load: a chip in memory, a store on it, and the code of rpmbd that registers it.
#pragma once

#include "base/clock.h"
#include "crypto/random.h"
#include "identity/registration.h"
#include "rpmb/testing/fake_chip.h"

namespace signet::load {

class Device {
 public:
  // Different numbers: different chips and root secrets.
  Device(std::uint32_t number, const identity::RegistrarTrust& trust);

  [[nodiscard]] identity::Ids ids() const;
  [[nodiscard]] identity::Registration registration();
  [[nodiscard]] std::optional<identity::IdentityRecord> identity();

 private:
  std::uint32_t number_;
  const identity::RegistrarTrust& trust_;
  SystemClock clock_;
  crypto::SystemRandom random_;
  identity::RootSecret root_;
  identity::MaskedCid cid_;
  rpmb::testing::FakeChip chip_;
  rpmb::Session session_;
  std::optional<rpmb::Store> store_;
};

}  // namespace signet::load
