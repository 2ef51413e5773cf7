// Beacon Actions over a connection: a nonce is read, a request written, its answer waited for and verified.
#pragma once

#include <chrono>
#include <string_view>

#include "bluez/central/central.h"
#include "fmdn/owner/answers.h"
#include "fmdn/owner/exchange.h"
#include "signetctl/session.h"

namespace signet::ctl {

class BeaconLink {
 public:
  // Enables notifications. Throws Failed: not_found: not a beacon; what the connection says.
  BeaconLink(bluez::Link& link, std::chrono::milliseconds limit);

  struct Answer {
    fmdn::owner::Exchange exchange;
    Bytes data;
  };
  // `make`: Nonce -> fmdn::owner::Exchange. Throws Failed: access_denied for 0x80 and 0x82, invalid_argument for 0x81,
  // io for any other error of the accessory; bad_signature: answers came, but none that this accessory could have
  // given; timeout.
  template <class Make>
  Answer ask(Make make) {
    return exchange(make(read_nonce()));
  }

  // The next notification that belongs to a ring request. Throws Failed: timeout; io.
  fmdn::RingNotice next_notice(const fmdn::owner::Exchange& ringing, std::chrono::milliseconds limit);

 private:
  fmdn::Nonce read_nonce();
  Answer exchange(fmdn::owner::Exchange exchange);
  Bytes wait_for(const fmdn::owner::Exchange& exchange, std::chrono::milliseconds limit);

  bluez::Link& link_;
  std::chrono::milliseconds limit_;
};

// The exit status and text of an error that an accessory gave to a request.
Failed refused(bluez::AttError error, fmdn::DataId request);

}  // namespace signet::ctl
