// Behaves like rpmbd as far as a client can tell, and badly when told to: for what the real daemon must never do.
#pragma once

#include <systemd/sd-bus.h>

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

namespace signet::testing {

// Owns org.signet.Rpmb1 on DBUS_SYSTEM_BUS_ADDRESS, served by a thread of its own. Objects live in memory. Special
// names: an object "silent" is never answered; "gone" makes the fake leave the bus in the middle of the call.
class FakeRpmbd {
 public:
  struct Character {
    unsigned generation = 1;
    bool knows_me = true;  // false: AccessDenied for everything but the generation
    std::string registrar = "https://localhost:1";
    std::string registrar_ca = {};  // PEM
    bool confirmed = false;         // registered, with the certificate "certificate"
  };

  FakeRpmbd() : FakeRpmbd{Character{}} {}
  explicit FakeRpmbd(Character character);
  FakeRpmbd(const FakeRpmbd&) = delete;
  FakeRpmbd& operator=(const FakeRpmbd&) = delete;
  ~FakeRpmbd();

  // Changes the state and says so in a signal.
  void set_state(const std::string& state);
  [[nodiscard]] int calls() const { return calls_; }  // methods of our interfaces that arrived, answered or not

  // Identity. "request", "challenge", "proof" and the certificate "certificate" are what a registration consists of,
  // see FakeRegistrar; tickets are "ticket 1", "ticket 2" and so on, good for their lifetime or an hour.
  // A method that is never answered, whether or not it is carried out; "" for none.
  void stay_silent_at(const char* method, bool but_do_it = false) {
    silent_does_it_ = but_do_it;
    silent_at_ = method;
  }
  void refuse_at(const char* method, const char* error) {
    refusal_ = error;
    refuse_at_ = method;
  }
  [[nodiscard]] bool is_confirmed() const { return confirmed_; }
  [[nodiscard]] int tickets() const { return tickets_; }  // that were asked for

 private:
  void serve();
  int handle(sd_bus_message* call);
  int answer_properties(sd_bus_message* call);
  int answer_store(sd_bus_message* call);
  int put(sd_bus_message* call);
  int list(sd_bus_message* call);
  int answer_identity(sd_bus_message* call);
  int begin(sd_bus_message* call);
  int prove(sd_bus_message* call);
  int complete(sd_bus_message* call);
  int info(sd_bus_message* call);
  int ticket(sd_bus_message* call);

  Character character_;
  sd_bus* bus_ = nullptr;
  int wake_ = -1;  // eventfd: look at the flags below
  std::atomic<bool> stop_ = false;
  std::atomic<bool> state_changed_ = false;
  std::atomic<int> calls_ = 0;
  std::atomic<const char*> state_ = "ready";
  std::map<std::string, std::vector<std::uint8_t>> objects_;
  std::vector<std::string> states_;
  std::atomic<const char*> silent_at_ = "";
  std::atomic<bool> silent_does_it_ = false;
  std::atomic<const char*> refuse_at_ = "";
  std::atomic<const char*> refusal_ = "";
  std::string pending_;  // sn of a registration that is under way
  std::string registered_;
  std::atomic<bool> confirmed_ = false;
  std::atomic<int> tickets_ = 0;
  std::thread thread_;
};

}  // namespace signet::testing
