// A connection to a device of the keyring for the length of one command.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "signetctl/fmdn/beacon_link.h"
#include "signetctl/fmdn/open_keyring.h"

namespace signet::ctl {

struct VisitChoice {
  std::string name;     // of the keyring
  std::string address;  // empty: it is looked for
};

class Visit {
 public:
  // Finds the device and connects. Throws Failed.
  Visit(Session& session, const KeyringChoice& keyring, const std::string& adapter, const VisitChoice& choice);

  [[nodiscard]] const keyring::Device& device() const { return device_; }
  BeaconLink& beacon() { return *beacon_; }

  // The keys it takes to ask. Throw Failed: not_found, and say what to do.
  [[nodiscard]] fmdn::owner::AccountKeyView account_key() const;
  [[nodiscard]] const fmdn::Eik& eik() const;

  // Keeps what has changed; the device's address, too. Throws Failed.
  void keep(const std::function<void(keyring::Device&)>& change);

 private:
  OpenKeyring keyring_;
  keyring::Device device_;
  std::string address_;
  std::unique_ptr<bluez::Central> central_;
  std::unique_ptr<bluez::Link> link_;
  std::optional<BeaconLink> beacon_;
};

}  // namespace signet::ctl
