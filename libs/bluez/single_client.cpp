#include "bluez/single_client.h"

#include <utility>

namespace signet::bluez {

SingleClient::Verdict SingleClient::arrives(const std::string& device, Time now) {
  if (present_ == device) {
    last_ = now;
    return {.admitted = true};
  }
  const bool makes_room = !authenticated_ && !busy_ && (now - last_ >= kIdle || now - since_ >= kUnproved);
  if (present_ && !makes_room) return {.admitted = false};
  Verdict verdict{.admitted = true, .let_go = std::move(present_)};
  present_ = device;
  since_ = now;
  last_ = now;
  authenticated_ = false;
  busy_ = false;
  return verdict;
}

void SingleClient::authenticated(const std::string& device) {
  if (present_ == device) authenticated_ = true;
}

void SingleClient::busy(const std::string& device, bool is, Time now) {
  if (present_ != device || std::exchange(busy_, is) == is || is) return;
  since_ = now;
  last_ = now;
}

void SingleClient::distrust(Time now) {
  authenticated_ = false;
  since_ = now;
  last_ = now;
}

void SingleClient::gone(const std::string& device) {
  if (present_ != device) return;
  present_.reset();
  authenticated_ = false;
  busy_ = false;
}

}  // namespace signet::bluez
