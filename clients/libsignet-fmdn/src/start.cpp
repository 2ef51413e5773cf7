// signet_owner_start_*: one function per operation; each only says what it needs and what its row holds.
#include <cstring>

#include "finder/model_key.h"
#include "finder/pair.h"
#include "finder/provisioning.h"
#include "finder/requests.h"
#include "finder/scan.h"
#include "finder/stranger.h"
#include "libsignet/src/known.h"
#include "offline.h"
#include "owner.h"
#include "rows.h"

using namespace signet;
using namespace signet::owner;

namespace {

using Made = Result<OwnedResult>;

Failure unknown_flags() { return fail(Errc::invalid_argument, "flags: some that this library does not know"); }

// Starts what `make` (keyring::Keyring& -> Result<Work::Operation>) returns.
template <class Make>
signet_owner_call* start(signet_owner* owner, Make make) noexcept try {
  if (!owner) return nullptr;
  const bool busy = owner->is_busy();
  auto call = std::make_unique<signet_owner_call>(*owner);
  auto* ring = owner->keyring();
  auto operation = busy    ? Result<Work::Operation>{fail(Errc::busy, "another operation over the air is under way")}
                   : !ring ? Result<Work::Operation>{fail(Errc::invalid_argument, "this handle could not be opened")}
                           : make(*ring);
  if (operation) {
    call->start(*std::move(operation));
  } else {
    call->finish({status_of(operation.error().code), operation.error().context});
  }
  return call.release();
} catch (const std::exception&) {
  return nullptr;
}

// The same for an operation on a device of the keyring: `body` (radio, keyring, target, tell) -> Made.
template <class Body>
Result<Work::Operation> on_device(keyring::Keyring& ring, const char* name, const char* address, Body body) {
  if (!name) return fail(Errc::invalid_argument, "name: must not be NULL");
  finder::Target target{.name = name, .address = address ? address : ""};
  return Work::Operation{
      [&ring, target = std::move(target), body = std::move(body)](const finder::Radio& radio, const Work::Tell& tell) {
        return body(radio, ring, target, tell);
      }};
}

template <class Body>
signet_owner_call* start_on_device(signet_owner* owner, const char* name, const char* address, Body body) {
  return start(owner, [&](keyring::Keyring& ring) { return on_device(ring, name, address, std::move(body)); });
}

// Octets that outlive the caller's: operations are copied, secrets are not.
template <std::size_t Size>
std::shared_ptr<const SecretBytes<Size>> kept(const uint8_t* octets) {
  return std::make_shared<const SecretBytes<Size>>(std::span<const std::uint8_t, Size>{octets, Size});
}

OwnedResult row_of(const std::string& name, const finder::Paired& paired) {
  Rows rows;
  rows.row()
      .text("name", name)
      .text("address", paired.address)
      .octets("model_id", paired.model)
      .boolean("owner", paired.owner);
  return rows.take();
}

OwnedResult row_of(const std::string& device, const finder::Provisioned& made) {
  Rows rows;
  rows.row().text("name", device).octets("eid", made.eid).text("curve", name(made.curve)).number("clock", made.clock);
  return rows.take();
}

OwnedResult row_of(const finder::Parameters& read) {
  Rows rows;
  rows.row()
      .real("calibrated_power", read.told.calibrated_power)
      .number("clock", read.told.clock)
      .text("curve", name(read.told.curve))
      .texts("ring_components", names_of(fmdn::all_of(read.told.ring_parts)))
      .boolean("ring_volumes", read.told.ring_volumes);
  if (read.clock_offset) rows.real("clock_offset", static_cast<double>(*read.clock_offset));
  return rows.take();
}

OwnedResult row_of(const finder::State& state) {
  Rows rows;
  rows.row().boolean("provisioned", state.told.provisioned).boolean("owner", state.told.owner);
  if (state.told.provisioned) rows.octets("eid", state.told.eid);
  if (state.ringing) {
    rows.texts("ringing", names_of(state.ringing->ringing))
        .real("ring_seconds_left", state.ringing->left.count() / 10.0);
  }
  return rows.take();
}

OwnedResult row_of(const fmdn::RingNotice& notice) {
  Rows rows;
  add_notice(rows, notice);
  return rows.take();
}

Result<fmdn::RingRequest> request_of(const signet_owner_ringing& ringing) {
  constexpr std::uint32_t kComponents = SIGNET_OWNER_RING_RIGHT | SIGNET_OWNER_RING_LEFT | SIGNET_OWNER_RING_CASE;
  constexpr std::uint16_t kUsual = 300;
  const std::uint32_t components = ringing.components == 0 ? SIGNET_OWNER_RING_ALL : ringing.components;
  if (components != SIGNET_OWNER_RING_ALL && (components & ~kComponents) != 0) {
    return fail(Errc::invalid_argument, "components: right, left and case, or all");
  }
  if (ringing.deciseconds > fmdn::kLongestRing.count()) {
    return fail(Errc::invalid_argument, "deciseconds: at most 6000");
  }
  if (ringing.volume > 3) return fail(Errc::invalid_argument, "volume: at most 3");
  const auto time = ringing.deciseconds == 0 ? kUsual : static_cast<std::uint16_t>(ringing.deciseconds);
  return fmdn::RingRequest{.operation = static_cast<std::uint8_t>(components),
                           .timeout = fmdn::Deciseconds{time},
                           .volume = static_cast<std::uint8_t>(ringing.volume)};
}

Result<Work::Operation> ringing_with(keyring::Keyring& ring, const char* name, const char* address,
                                     const fmdn::RingRequest& request, bool wait) {
  return on_device(ring, name, address,
                   [request, wait](const auto& radio, auto& keys, const auto& target, const auto& tell) -> Made {
                     const auto heard = [&](const fmdn::RingNotice& notice) { tell(row_of(notice)); };
                     SIGNET_ASSIGN(const auto last, finder::ring(radio, keys, target, request, wait, heard));
                     return row_of(last);
                   });
}

Result<Work::Operation> scanning(keyring::Keyring& ring, uint32_t time_ms, unsigned flags) {
  if ((flags & ~SIGNET_OWNER_NAME_MINE) != 0) return unknown_flags();
  return Work::Operation{[&ring, time_ms, flags](const finder::Radio& radio, const Work::Tell& tell) -> Made {
    keyring::Contents mine;
    if ((flags & SIGNET_OWNER_NAME_MINE) != 0) {
      SIGNET_ASSIGN(mine, ring.load());
    }
    const auto on_heard = [&](const auto&, const std::string& address, const finder::Heard& one, bool news) {
      if (!news) return true;
      Rows rows;
      add_heard(rows, address, one);
      tell(rows.take());
      return true;
    };
    SIGNET_ASSIGN(const auto all, finder::scan(radio, std::chrono::milliseconds{time_ms}, mine, on_heard));
    Rows rows;
    for (const auto& [address, one] : all) add_heard(rows, address, one);
    return rows.take();
  }};
}

Result<Work::Operation> pairing_with(keyring::Keyring& ring, const char* name, const signet_owner_pairing* given) {
  const auto pairing = signet::client::known_fields(given);
  if (!pairing) return fail(Errc::invalid_argument, "pairing: of a size that this library does not know");
  if (!name) return fail(Errc::invalid_argument, "name: must not be NULL");
  finder::Wanted wanted{.name = name, .address = pairing->address ? pairing->address : "", .model = {}};
  if (pairing->model_id) {
    wanted.model.emplace();
    std::memcpy(wanted.model->data(), pairing->model_id, wanted.model->size());
  }
  std::optional<fastpair::PublicKey> key;
  if (pairing->model_key) {
    key.emplace();
    std::memcpy(key->data(), pairing->model_key, key->size());
  }
  return Work::Operation{[&ring, wanted, key](const finder::Radio& radio, const Work::Tell&) -> Made {
    const auto key_of = [&](const fastpair::ModelId& model) {
      return key ? Result<fastpair::PublicKey>{*key} : finder::known_model_key(ring.path(), model);
    };
    SIGNET_ASSIGN(const auto paired, finder::pair(radio, ring, wanted, key_of));
    return row_of(wanted.name, paired);
  }};
}

Result<Work::Operation> provisioning(keyring::Keyring& ring, const char* name, const char* address, const uint8_t* eik,
                                     unsigned flags) {
  if ((flags & ~SIGNET_OWNER_REPLACE) != 0) return unknown_flags();
  const auto key = eik ? kept<fmdn::kEikSize>(eik) : nullptr;
  const bool replace = (flags & SIGNET_OWNER_REPLACE) != 0;
  const auto may_replace = [replace](const std::string& question) -> Result<void> {
    if (replace) return {};
    return fail(Errc::already_exists, question + " SIGNET_OWNER_REPLACE replaces it");
  };
  return on_device(ring, name, address,
                   [key, may_replace](const auto& radio, auto& keys, const auto& target, const auto&) -> Made {
                     SIGNET_ASSIGN(const auto made, finder::provision(radio, keys, target, key.get(), may_replace));
                     return row_of(target.name, made);
                   });
}

Result<Work::Operation> with_address(const char* address,
                                     std::function<Made(const finder::Radio&, const std::string&)> body) {
  if (!address) return fail(Errc::invalid_argument, "address: must not be NULL");
  return Work::Operation{[where = std::string{address}, body = std::move(body)](
                             const finder::Radio& radio, const Work::Tell&) { return body(radio, where); }};
}

Made identified(const finder::Radio& radio, const std::string& address) {
  SIGNET_ASSIGN(const auto facts, finder::identify(radio, address));
  Rows rows;
  rows.row();
  for (const auto& fact : facts) rows.text(fact.member, fact.text);
  return rows.take();
}

}  // namespace

