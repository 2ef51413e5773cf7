// A connection to a device of the keyring for the length of one operation.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "finder/beacon_link.h"
#include "finder/radio.h"
#include "keyring/keyring.h"

namespace signet::finder {

struct Target {
  std::string name;     // of the keyring
  std::string address;  // empty: it is looked for
};

// The device of that name. not_found: says which names there are.
Result<const keyring::Device*> device_named(const keyring::Contents& contents, const std::string& name);

class Visit {
 public:
  // Finds the device and connects. Keeps a reference to `keyring`.
  static Result<Visit> begin(const Radio& radio, keyring::Keyring& keyring, const Target& target);

  [[nodiscard]] const keyring::Device& device() const { return device_; }
  BeaconLink& beacon() { return *beacon_; }

  // The keys it takes to ask. not_found: says what to do.
  [[nodiscard]] Result<fmdn::owner::AccountKeyView> account_key() const;
  [[nodiscard]] Result<const fmdn::Eik*> eik() const;

  // Keeps what has changed; the device's address, too.
  Result<void> keep(const std::function<void(keyring::Device&)>& change);

 private:
  Visit(keyring::Keyring& keyring, keyring::Device device) : keyring_{&keyring}, device_{std::move(device)} {}
  Result<void> connect(const Radio& radio, const std::string& given_address);

  keyring::Keyring* keyring_;
  keyring::Device device_;
  std::string address_;
  std::unique_ptr<bluez::Central> central_;
  std::unique_ptr<bluez::Link> link_;
  std::optional<BeaconLink> beacon_;
};

}  // namespace signet::finder
