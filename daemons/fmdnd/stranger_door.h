// The DULT service behind a GATT server: what strangers may ask of a device that has been away from its owner.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "bluez/gatt.h"
#include "dult/service.h"
#include "fmdnd/air.h"
#include "fmdnd/clients.h"
#include "fmdnd/config.h"
#include "fmdnd/ringer.h"

namespace signet::fmdnd {

class StrangerDoor {
 public:
  StrangerDoor(boost::asio::io_context& loop, const Config& config, Clients& clients, Ringer& ringer,
               const Memory& memory);

  [[nodiscard]] bluez::Service service();
  void answer_through(bluez::Notifier& notifier) { notifier_ = &notifier; }
  void know_air(const Air& air) { identifiers_.air = &air; }

  void set_separated(bool separated) { service_.set_separated(separated); }
  Result<void> open_identifier_window();
  [[nodiscard]] bool identifier_window_open() const { return service_.identifier_window_open(steady_now()); }
  void unprovisioned();

  // What an NFC tag has to show now; nothing: there is no owner.
  [[nodiscard]] std::optional<std::string> nfc_url();

 private:
  struct Identifiers final : dult::IdentifierSource {
    explicit Identifiers(const Memory& of) : memory{of} {}
    std::optional<dult::Identifier> identifier() override;
    const Memory& memory;
    const Air* air = nullptr;
  };

  void write(const bluez::Request& request, const Bytes& octets, const bluez::WriteAnswer& answer);
  void carry_out(const dult::Effects& effects);
  void start_sound(dult::SoundId id);
  void follow_ring(const std::vector<fmdn::SoundSource>& ended);
  void wait_for_deadline();

  Clients& clients_;
  Ringer& ringer_;
  Identifiers identifiers_;
  dult::ModelId model_id_;
  dult::Service service_;
  boost::asio::steady_timer timer_;
  fmdn::Components all_components_;
  bluez::Notifier* notifier_ = nullptr;
  std::optional<dult::SoundId> sound_;  // that we have asked the ringer for
  bool taken_over_ = false;
};

}  // namespace signet::fmdnd
