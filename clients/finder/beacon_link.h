// Beacon Actions over a connection: a nonce is read, a request written, its answer waited for and verified.
#pragma once

#include <chrono>
#include <string_view>

#include "bluez/central/central.h"
#include "fmdn/owner/answers.h"
#include "fmdn/owner/exchange.h"

namespace signet::finder {

class BeaconLink {
 public:
  // Enables notifications. Keeps a reference to `link`. Errors: not_found: not a beacon; what the connection says.
  static Result<BeaconLink> begin(bluez::Link& link, std::chrono::milliseconds limit);

  struct Answer {
    fmdn::owner::Exchange exchange;
    Bytes data;
  };
  // `make`: Nonce -> fmdn::owner::Exchange. Errors: access_denied for 0x80 and 0x82, invalid_argument for 0x81, io for
  // any other error of the accessory; bad_signature: answers came, but none that this accessory could have given;
  // timeout.
  template <class Make>
  Result<Answer> ask(Make make) {
    SIGNET_ASSIGN(const fmdn::Nonce nonce, read_nonce());
    return exchange(make(nonce));
  }

  // The next notification that belongs to a ring request. Errors: timeout; io.
  Result<fmdn::RingNotice> next_notice(const fmdn::owner::Exchange& ringing, std::chrono::milliseconds limit);

 private:
  BeaconLink(bluez::Link& link, std::chrono::milliseconds limit) : link_{&link}, limit_{limit} {}
  Result<fmdn::Nonce> read_nonce();
  Result<Answer> exchange(fmdn::owner::Exchange exchange);
  Result<Bytes> wait_for(const fmdn::owner::Exchange& exchange, std::chrono::milliseconds limit);

  bluez::Link* link_;
  std::chrono::milliseconds limit_;
};

}  // namespace signet::finder
