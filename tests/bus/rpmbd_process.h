// The real rpmbd on a private bus with an emulated chip, and clients of it under several users.
#pragma once

#include <gtest/gtest.h>
#include <sdbus-c++/sdbus-c++.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "tests/bus/private_bus.h"

namespace signet::testing {

using Dictionary = std::map<std::string, sdbus::Variant>;

inline constexpr const char* kName = "org.signet.Rpmb1";
inline constexpr const char* kStore = "org.signet.Rpmb1.Store";
inline constexpr const char* kKeys = "org.signet.Rpmb1.Keys";
inline constexpr const char* kCounters = "org.signet.Rpmb1.Counters";
inline constexpr const char* kChip = "org.signet.Rpmb1.Chip";
inline constexpr const char* kEvidence = "org.signet.Rpmb1.Evidence";

// One connection to the bus. Errors of D-Bus arrive as sdbus::Error.
class Client {
 public:
  // `uid`: who connects; only root can be somebody else.
  explicit Client(const std::string& address, uid_t uid = ::geteuid());

  template <class Value, class... Arguments>
  Value call(const char* interface, const char* method, const Arguments&... arguments) {
    Value value{};
    proxy_->callMethod(method)
        .onInterface(interface)
        .withTimeout(kTimeout)
        .withArguments(arguments...)
        .storeResultsTo(value);
    return value;
  }
  template <class... Arguments>
  void run(const char* interface, const char* method, const Arguments&... arguments) {
    proxy_->callMethod(method).onInterface(interface).withTimeout(kTimeout).withArguments(arguments...);
  }
  // Sends and does not wait; `done` gets the error's name, or nothing, while process() runs.
  template <class... Arguments>
  void post(std::function<void(std::string)> done, const char* interface, const char* method,
            const Arguments&... arguments) {
    proxy_->callMethodAsync(method)
        .onInterface(interface)
        .withTimeout(kTimeout)
        .withArguments(arguments...)
        .uponReplyInvoke([done = std::move(done)](std::optional<sdbus::Error> error) {
          done(error ? std::string{error->getName()} : "");
        });
  }
  void process_until(const std::function<bool()>& done);

  template <class Value>
  Value property(const char* name) {
    return proxy_->getProperty(name).onInterface(kName).template get<Value>();
  }

  void put(const std::string& name, const Bytes& value) { run(kStore, "Put", name, value); }
  Bytes get(const std::string& name) { return call<Bytes>(kStore, "Get", name); }

  sdbus::IConnection& connection() { return *connection_; }
  sdbus::IProxy& proxy() { return *proxy_; }

 private:
  static constexpr std::chrono::seconds kTimeout{60};

  std::unique_ptr<sdbus::IConnection> connection_;
  std::unique_ptr<sdbus::IProxy> proxy_;
};

// The name of the error that `call` ends with, without its prefix; "" when it succeeds.
std::string error_of(const std::function<void()>& call);

class RpmbdTest : public ::testing::Test {
 protected:
  RpmbdTest();

  // The configuration: the emulated chip, the test's own user with every right, and `more`.
  void configure(const std::string& more = "");
  void start();        // and waits until it has its name
  void start_ready();  // ... and until the chip is ready
  void provision();    // with what start() has begun
  void kill_and_restart();
  void stop() { daemon_ = {}; }
  void wait_for_problem(const std::string& problem);
  void set_faults(const std::string& text) const;  // see parse_faults; takes effect at once
  [[nodiscard]] Client client(uid_t uid = ::geteuid()) const { return Client{bus_.address(), uid}; }
  static uid_t uid_of(const char* user);
  [[nodiscard]] std::vector<std::string> command() const;
  [[nodiscard]] std::vector<std::string> environment() const;
  [[nodiscard]] std::string log() const;
  [[nodiscard]] std::filesystem::path path(const std::string& name) const { return bus_.directory() / name; }

  PrivateBus bus_;
  Child daemon_;
  std::filesystem::path chip_ = path("chip");  // the emulated chip's file, for configure()
};

}  // namespace signet::testing
