#include "fmdnd/clients.h"

#include <utility>

namespace signet::fmdnd {

Clients::Clients(bluez::Connections& connections, Counts counts, std::function<Time()> now)
    : connections_{connections}, counts_{std::move(counts)}, now_{std::move(now)} {
  connections_.listen({.connected =
                           [this](const std::string& device) {
                             if (counts_(device)) arrives(device);
                           },
                       .gone = [this](const std::string& device) { gone(device); }});
}

bool Clients::arrives(const std::string& device) {
  const auto verdict = single_.arrives(device, now_());
  if (verdict.let_go) {
    connections_.disconnect(*verdict.let_go);
    gone(*verdict.let_go);  // what it may still ask takes about 2 s to end, and is not for it any more
  }
  if (!verdict.admitted) connections_.disconnect(device);
  return verdict.admitted;
}

std::optional<ClientId> Clients::admit(const bluez::Request& request) {
  connections_.seen(request.device);
  if (!arrives(request.device)) return std::nullopt;
  const auto [at, fresh] = ids_.try_emplace(request.device, 0);
  if (fresh) at->second = ++last_;
  return at->second;
}

void Clients::authenticated(ClientId client) {
  if (const auto* name = device(client)) single_.authenticated(*name);
}

void Clients::busy(ClientId client, bool is) {
  if (const auto* name = device(client)) single_.busy(*name, is, std::chrono::steady_clock::now());
}

std::optional<ClientId> Clients::present() const {
  if (!single_.present()) return std::nullopt;
  const auto at = ids_.find(*single_.present());
  return at == ids_.end() ? std::nullopt : std::optional{at->second};
}

const std::string* Clients::device(ClientId client) const {
  for (const auto& [name, id] : ids_) {
    if (id == client) return &name;
  }
  return nullptr;
}

void Clients::disconnect(ClientId client) {
  if (const auto* name = device(client)) connections_.disconnect(*name);
}

void Clients::distrust() { single_.distrust(std::chrono::steady_clock::now()); }

void Clients::dismiss() {
  const auto device = single_.present();
  if (!device) return;
  connections_.disconnect(*device);
  gone(*device);
}

void Clients::gone(const std::string& device) {
  single_.gone(device);
  const auto at = ids_.find(device);
  if (at == ids_.end()) return;
  const ClientId id = at->second;
  const std::string name = device;  // `device` may be the key
  ids_.erase(at);
  for (const auto& listener : listeners_) listener(id, name);
}

}  // namespace signet::fmdnd
