// The identifiers of one key around the present, each computed once: adverts come faster than a curve multiplies, and
// anybody can make them up.
#pragma once

#include <map>
#include <optional>

#include "fmdn/eid.h"

namespace signet::finder {

class EidWindow {
 public:
  // `window`: seconds either way of the beacon's clock.
  EidWindow(fmdn::Eik eik, fmdn::Curve curve, std::uint32_t window);

  // Computes what has come into the window of `clock` since the last time: all of it at first, then one identifier in
  // fmdn::kPeriod seconds.
  void move_to(std::uint32_t clock);
  [[nodiscard]] bool holds(const Bytes& eid) const;  // no multiplication

  [[nodiscard]] std::size_t computed() const { return computed_; }  // so many identifiers, ever

 private:
  [[nodiscard]] Bytes eid_at(std::uint32_t clock) const;

  fmdn::Eik eik_;
  fmdn::Curve curve_;
  std::uint32_t periods_;  // either way
  std::optional<std::uint32_t> middle_;
  std::map<std::uint32_t, Bytes> eids_;  // by the period's first second; empty: it has none
  std::size_t computed_ = 0;
};

}  // namespace signet::finder
