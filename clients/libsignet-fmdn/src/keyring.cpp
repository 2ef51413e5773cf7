// What an owner does with the keyring alone, on the caller's thread.
#include <algorithm>

#include "finder/beacon.h"
#include "finder/names.h"
#include "finder/visit.h"
#include "offline.h"
#include "owner.h"
#include "rows.h"

using namespace signet;
using namespace signet::owner;

namespace {

// Runs `body` (keyring::Keyring& -> Result<OwnedResult>) and hands out what it made.
template <class Body>
int with_keyring(signet_owner* owner, signet_result** result, Body body) noexcept {
  if (result) *result = nullptr;
  if (!owner) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    auto* ring = owner->keyring();
    if (!ring) return owner->report({SIGNET_E_INVALID_ARGUMENT, "this handle could not be opened"});
    if (owner->is_busy()) return owner->report({SIGNET_E_BUSY, "an operation over the air is under way"});
    auto made = body(*ring);
    if (!made) return owner->report(made.error());
    if (result) *result = made->release();
    return SIGNET_OK;
  });
}

std::uint64_t seconds(finder::Moment moment) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(moment.time_since_epoch().count(), 0));
}

void add_device(Rows& rows, const keyring::Device& device) {
  rows.row()
      .text("name", device.name)
      .text("state", finder::state_of(device))
      .boolean("owner", device.owner)
      .text("curve", name(device.curve))
      .text("address", device.address);
  if (device.model_id) rows.octets("model_id", *device.model_id);
  if (device.clock) rows.number("clock", device.clock->beacon).number("clock_read_at", seconds(device.clock->wall));
}

// Beacons of the keyring, and the one among them that was seen.
struct Sight {
  std::vector<finder::Beacon> beacons;
  std::optional<finder::Found> found;
};

constexpr std::int64_t kLastSecond = 253'402'300'799;  // of the year 9999

Result<Sight> find(keyring::Keyring& ring, const finder::SeenEid& seen, std::int64_t at, std::uint32_t window) {
  if (window > SIGNET_FMDN_WINDOW_MAX) return fail(Errc::invalid_argument, "window: at most 100000000 s");
  if (at != SIGNET_OWNER_NOW && (at < 0 || at > kLastSecond)) {
    return fail(Errc::invalid_argument, "at: seconds since 1970, or SIGNET_OWNER_NOW");
  }
  SIGNET_ASSIGN(const auto contents, ring.load());
  Sight sight{.beacons = finder::beacons_in(contents), .found = {}};
  const auto time = at == SIGNET_OWNER_NOW ? finder::present() : finder::Moment{std::chrono::seconds{at}};
  SIGNET_ASSIGN(sight.found, finder::search(sight.beacons, seen, {.clock = {}, .time = time}, window));
  return sight;
}

void add_found(Rows& rows, const finder::Found& found, const finder::SeenEid& seen) {
  rows.row().text("device", found.beacon->name).number("clock", found.at.clock).octets("eid", found.at.identity.eid);
  if (const auto when = found.beacon->when(found.at.clock)) {
    rows.number("from", seconds(*when)).number("to", seconds(*when + std::chrono::seconds{fmdn::kPeriod}));
  }
  if (const auto flags = found.flags_of(seen)) {
    rows.text("battery", name(flags->battery)).boolean("unwanted_tracking", flags->unwanted_tracking);
  }
}

}  // namespace

extern "C" {

int signet_owner_devices(signet_owner* owner, signet_result** result) {
  return with_keyring(owner, result, [](keyring::Keyring& ring) -> Result<OwnedResult> {
    SIGNET_ASSIGN(const auto contents, ring.load());
    Rows rows;
    for (const auto& device : contents.devices()) add_device(rows, device);
    return rows.take();
  });
}

int signet_owner_forget(signet_owner* owner, const char* name, unsigned flags) {
  return with_keyring(owner, nullptr, [&](keyring::Keyring& ring) -> Result<OwnedResult> {
    if (!name || (flags & ~SIGNET_OWNER_LOSE_KEY) != 0) {
      return fail(Errc::invalid_argument, "name, flags: a NULL pointer, or flags that this library does not know");
    }
    SIGNET_TRY(ring.update([&](keyring::Contents& contents) -> Result<void> {
      SIGNET_ASSIGN(const auto* device, finder::device_named(contents, name));
      if (device->may_be_beacon() && (flags & SIGNET_OWNER_LOSE_KEY) == 0) {
        return fail(Errc::already_exists, std::string{"'"} + name +
                                              "' has an identity key, which would be lost for good; unprovision it "
                                              "first, or say SIGNET_OWNER_LOSE_KEY");
      }
      return contents.remove(name);
    }));
    return OwnedResult{};
  });
}

int signet_owner_resolve(signet_owner* owner, const uint8_t* seen, size_t size, int64_t at, uint32_t window,
                         signet_result** result) {
  return with_keyring(owner, result, [&](keyring::Keyring& ring) -> Result<OwnedResult> {
    if (!seen) return fail(Errc::invalid_argument, "seen: must not be NULL");
    const auto eid = finder::parse_seen_eid(BytesView{seen, size});
    if (!eid) return fail(eid.error().code, "seen: " + eid.error().context);
    SIGNET_ASSIGN(const Sight sight, find(ring, *eid, at, window));
    Rows rows;
    add_found(rows, *sight.found, *eid);
    return rows.take();
  });
}

int signet_owner_open_report(signet_owner* owner, const signet_fmdn_report* report, const uint8_t* ciphertext,
                             size_t size, int64_t at, uint32_t window, uint8_t* message, signet_result** result) {
  return with_keyring(owner, result, [&](keyring::Keyring& ring) -> Result<OwnedResult> {
    if (!message && size > 0) return fail(Errc::invalid_argument, "message: must not be NULL");
    SIGNET_ASSIGN(const auto sealed, report_of(report, ciphertext, size));
    const finder::SeenEid seen{.urx = sealed.urx, .eid = {}, .frame = {}};
    SIGNET_ASSIGN(const Sight sight, find(ring, seen, at, window));
    SIGNET_ASSIGN(auto opened, fmdn::open(sealed, sight.found->at.identity));
    Rows rows;
    add_found(rows, *sight.found, seen);
    std::ranges::copy(opened, message);
    wipe(opened.data(), opened.size());
    return rows.take();
  });
}

}  // extern "C"
