// What every adaptor is made of: one interface on the daemon's object, in front of the desk.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <utility>

#include "rpmbd/desk.h"

namespace signet::rpmbd {

inline constexpr const char* kObjectPath = "/org/signet/Rpmb1";
inline constexpr const char* kBusName = "org.signet.Rpmb1";

template <class Interface>
class Door : public sdbus::AdaptorInterfaces<Interface> {
 protected:
  Door(sdbus::IConnection& bus, Desk& desk)
      : sdbus::AdaptorInterfaces<Interface>{bus, sdbus::ObjectPath{kObjectPath}}, desk_{desk} {}
  ~Door() = default;

  [[nodiscard]] sdbus::Message message() const { return this->getObject().getCurrentlyProcessedMessage(); }

  template <class... Out, class AtHand, class Call>
  void serve(sdbus::Result<Out...>& to, const Terms& terms, AtHand at_hand, Call call) {
    desk_.serve(std::move(to), message(), terms, std::move(at_hand), std::move(call));
  }

  Desk& desk_;
};

}  // namespace signet::rpmbd
