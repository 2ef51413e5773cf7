#include "cancellable.h"

#include <algorithm>

namespace signet::owner {
namespace {

using std::chrono::milliseconds;

// As long as the central scans before it starts anew anyway.
constexpr milliseconds kScanSlice{1500};
constexpr milliseconds kNotificationSlice{200};

Result<void> check(const Cancelled& cancelled) {
  if (*cancelled) return fail(Errc::cancelled, "cancelled; what was sent before is not undone");
  return {};
}

class CancellableLink final : public bluez::Link {
 public:
  CancellableLink(std::unique_ptr<bluez::Link> link, Cancelled cancelled)
      : link_{std::move(link)}, cancelled_{std::move(cancelled)} {}

  Result<bluez::ReadOutcome> read(const std::string& uuid, milliseconds limit) override {
    SIGNET_TRY(check(cancelled_));
    return link_->read(uuid, limit);
  }
  Result<bluez::WriteOutcome> write(const std::string& uuid, BytesView value, milliseconds limit) override {
    SIGNET_TRY(check(cancelled_));
    return link_->write(uuid, value, limit);
  }
  Result<void> subscribe(const std::string& uuid, milliseconds limit) override {
    SIGNET_TRY(check(cancelled_));
    return link_->subscribe(uuid, limit);
  }
  Result<Bytes> next_notification(const std::string& uuid, milliseconds limit) override {
    for (;;) {
      SIGNET_TRY(check(cancelled_));
      const auto slice = std::min(limit, kNotificationSlice);
      auto value = link_->next_notification(uuid, slice);
      limit -= slice;
      if (value || value.error().code != Errc::timeout || limit.count() <= 0) return value;
    }
  }
  Result<std::uint32_t> begin_bonding(milliseconds limit) override {
    SIGNET_TRY(check(cancelled_));
    return link_->begin_bonding(limit);
  }
  // Told to the other side even then: it waits for it.
  Result<void> finish_bonding(bool same, milliseconds limit) override {
    return link_->finish_bonding(same && !*cancelled_, limit);
  }
  bool has(const std::string& uuid) override { return link_->has(uuid); }

 private:
  std::unique_ptr<bluez::Link> link_;
  Cancelled cancelled_;
};

class CancellableCentral final : public bluez::Central {
 public:
  CancellableCentral(std::unique_ptr<bluez::Central> central, Cancelled cancelled)
      : central_{std::move(central)}, cancelled_{std::move(cancelled)} {}

  Result<void> scan(milliseconds limit, const Seen& seen) override {
    bool enough = false;
    const auto look = [&](const bluez::Sighting& one) {
      enough = enough || !seen(one);
      return !enough && !*cancelled_;
    };
    while (!enough && limit.count() > 0) {
      SIGNET_TRY(check(cancelled_));
      const auto slice = std::min(limit, kScanSlice);
      SIGNET_TRY(central_->scan(slice, look));
      limit -= slice;
    }
    return enough ? Result<void>{} : check(cancelled_);
  }
  Result<std::unique_ptr<bluez::Link>> connect(const std::string& address, milliseconds limit) override {
    SIGNET_TRY(check(cancelled_));
    SIGNET_ASSIGN(auto link, central_->connect(address, limit));
    return std::unique_ptr<bluez::Link>{std::make_unique<CancellableLink>(std::move(link), cancelled_)};
  }

 private:
  std::unique_ptr<bluez::Central> central_;
  Cancelled cancelled_;
};

}  // namespace

finder::OpenCentral cancellable(finder::OpenCentral open, Cancelled cancelled) {
  return [open = std::move(open),
          cancelled = std::move(cancelled)](const std::string& adapter) -> Result<std::unique_ptr<bluez::Central>> {
    SIGNET_TRY(check(cancelled));
    SIGNET_ASSIGN(auto central, open(adapter));
    return std::unique_ptr<bluez::Central>{std::make_unique<CancellableCentral>(std::move(central), cancelled)};
  };
}

}  // namespace signet::owner
