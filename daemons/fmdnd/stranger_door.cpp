#include "fmdnd/stranger_door.h"

#include <algorithm>
#include <utility>

namespace signet::fmdnd {
namespace {

dult::Product product_of(const Config& config) {
  const auto& device = config.device;
  dult::Product product{.model_id = device.model_id, .manufacturer = device.manufacturer, .model = device.name};
  product.category = device.category;
  product.capabilities = dult::kLookupByBle | (config.sound.components != 0 ? dult::kPlaysSound : 0U) |
                         (device.nfc ? dult::kLookupByNfc : 0U);
  product.firmware = {device.firmware[0], device.firmware[1], device.firmware[2]};
  return product;
}

}  // namespace

std::optional<dult::Identifier> StrangerDoor::Identifiers::identifier() {
  const auto& eik = memory.record().eik;
  const auto* identity = air != nullptr ? air->identity() : nullptr;
  if (!eik || identity == nullptr) return std::nullopt;
  return dult::make_identifier(BytesView{identity->eid}.first<dult::kTruncatedEidSize>(),
                               fmdn::recovery_key(*eik).view());
}

StrangerDoor::StrangerDoor(boost::asio::io_context& loop, const Config& config, Clients& clients, Ringer& ringer,
                           const Memory& memory)
    : clients_{clients},
      ringer_{ringer},
      identifiers_{memory},
      model_id_{config.device.model_id},
      service_{product_of(config), identifiers_},
      timer_{loop},
      all_components_{fmdn::all_of(static_cast<fmdn::RingParts>(config.sound.components))} {
  clients_.listen([this](ClientId client, const std::string&) { service_.disconnected(client); });
  ringer_.listen([this](fmdn::RingState, const auto& ended) { follow_ring(ended); });
}

std::optional<std::string> StrangerDoor::nfc_url() {
  const auto identifier = identifiers_.identifier();
  if (!identifier) return std::nullopt;
  return dult::nfc_url(*identifier, model_id_);
}

bluez::Service StrangerDoor::service() {
  return {.uuid = std::string{dult::kServiceUuid},
          .characteristics = {{.uuid = std::string{dult::kCharacteristicUuid},
                               .flags = {"write", "indicate"},
                               .read = {},
                               .write = [this](const bluez::Request& request, const Bytes& octets,
                                               const bluez::WriteAnswer& answer) { write(request, octets, answer); },
                               .subscribed = {}}}};
}

Result<void> StrangerDoor::open_identifier_window() {
  auto opened = service_.open_identifier_window(steady_now());
  wait_for_deadline();
  return opened;
}

void StrangerDoor::unprovisioned() { carry_out(service_.unprovisioned()); }

void StrangerDoor::write(const bluez::Request& request, const Bytes& octets, const bluez::WriteAnswer& answer) {
  const auto client = clients_.admit(request);
  if (!client) return answer(bluez::AttError::unlikely);
  const auto outcome = service_.write(*client, octets, request.offset, steady_now());
  if (outcome.error) return answer(static_cast<bluez::AttError>(*outcome.error));
  answer({});
  carry_out(outcome.effects);
}

// There is one client at a time, so that an indication to all who have subscribed is one to its own connection.
void StrangerDoor::carry_out(const dult::Effects& effects) {
  if (effects.stop && effects.stop == sound_) {
    ringer_.ring().stop(fmdn::SoundSource::dult);
    ringer_.follow();
  }
  if (effects.start) start_sound(*effects.start);
  for (const auto& indication : effects.indications) {
    if (notifier_ != nullptr && clients_.present() == indication.to) {
      notifier_->notify(dult::kCharacteristicUuid, indication.value);
    }
  }
  wait_for_deadline();
}

void StrangerDoor::start_sound(dult::SoundId id) {
  const auto now = steady_now();
  const bool granted = ringer_.ring().start({.source = fmdn::SoundSource::dult,
                                             .components = all_components_,
                                             .volume = fmdn::Volume::high,
                                             .until = now + dult::kSoundDuration});
  if (!granted) return carry_out(service_.sound_refused(id));
  sound_ = id;
  taken_over_ = false;
  ringer_.follow();
  const bool rings = ringer_.ringing() != 0;
  if (!rings) sound_.reset();
  carry_out(rings ? service_.sound_started(id, now) : service_.sound_refused(id));
}

void StrangerDoor::follow_ring(const std::vector<fmdn::SoundSource>& ended) {
  if (!sound_) return;
  const auto& sound = ringer_.ring().sound();
  if (sound && sound->source != fmdn::SoundSource::dult && !std::exchange(taken_over_, true)) {
    return carry_out(service_.sound_taken_over(*sound_));
  }
  if (std::find(ended.begin(), ended.end(), fmdn::SoundSource::dult) == ended.end()) return;
  carry_out(service_.sound_ended(*std::exchange(sound_, std::nullopt)));
}

void StrangerDoor::wait_for_deadline() {
  const auto deadline = service_.deadline();
  if (!deadline) return static_cast<void>(timer_.cancel());
  timer_.expires_at(std::chrono::steady_clock::time_point{*deadline});
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) carry_out(service_.advance(steady_now()));
  });
}

}  // namespace signet::fmdnd
