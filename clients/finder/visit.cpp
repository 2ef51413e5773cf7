#include "finder/visit.h"

#include "finder/find_device.h"

namespace signet::finder {

Result<const keyring::Device*> device_named(const keyring::Contents& contents, const std::string& name) {
  if (const auto* device = contents.find(name)) return device;
  std::string known;
  for (const auto& device : contents.devices()) known += (known.empty() ? "" : ", ") + device.name;
  return fail(Errc::not_found, "the keyring holds no device '" + name + "'; it holds " +
                                   (known.empty() ? "none: 'signetctl fmdn pair' adds one" : known));
}

Result<Visit> Visit::begin(const Radio& radio, keyring::Keyring& keyring, const Target& target) {
  SIGNET_ASSIGN(const auto contents, keyring.load());
  SIGNET_ASSIGN(const auto* device, device_named(contents, target.name));
  Visit visit{keyring, device->clone()};
  SIGNET_TRY(visit.connect(radio, target.address));
  return visit;
}

Result<void> Visit::connect(const Radio& radio, const std::string& given_address) {
  SIGNET_ASSIGN(central_, radio.central());
  SIGNET_ASSIGN(address_, find_device(radio, *central_, device_, given_address));
  radio.progress("Connecting to " + address_ + " ...");
  SIGNET_ASSIGN(link_, central_->connect(address_, radio.limit));
  SIGNET_ASSIGN(beacon_, BeaconLink::begin(*link_, radio.limit));
  return {};
}

Result<fmdn::owner::AccountKeyView> Visit::account_key() const {
  if (device_.account_key) return device_.account_key->view();
  return fail(Errc::not_found, "the keyring has no account key of '" + device_.name +
                                   "'; put it into pairing mode and run 'signetctl fmdn pair " + device_.name + "'");
}

Result<const fmdn::Eik*> Visit::eik() const {
  if (device_.eik) return &*device_.eik;
  if (device_.next_eik) {
    return fail(Errc::not_found, "an identity key was sent to '" + device_.name +
                                     "', and the answer is missing. Run 'signetctl fmdn provision " + device_.name +
                                     "' again: it finds out whether the device has it");
  }
  return fail(Errc::not_found, "the keyring has no identity key of '" + device_.name +
                                   "': it is paired, but not provisioned. Run 'signetctl fmdn provision " +
                                   device_.name + "'");
}

Result<void> Visit::keep(const std::function<void(keyring::Device&)>& change) {
  change(device_);
  device_.address = address_;
  return keyring_->update([&](keyring::Contents& contents) -> Result<void> {
    const auto* stored = contents.find(device_.name);
    keyring::Device fresh = stored ? stored->clone() : device_.clone();
    change(fresh);
    fresh.address = address_;
    return contents.put(std::move(fresh));
  });
}

}  // namespace signet::finder