extern "C" {

signet_owner_call* signet_owner_start_scan(signet_owner* owner, uint32_t time_ms, unsigned flags) {
  return start(owner, [&](keyring::Keyring& ring) { return scanning(ring, time_ms, flags); });
}

signet_owner_call* signet_owner_start_pair(signet_owner* owner, const char* name, const signet_owner_pairing* pairing) {
  return start(owner, [&](keyring::Keyring& ring) { return pairing_with(ring, name, pairing); });
}

signet_owner_call* signet_owner_start_provision(signet_owner* owner, const char* name, const char* address,
                                                const uint8_t* eik, unsigned flags) {
  return start(owner, [&](keyring::Keyring& ring) { return provisioning(ring, name, address, eik, flags); });
}

signet_owner_call* signet_owner_start_params(signet_owner* owner, const char* name, const char* address) {
  return start_on_device(owner, name, address,
                         [](const auto& radio, auto& ring, const auto& target, const auto&) -> Made {
                           SIGNET_ASSIGN(const auto read, finder::read_parameters(radio, ring, target));
                           return row_of(read);
                         });
}

signet_owner_call* signet_owner_start_state(signet_owner* owner, const char* name, const char* address) {
  return start_on_device(owner, name, address,
                         [](const auto& radio, auto& ring, const auto& target, const auto&) -> Made {
                           SIGNET_ASSIGN(const auto state, finder::read_state(radio, ring, target));
                           return row_of(state);
                         });
}

signet_owner_call* signet_owner_start_ring(signet_owner* owner, const char* name, const char* address,
                                           const signet_owner_ringing* ringing) {
  return start(owner, [&](keyring::Keyring& ring) -> Result<Work::Operation> {
    const auto known = signet::client::known_fields(ringing);
    if (!known) return fail(Errc::invalid_argument, "ringing: of a size that this library does not know");
    SIGNET_ASSIGN(const auto request, request_of(*known));
    return ringing_with(ring, name, address, request, known->wait != 0);
  });
}

signet_owner_call* signet_owner_start_stop(signet_owner* owner, const char* name, const char* address) {
  return start(owner, [&](keyring::Keyring& ring) { return ringing_with(ring, name, address, {}, false); });
}

signet_owner_call* signet_owner_start_protection(signet_owner* owner, const char* name, const char* address, int on,
                                                 unsigned flags) {
  return start(owner, [&](keyring::Keyring& ring) -> Result<Work::Operation> {
    if ((flags & ~SIGNET_OWNER_ANYBODY_MAY_RING) != 0) return unknown_flags();
    const bool anybody = (flags & SIGNET_OWNER_ANYBODY_MAY_RING) != 0;
    if (anybody && on == 0) return fail(Errc::invalid_argument, "flags: go with turning it on only");
    const auto protection = on == 0   ? finder::Protection::off
                            : anybody ? finder::Protection::on_and_anybody_may_ring
                                      : finder::Protection::on;
    return on_device(ring, name, address,
                     [protection](const auto& radio, auto& keys, const auto& target, const auto&) -> Made {
                       SIGNET_TRY(finder::protect(radio, keys, target, protection));
                       return OwnedResult{};
                     });
  });
}

signet_owner_call* signet_owner_start_recover(signet_owner* owner, const char* name, const char* address,
                                              const uint8_t* recovery_key) {
  return start(owner, [&](keyring::Keyring& ring) {
    const auto key = recovery_key ? kept<SIGNET_FMDN_RECOVERY_KEY_SIZE>(recovery_key) : nullptr;
    return on_device(ring, name, address,
                     [key](const auto& radio, auto& keys, const auto& target, const auto&) -> Made {
                       SIGNET_TRY(finder::recover(radio, keys, target, key.get()));
                       return OwnedResult{};
                     });
  });
}

signet_owner_call* signet_owner_start_unprovision(signet_owner* owner, const char* name, const char* address) {
  return start_on_device(owner, name, address,
                         [](const auto& radio, auto& ring, const auto& target, const auto&) -> Made {
                           SIGNET_TRY(finder::unprovision(radio, ring, target));
                           return OwnedResult{};
                         });
}

signet_owner_call* signet_owner_start_identify(signet_owner* owner, const char* address) {
  return start(owner, [&](keyring::Keyring&) { return with_address(address, identified); });
}

signet_owner_call* signet_owner_start_sound(signet_owner* owner, const char* address, int stop_after_ms) {
  std::optional<std::chrono::milliseconds> stop_after;
  if (stop_after_ms >= 0) stop_after.emplace(stop_after_ms);
  return start(owner, [&](keyring::Keyring&) {
    return with_address(address, [stop_after](const finder::Radio& radio, const std::string& where) -> Made {
      SIGNET_ASSIGN(const auto end, finder::sound(radio, where, stop_after));
      Rows rows;
      rows.row().text("sound", end == finder::SoundEnd::completed ? "completed" : "stopped");
      return rows.take();
    });
  });
}

}  // extern "C"
