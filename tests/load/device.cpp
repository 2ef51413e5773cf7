#include "load/device.h"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace signet::load {
namespace {

identity::RootSecret root_of(std::uint32_t number) {
  identity::RootSecret root;
  std::memcpy(root.writable().data(), &number, sizeof number);
  return root;
}

identity::MaskedCid cid_of(std::uint32_t number) {
  std::array<std::uint8_t, 16> cid{};
  std::memcpy(&cid[4], &number, sizeof number);
  return identity::mask(cid);
}

SecretBytes<32> derive(const rpmb::StoreId& id) { return SecretBytes<32>{id}; }

}  // namespace

Device::Device(std::uint32_t number, const identity::RegistrarTrust& trust)
    : number_{number},
      trust_{trust},
      root_{root_of(number)},
      cid_{cid_of(number)},
      session_{chip_, identity::rpmb_key(root_, cid_), random_} {
  const auto key = identity::rpmb_key(root_, cid_);
  rpmb::ChipKey programmed;
  std::copy(key.view().begin(), key.view().end(), programmed.begin());
  chip_.program_key(programmed);
  if (!rpmb::format(session_, {.ueid = identity::ueid(root_, cid_)}, derive, random_)) {
    throw std::runtime_error{"format"};
  }
  auto mounted = rpmb::Store::mount(session_, derive, random_);
  if (!mounted) throw std::runtime_error{"mount: " + to_string(mounted.error())};
  store_.emplace(*std::move(mounted));
}

identity::Ids Device::ids() const {
  return {.model_id = "load", .sn = "SN-" + std::to_string(number_), .app_id = "wx1"};
}

identity::Registration Device::registration() {
  return {{.store = *store_,
           .session = session_,
           .root = root_,
           .cid = cid_,
           .transport = "emulator",
           .key_protection = "soft"},
          trust_,
          random_,
          clock_};
}

std::optional<identity::IdentityRecord> Device::identity() {
  return identity::DeviceRecords{*store_}.identity().value_or(std::nullopt);
}

}  // namespace signet::load
