// What stands around an accessory in tests: clients that come and go, a sounder, a vault.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "bluez/connections.h"
#include "fmdnd/alarm.h"
#include "fmdnd/sound.h"
#include "fmdnd/vault.h"

namespace signet::fmdnd {

class FakeConnections final : public bluez::Connections {
 public:
  void listen(Listener listener) override { listeners_.push_back(std::move(listener)); }
  void seen(const std::string& device) override {
    if (!present_.insert(device).second) return;
    for (const auto& listener : listeners_) {
      if (listener.connected) listener.connected(device);
    }
  }
  void disconnect(const std::string& device) override { disconnected.push_back(device); }
  [[nodiscard]] const std::set<std::string>& present() const override { return present_; }
  [[nodiscard]] bool bonded(const std::string& device) const override { return bonds.contains(device); }
  void leave(const std::string& device) {
    present_.erase(device);
    for (const auto& listener : listeners_) listener.gone(device);
  }
  std::vector<std::string> disconnected;
  std::set<std::string> bonds;

 private:
  std::vector<Listener> listeners_;
  std::set<std::string> present_;
};

struct FakeSound final : Sound {
  Result<void> start(std::uint8_t components, std::uint8_t volume) override {
    if (broken) return fail(Errc::io, "sound: broken");
    sounds = std::pair{components, volume};
    return {};
  }
  void stop() override { sounds.reset(); }
  std::optional<std::pair<std::uint8_t, std::uint8_t>> sounds;
  bool broken = false;
};

// In memory; fails on demand.
struct FakeVault final : Vault {
  explicit FakeVault(boost::asio::io_context& of) : loop{of} {}
  void load(Loaded loaded) override {
    boost::asio::post(loop, [this, loaded = std::move(loaded)] {
      if (fails) return loaded(fail(*fails, "vault"));
      if (!record) return loaded(std::optional<SecretBuffer>{});
      loaded(std::optional{SecretBuffer{BytesView{*record}}});
    });
  }
  void save(SecretBuffer octets, Saved saved) override {
    boost::asio::post(loop, [this, saved = std::move(saved), kept = Bytes(octets.view().begin(), octets.view().end())] {
      if (fails) return saved(fail(*fails, "vault"));
      if (save_fails) return saved(fail(*save_fails, "vault"));
      record = kept;
      ++saves;
      saved({});
    });
  }
  [[nodiscard]] const char* name() const override { return "fake"; }
  boost::asio::io_context& loop;
  std::optional<Bytes> record;
  std::optional<Errc> fails;
  std::optional<Errc> save_fails;
  int saves = 0;
};

// Rings when the fixture's uptime says so.
struct FakeAlarm final : Alarm {
  explicit FakeAlarm(std::chrono::seconds& of) : uptime{of} {}
  void set(std::chrono::nanoseconds in, Ring ring) override {
    due = uptime + std::chrono::ceil<std::chrono::seconds>(in);
    rings = std::move(ring);
  }
  std::chrono::seconds& uptime;
  std::chrono::seconds due{};
  Ring rings;
};

}  // namespace signet::fmdnd
