// A registrar on a real database, and what its callers do.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activation/keys.h"
#include "activation/registrar.h"
#include "activation/sqlite/store.h"
#include "unit/activation/fake_clock.h"
#include "unit/activation/test_device.h"
#include "unit/identity/temporary_directory.h"

namespace signet::activation {

// Waits for the answer of an operation.
template <class T>
Result<T> await(const std::function<void(Done<T>)>& operation) {
  std::promise<Result<T>> promise;
  auto answer = promise.get_future();
  operation([&promise](Result<T> result) { promise.set_value(std::move(result)); });
  return answer.get();
}

inline MasterKey test_master_key() {
  MasterKey key;
  key.writable()[31] = 7;
  return key;
}

class RegistrarFixture : public testing::Test {
 protected:
  RegistrarFixture() {
    open_store(true);
    EXPECT_TRUE(make_keys(*store_, test_master_key(), {.organization = "Signet"}, clock_.now(), random_));
    start();
  }

  void open_store(bool create = false) {
    registrar_.reset();
    keys_.reset();
    store_.reset();
    auto opened = sqlite::Store::open({.path = path(), .create = create});
    ASSERT_TRUE(opened) << to_string(opened.error());
    store_ = *std::move(opened);
  }
  // Anew, with `config_` as it is now.
  void start() {
    registrar_.reset();
    auto loaded = KeyRing::load(*store_, test_master_key());
    ASSERT_TRUE(loaded) << to_string(loaded.error());
    keys_.emplace(*std::move(loaded));
    registrar_ = std::make_unique<Registrar>(*store_, *keys_, config_, clock_, random_);
  }
  [[nodiscard]] std::string path() const { return directory_.path("registrar.db"); }

  std::string sn_ticket(const identity::Ids& ids) {
    auto issued = await<std::vector<SnTicket>>(
        [&](auto done) { registrar_->issue_sn_tickets(vendor_, ids.model_id, {ids.sn}, done); });
    EXPECT_TRUE(issued) << to_string(issued.error());
    return issued ? issued->front().ticket : "";
  }
  Result<Reservation> reserve(const std::string& request) {
    return await<Reservation>([&](auto done) { registrar_->reserve(request, done); });
  }
  Result<Reservation> reserve(TestDevice& device, const TestDevice::Change& change = {}) {
    return reserve(device.request(sn_ticket(device.ids), *keys_, clock_.now(), change));
  }
  Result<Confirmation> confirm(const std::string& id, const std::string& ticket) {
    return await<Confirmation>([&](auto done) { registrar_->confirm(id, ticket, done); });
  }
  Result<Confirmation> confirm(TestDevice& device, const Reservation& reservation,
                               const TestDevice::ChangeClaims& change = {}) {
    return confirm(device.id_text(), device.proof(reservation.challenge, clock_.now(), change));
  }
  // From the beginning to the end; the device keeps its certificate.
  Result<Confirmation> enrol(TestDevice& device) {
    SIGNET_ASSIGN(const auto reservation, reserve(device));
    SIGNET_ASSIGN(auto confirmation, confirm(device, reservation));
    device.complete(confirmation);
    return confirmation;
  }
  void must_enrol(TestDevice& device) {
    auto confirmation = enrol(device);
    ASSERT_TRUE(confirmation) << to_string(confirmation.error());
  }

  std::string nonce(const std::string& audience = kAudience) {
    auto issued = await<Nonce>([&](auto done) { registrar_->issue_nonce(verifier_, audience, done); });
    EXPECT_TRUE(issued) << to_string(issued.error());
    return issued ? issued->nonce : "";
  }
  Verdict verify(const std::string& ticket, const std::string& audience = kAudience) {
    auto verdict = await<Verdict>([&](auto done) { registrar_->verify(verifier_, ticket, audience, done); });
    EXPECT_TRUE(verdict) << to_string(verdict.error());
    return verdict.value_or(Verdict{});
  }
  // The verdict on a fresh challenge ticket.
  Verdict challenge(TestDevice& device, const TestDevice::ChangeClaims& change = {}) {
    return verify(device.ticket(identity::TicketUse::challenge, nonce(), kAudience, clock_.now(), change));
  }
  Verdict bearer(TestDevice& device, const TestDevice::ChangeClaims& change = {}) {
    return verify(
        device.ticket(identity::TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now(), change));
  }

  DeviceHistory history(const TestDevice& device) {
    auto found = await<DeviceHistory>([&](auto done) { registrar_->device(operator_, to_text(device.ueid()), done); });
    EXPECT_TRUE(found) << to_string(found.error());
    return found.value_or(DeviceHistory{});
  }
  std::vector<AuditEntry> audit() {
    auto entries = await<std::vector<AuditEntry>>([&](auto done) { registrar_->audit(operator_, 0, kMaxPage, done); });
    EXPECT_TRUE(entries);
    return entries.value_or(std::vector<AuditEntry>{});
  }
  // How many entries of the audit log have this reason.
  int on_record(Reason reason) {
    int count = 0;
    for (const AuditEntry& entry : audit()) count += entry.reason == name(reason) ? 1 : 0;
    return count;
  }

  static constexpr auto kAudience = "https://service.example";

  identity::TemporaryDirectory directory_;
  FakeClock clock_;
  crypto::SystemRandom random_;
  RegistrarConfig config_{.base_url = kBaseUrl};
  const Actor vendor_{.name = "acme", .role = Role::vendor};
  const Actor verifier_{.name = "shop", .role = Role::verifier};
  const Actor operator_{.name = "ops", .role = Role::operator_};
  std::unique_ptr<sqlite::Store> store_;
  std::optional<KeyRing> keys_;
  std::unique_ptr<Registrar> registrar_;
};

}  // namespace signet::activation
