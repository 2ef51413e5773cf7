#include "bluez/central/serve.h"

namespace signet::bluez {

bool serve(Deadline until, const std::function<bool()>& one_event,
           const std::function<void(std::chrono::milliseconds)>& idle, const std::function<bool()>& done) {
  for (;;) {
    const bool served = one_event();
    if (done()) return true;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    if (left.count() <= 0) return false;
    if (!served) idle(left);
  }
}

}  // namespace signet::bluez
