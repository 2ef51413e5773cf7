// A registrar in this process, on a database in a directory of its own, and devices that it knows.
#pragma once

#include <future>
#include <memory>
#include <stdexcept>

#include "activation/registrar.h"
#include "activation/sqlite/store.h"
#include "cpu_time.h"
#include "load/device.h"

namespace signet::bench {

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error{to_string(result.error())};
  return *std::move(result);
}

// The answer of an operation of the registrar.
template <class T, class Operation>
T answer_of(Operation operation) {
  std::promise<Result<T>> promise;
  auto answer = promise.get_future();
  operation([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return must(answer.get());
}

class OwnRegistrar {
 public:
  static constexpr const char* kUrl = "https://registrar.example";

  explicit OwnRegistrar(const std::string& directory)
      : store_{must(activation::sqlite::Store::open({.path = directory + "/registrar.db", .create = true}))} {
    const auto made = activation::make_keys(*store_, {}, {.organization = "bench"}, now(), random_);
    if (!made) throw std::runtime_error{to_string(made.error())};
    keys_.emplace(must(activation::KeyRing::load(*store_, {})));
    activation::RegistrarConfig config{.base_url = kUrl, .policy = {}};
    config.policy.allow_emulated = true;
    registrar_.emplace(*store_, *keys_, config, clock_, random_);
    const auto anchors = keys_->anchors(activation::ChipKind::emulated);
    trust_ = {.url = kUrl,
              .anchors = {anchors.begin(), anchors.end()},
              .escrow_public_der = keys_->current(activation::KeyPurpose::escrow, now()).private_key.public_der()};
    const auto hardware = keys_->anchors(activation::ChipKind::hardware);  // of the challenges
    trust_.anchors.insert(trust_.anchors.end(), hardware.begin(), hardware.end());
  }

  activation::Registrar& operator*() { return *registrar_; }
  activation::Registrar* operator->() { return &*registrar_; }
  activation::sqlite::Store& store() { return *store_; }
  [[nodiscard]] const identity::RegistrarTrust& trust() const { return trust_; }
  [[nodiscard]] activation::UnixTime now() const { return std::chrono::floor<std::chrono::seconds>(clock_.wall()); }
  [[nodiscard]] activation::Actor actor(activation::Role role) const {
    return {.name = "bench", .role = role, .models = {}};
  }

  // What the registrar needed of the processor, in microseconds: all of it, and of that the store's thread.
  struct Cost {
    double all_us = 0;
    double store_us = 0;
  };

  // From the sn ticket to the certificate.
  Cost enrol(load::Device& device) {
    using namespace activation;
    Cost cost;
    const auto issued = timed<std::vector<SnTicket>>(cost, [&](auto done) {
      registrar_->issue_sn_tickets(actor(Role::vendor), device.ids().model_id, {device.ids().sn}, done);
    });
    auto registration = device.registration();
    const auto request = must(registration.begin(device.ids(), issued.front().ticket));
    const auto reserved = timed<Reservation>(cost, [&](auto done) { registrar_->reserve(*request, done); });
    const auto proof = must(registration.prove(reserved.challenge));
    const auto confirmed =
        timed<Confirmation>(cost, [&](auto done) { registrar_->confirm(reserved.id, *proof, done); });
    if (const auto kept = registration.complete(confirmed.chain); !kept) {
      throw std::runtime_error{to_string(kept.error())};
    }
    return cost;
  }

 private:
  template <class T, class Operation>
  static T timed(Cost& cost, Operation operation) {
    const double all = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
    const double here = cpu_us(CLOCK_THREAD_CPUTIME_ID);
    T answer = answer_of<T>(operation);
    const double all_us = cpu_us(CLOCK_PROCESS_CPUTIME_ID) - all;
    cost.all_us += all_us;
    cost.store_us += all_us - (cpu_us(CLOCK_THREAD_CPUTIME_ID) - here);
    return answer;
  }

  SystemClock clock_;
  crypto::SystemRandom random_;
  std::unique_ptr<activation::sqlite::Store> store_;
  std::optional<activation::KeyRing> keys_;
  std::optional<activation::Registrar> registrar_;
  identity::RegistrarTrust trust_;
};

}  // namespace signet::bench
