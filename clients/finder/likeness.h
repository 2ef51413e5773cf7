// Whether an advert comes from a device of the keyring.
#pragma once

#include <vector>

#include "bluez/central/central.h"
#include "finder/eid_window.h"
#include "finder/moment.h"
#include "keyring/contents.h"

namespace signet::finder {

// How sure it is.
enum class Likeness : std::uint8_t { no, maybe, yes };

// What one device is known by. Adverts cost no multiplication on the curve, but for the first that is judged, and one
// for each key as often as identifiers change.
class Portrait {
 public:
  explicit Portrait(const keyring::Device& device);

  // Computes its identifiers now, rather than with the first advert.
  void prepare(Moment now);
  // yes: its identifier, within a day of the clock that it should have; maybe: a filter that fits its account key; or
  // its last address, when nothing else is known of it.
  [[nodiscard]] Likeness likeness(const bluez::Sighting& seen, Moment now);

  [[nodiscard]] const std::string& name() const { return device_.name; }
  [[nodiscard]] std::size_t computed() const;  // identifiers, ever

 private:
  [[nodiscard]] bool is_beacon(const bluez::Sighting& seen, Moment now);
  [[nodiscard]] bool may_be_provider(const bluez::Sighting& seen) const;

  keyring::Device device_;
  std::vector<EidWindow> eids_;  // of each key that it may have
};

}  // namespace signet::finder
