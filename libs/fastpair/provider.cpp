#include "fastpair/provider.h"

#include <algorithm>

#include "fastpair/additional_data.h"

namespace signet::fastpair {
namespace {

Block block_at(BytesView octets) {
  Block block;
  std::copy_n(octets.begin(), block.size(), block.begin());
  return block;
}

Reply refused(Att why, Decisions decisions = {}) { return {.att = why, .decisions = std::move(decisions)}; }

// What a write without effect is answered with where the answer must tell nothing.
Reply ignored(Decisions decisions) { return {.att = Att::success, .decisions = std::move(decisions)}; }

}  // namespace

bool OwnAddresses::contain(const Address& address) const {
  return address == current || address == identity || (resolving_key && resolves(address, *resolving_key));
}

Reply Provider::write(Characteristic characteristic, const Link& link, BytesView octets, Time now) {
  Decisions overdue = expire(now);
  Reply reply = [&] {
    switch (characteristic) {
      case Characteristic::key_based_pairing: return write_request(link, octets, now);
      case Characteristic::passkey: return write_passkey(link, octets, now);
      case Characteristic::account_key: return write_account_key(link, octets, now);
      case Characteristic::additional_data: return write_data(link, octets, now);
    }
    return refused(Att::unlikely_error);
  }();
  reply.decisions.insert(reply.decisions.begin(), std::make_move_iterator(overdue.begin()),
                         std::make_move_iterator(overdue.end()));
  return reply;
}

// ---- key-based pairing ----

Reply Provider::write_request(const Link& link, BytesView octets, Time now) {
  if (octets.size() != kRequestSize && octets.size() != kRequestWithKeySize) return refused(Att::invalid_length);
  if (failures_.blocked(now)) return refused(Att::unlikely_error);
  const bool with_public_key = octets.size() == kRequestWithKeySize;
  if (with_public_key && !pairing_mode_) return ignored({});

  auto found = match(octets);
  UsedRequests& used = with_public_key ? used_in_pairing_ : used_by_key_;
  if (!found || !used.use(found->key, block_at(octets))) {
    failures_.failed(now);
    return ignored({});
  }
  failures_.succeeded();

  Decisions out;
  if (found->index && *found->index != 0) {
    AccountKeys reordered = keys_.clone();
    reordered.touch(*found->index);
    out.emplace_back(StoreKeys{.keys = std::move(reordered), .order_only = true});
  }
  std::visit([&](const auto& request) { serve(request, link, std::move(found->key), now, out); }, found->request);
  return {.att = Att::success, .decisions = std::move(out)};
}

std::optional<Provider::Match> Provider::match(BytesView octets) const {
  const Block block = block_at(octets);
  if (octets.size() == kRequestSize) return match_account_key(block);
  PublicKey seeker;
  std::ranges::copy(octets.subspan(kBlockSize), seeker.begin());
  return match_public_key(block, seeker);
}

std::optional<Provider::Match> Provider::match_public_key(const Block& block, const PublicKey& seeker) const {
  auto key = agree(anti_spoofing_, seeker);
  if (!key) return std::nullopt;  // not a point of the curve
  return match_key(SessionKey{*std::move(key)}, block, std::nullopt);
}

std::optional<Provider::Match> Provider::match_account_key(const Block& block) const {
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (auto found = match_key(SessionKey{keys_.keys()[i].clone()}, block, i)) return found;
  }
  return std::nullopt;
}

std::optional<Provider::Match> Provider::match_key(SessionKey key, const Block& block,
                                                   std::optional<std::size_t> index) const {
  const Block raw = key.decrypt(block);
  if (!addresses_.contain(provider_address(raw))) return std::nullopt;
  auto request = parse_request(raw);
  if (!request) return std::nullopt;
  return Match{.key = std::move(key), .request = *std::move(request), .index = index};
}

