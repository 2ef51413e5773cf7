#include "fmdnd/fast_pair_door.h"

#include <spdlog/spdlog.h>

#include <chrono>
#include <memory>

#include "base/overloaded.h"
#include "fastpair/uuids.h"

namespace signet::fmdnd {
namespace {

using Steady = std::chrono::steady_clock;

const char* uuid(fastpair::Characteristic which) {
  switch (which) {
    case fastpair::Characteristic::key_based_pairing: return fastpair::kKeyBasedPairingUuid;
    case fastpair::Characteristic::passkey: return fastpair::kPasskeyUuid;
    case fastpair::Characteristic::account_key: return fastpair::kAccountKeyUuid;
    case fastpair::Characteristic::additional_data: return fastpair::kAdditionalDataUuid;
  }
  return "";
}

}  // namespace

FastPairDoor::FastPairDoor(boost::asio::io_context& loop, const Config& config,
                           const crypto::P256PrivateKey& anti_spoofing, Clients& clients, Memory& memory,
                           crypto::Random& random, Events events)
    : clients_{clients},
      memory_{memory},
      events_{std::move(events)},
      provider_{{.bonding = config.device.locator_tag ? fastpair::Bonding::none : fastpair::Bonding::required},
                anti_spoofing,
                memory.record().keys,
                random},
      timer_{loop},
      model_id_{config.device.model_id.begin(), config.device.model_id.end()},
      locator_tag_{config.device.locator_tag} {
  clients_.listen([this](ClientId, const std::string& device) { act(provider_.disconnected(device, Steady::now())); });
}

// A device is named alike as a GATT client and as the other side of a pairing, unless it pairs over BR/EDR under
// another address.
void FastPairDoor::pair_through(bluez::Pairing& pairing) {
  pairing_ = &pairing;
  pairing.listen(
      {.compares =
           [this](const bluez::Pairing::Peer& peer, std::uint32_t passkey) {
             act(provider_.comparison_began(
                 {.device = peer.device, .link = peer.device, .address = peer.address, .passkey = passkey},
                 Steady::now()));
           },
       .bonded =
           [this](const bluez::Pairing::Peer& peer) {
             act(provider_.bonded(peer.device, peer.address, Steady::now()));
           },
       .failed =
           [this](const bluez::Pairing::Peer& peer) { act(provider_.pairing_failed(peer.device, Steady::now())); }});
  follow_sessions();
}

std::vector<bluez::Characteristic> FastPairDoor::characteristics() {
  std::vector<bluez::Characteristic> all{
      characteristic(Which::key_based_pairing, true), characteristic(Which::passkey, true),
      characteristic(Which::account_key, false), characteristic(Which::additional_data, true)};
  if (locator_tag_) return all;  // which shows nothing that tells it from others
  all.push_back({.uuid = fastpair::kModelIdUuid,
                 .flags = {"read"},
                 .read = [this](const bluez::Request&, const bluez::ReadAnswer& answer) { answer(model_id_); },
                 .write = {},
                 .subscribed = {}});
  return all;
}

void FastPairDoor::restore() {
  act(provider_.reset());
  provider_.set_name(memory_.record().name);
}

bluez::Characteristic FastPairDoor::characteristic(Which which, bool notifies) {
  std::vector<std::string> flags{"write"};
  if (notifies) flags.emplace_back("notify");
  return {.uuid = uuid(which),
          .flags = std::move(flags),
          .read = {},
          .write = [this, which](const bluez::Request& request, const Bytes& octets,
                                 bluez::WriteAnswer answer) { write(which, request, octets, std::move(answer)); },
          .subscribed = {}};
}

void FastPairDoor::write(Which which, const bluez::Request& request, const Bytes& octets, bluez::WriteAnswer answer) {
  const auto client = clients_.admit(request);
  if (!client || !memory_.known()) return answer(bluez::AttError::unlikely);
  if (request.offset != 0) return answer(bluez::AttError::invalid_offset);
  if (which == Which::key_based_pairing) events_.asked();
  auto reply = provider_.write(which, request.device, octets, Steady::now());
  finish(std::move(reply), std::move(answer));
  follow_sessions();
}

// Keys and names are stored before the write is answered.
void FastPairDoor::finish(fastpair::Reply reply, bluez::WriteAnswer answer) {
  carry_out(reply.decisions);
  if (reply.att != fastpair::Att::success) return answer(static_cast<bluez::AttError>(reply.att));
  const auto stored = [this, answer](const Result<void>& outcome, bool keys) {
    if (!outcome) {
      spdlog::error("a pairing is not stored: {}", to_string(outcome.error()));
      return answer(bluez::AttError::unlikely);
    }
    provider_.set_name(memory_.record().name);
    answer({});
    if (keys) events_.keys_changed();
  };
  for (auto& decision : reply.decisions) {
    if (auto* keys = std::get_if<fastpair::StoreKeys>(&decision); keys != nullptr && !keys->order_only) {
      auto kept = std::make_shared<fastpair::AccountKeys>(std::move(keys->keys));
      return memory_.change(
          [this, kept, generation = memory_.generation()](Record& record) -> Result<void> {
            if (generation != memory_.generation()) return fail(Errc::cancelled, "the device was reset meanwhile");
            record.keys = kept->clone();
            return {};
          },
          [stored](const Result<void>& outcome) { stored(outcome, true); });
    }
    if (auto* name = std::get_if<fastpair::StoreName>(&decision)) {
      return memory_.change(
          [this, text = name->name, generation = memory_.generation()](Record& record) -> Result<void> {
            if (generation != memory_.generation()) return fail(Errc::cancelled, "the device was reset meanwhile");
            record.name = text;
            return {};
          },
          [stored](const Result<void>& outcome) { stored(outcome, false); });
    }
  }
  answer({});
}

void FastPairDoor::act(fastpair::Decisions decisions) {
  carry_out(decisions);
  follow_sessions();
}

// All but what finish() stores.
void FastPairDoor::carry_out(fastpair::Decisions& decisions) {
  for (auto& decision : decisions) {
    std::visit(Overloaded{[this](fastpair::Notify& notify) {
                            if (notifier_ != nullptr) notifier_->notify(uuid(notify.characteristic), notify.octets);
                          },
                          [this](fastpair::StoreKeys& keys) {
                            if (!keys.order_only) return;
                            memory_.note([&keys](Record& record) { record.keys = std::move(keys.keys); });
                          },
                          [](const fastpair::StoreName&) {},
                          [this](fastpair::DeviceAction& action) {
                            events_.device_action(action.group, action.code, action.data);
                          },
                          [this](const fastpair::StartBonding& start) {
                            if (pairing_ != nullptr) pairing_->begin(start.seeker);
                          },
                          [this](const fastpair::ConfirmPairing& confirm) {
                            if (pairing_ != nullptr) pairing_->confirm(confirm.device);
                          },
                          [this](const fastpair::RejectPairing& reject) {
                            if (pairing_ != nullptr) pairing_->reject(reject.device);
                          },
                          [this](const fastpair::LeavePairing& leave) {  // nobody else here could judge it
                            if (pairing_ != nullptr) pairing_->reject(leave.device);
                          }},
               decision);
  }
}

// What the sessions wait for: a moment, and a pairing. Whoever has one is not in the way of others; but anybody gets
// one in pairing mode, so that it proves nothing.
void FastPairDoor::follow_sessions() {
  if (const auto client = clients_.present()) {
    clients_.busy(*client, provider_.session_open(*clients_.device(*client)));
  }
  if (pairing_ != nullptr) pairing_->expect(provider_.expects_pairing());
  const auto deadline = provider_.deadline();
  if (!deadline) return static_cast<void>(timer_.cancel());
  timer_.expires_at(*deadline);
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) act(provider_.expire(Steady::now()));
  });
}

}  // namespace signet::fmdnd
