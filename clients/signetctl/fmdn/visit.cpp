#include "signetctl/fmdn/visit.h"

#include "signetctl/fmdn/find_device.h"
#include "signetctl/fmdn/radio.h"

namespace signet::ctl {

Visit::Visit(Session& session, const KeyringChoice& keyring, const std::string& adapter, const VisitChoice& choice)
    : keyring_{keyring}, device_{device_named(keyring_.load(), choice.name).clone()} {
  central_ = open_central(adapter);
  address_ = find_device(session, *central_, device_, choice.address);
  session.progress("Connecting to " + address_ + " ...");
  link_ = must(central_->connect(address_, limit_of(session)));
  beacon_.emplace(*link_, limit_of(session));
}

fmdn::owner::AccountKeyView Visit::account_key() const {
  if (device_.account_key) return device_.account_key->view();
  throw Failed{Errc::not_found, "the keyring has no account key of '" + device_.name +
                                    "'; put it into pairing mode and run 'signetctl fmdn pair " + device_.name + "'"};
}

const fmdn::Eik& Visit::eik() const {
  if (device_.eik) return *device_.eik;
  throw Failed{Errc::not_found, "the keyring has no identity key of '" + device_.name +
                                    "': it is paired, but not provisioned. Run 'signetctl fmdn provision " +
                                    device_.name + "'"};
}

void Visit::keep(const std::function<void(keyring::Device&)>& change) {
  change(device_);
  device_.address = address_;
  keyring_.update([&](keyring::Contents& contents) -> Result<void> {
    const auto* stored = contents.find(device_.name);
    keyring::Device fresh = stored ? stored->clone() : device_.clone();
    change(fresh);
    fresh.address = address_;
    return contents.put(std::move(fresh));
  });
}

}  // namespace signet::ctl