void Provider::serve(const PairingRequest& request, const Link& link, SessionKey key, Time now, Decisions& out) {
  const bool bonding = config_.bonding == Bonding::required && !request.retroactive;
  if (request.retroactive && !bonded_outside(request.seeker, now)) return;  // not to be told from a wrong key

  notify_block(link, Characteristic::key_based_pairing, key, make_response(response_to(request), random_), out);
  if (request.notify_name) notify_name(link, key, out);
  open(link,
       {.key = std::move(key),
        .waiting = bonding ? Waiting::for_pairing : Waiting::for_account_key,
        .until = now + (bonding ? kForPairing : kForAccountKey),
        .seeker = request.provider_bonds ? std::optional{request.seeker} : std::nullopt},
       out);
  if (bonding && request.provider_bonds) out.emplace_back(StartBonding{request.seeker});
}

void Provider::serve(const ActionRequest& request, const Link& link, SessionKey key, Time now, Decisions& out) {
  notify_block(link, Characteristic::key_based_pairing, key, make_response(response_to(request), random_), out);
  if (request.device_action) {
    out.emplace_back(DeviceAction{.group = request.group, .code = request.code, .data = request.data});
  } else if (request.data_follows && request.data_id == kPersonalisedName) {
    open(link, {.key = std::move(key), .waiting = Waiting::for_data, .until = now + kForPairing}, out);
  }
}

PairingResponse Provider::response_to(const Request& request) const {
  const auto* pairing = std::get_if<PairingRequest>(&request);
  const Address asked_by = std::visit([](const auto& kind) { return kind.provider; }, request);
  PairingResponse response{.extended = std::nullopt, .addresses = {config_.public_address.value_or(asked_by)}};
  if (pairing != nullptr && pairing->ble_devices) {
    response.extended = config_.flags;
    if (config_.second_address) response.addresses.push_back(*config_.second_address);
  }
  return response;
}

void Provider::notify(const Link& link, Characteristic characteristic, Bytes octets, Decisions& out) const {
  out.emplace_back(Notify{.link = link, .characteristic = characteristic, .octets = std::move(octets)});
}

void Provider::notify_block(const Link& link, Characteristic characteristic, const SessionKey& key, const Block& raw,
                            Decisions& out) const {
  const Block encrypted = key.encrypt(raw);
  notify(link, characteristic, {encrypted.begin(), encrypted.end()}, out);
}

void Provider::notify_name(const Link& link, const SessionKey& key, Decisions& out) const {
  if (name_.empty()) return;
  auto packet = seal_data(key, random_.bytes<kDataNonceSize>(), as_bytes(name_));
  if (packet) notify(link, Characteristic::additional_data, *std::move(packet), out);  // else the name is too long
}

// ---- what follows it ----

Reply Provider::write_account_key(const Link& link, BytesView octets, Time) {
  if (octets.size() != kBlockSize) return refused(Att::invalid_length);
  const Session* session = waiting(link, {Waiting::for_account_key});
  if (session == nullptr) return refused(Att::unlikely_error);
  Block raw = session->key.decrypt(block_at(octets));
  const auto key = parse_account_key(raw);
  wipe(raw.data(), raw.size());
  if (!key) return ignored({});

  sessions_.erase(link);
  AccountKeys longer = keys_.clone();
  if (!longer.add(*key)) return refused(Att::unlikely_error);  // a locator tag has its key
  Decisions out;
  out.emplace_back(StoreKeys{.keys = std::move(longer)});
  return {.att = Att::success, .decisions = std::move(out)};
}

Reply Provider::write_data(const Link& link, BytesView octets, Time) {
  if (octets.size() < kDataHeaderSize || octets.size() > kDataHeaderSize + kMostData)
    return refused(Att::invalid_length);
  const Session* session = waiting(link, {Waiting::for_data});
  if (session == nullptr) return refused(Att::unlikely_error);
  const auto name = open_data(session->key, octets);
  if (!name || !valid_name(*name)) return refused(Att::unlikely_error);

  sessions_.erase(link);
  Decisions out;
  out.emplace_back(StoreName{std::string{as_text(*name)}});
  return {.att = Att::success, .decisions = std::move(out)};
}

}  // namespace signet::fastpair
