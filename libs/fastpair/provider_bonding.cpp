// Sessions of a Provider: bonding with its passkeys, and when they end.
#include <algorithm>

#include "fastpair/provider.h"

namespace signet::fastpair {
namespace {

constexpr std::size_t kMostOutsideBonds = 8;

}  // namespace

// A link has one session: a new request takes the place of the old one.
void Provider::open(const Link& link, Session session, Decisions& out) {
  if (const auto old = sessions_.find(link); old != sessions_.end()) end(old, out);
  sessions_.emplace(link, std::move(session));
}

// A pairing whose passkeys are still to be compared must not stay open behind it.
Provider::Sessions::iterator Provider::end(Sessions::iterator session, Decisions& out) {
  if (session->second.waiting == Waiting::for_passkey) out.emplace_back(RejectPairing{*session->second.device});
  return sessions_.erase(session);
}

Provider::Session* Provider::waiting(const Link& link, std::initializer_list<Waiting> states) {
  const auto found = sessions_.find(link);
  if (found == sessions_.end() || std::ranges::find(states, found->second.waiting) == states.end()) return nullptr;
  return &found->second;
}

std::optional<Time> Provider::deadline() const {
  std::optional<Time> first;
  for (const auto& [link, session] : sessions_) first = first ? std::min(*first, session.until) : session.until;
  return first;
}

Decisions Provider::expire(Time now) {
  Decisions out;
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    session = now >= session->second.until ? end(session, out) : std::next(session);
  }
  std::erase_if(outside_bonds_, [now](const OutsideBond& bond) { return now - bond.time >= kForRetroactive; });
  return out;
}

Decisions Provider::disconnected(const Link& link, Time now) {
  Decisions out = expire(now);
  if (const auto session = sessions_.find(link); session != sessions_.end()) end(session, out);
  return out;
}

Decisions Provider::reset() {
  Decisions out;
  for (auto session = sessions_.begin(); session != sessions_.end();) session = end(session, out);
  outside_bonds_.clear();
  pairing_mode_ = false;
  name_.clear();
  return out;
}

// A Seeker may be connected over LE and pair over BR/EDR, where it is another device with another address. Then the one
// session that is waiting for a pairing must be its own; should it not be, the passkeys will differ.
Provider::Sessions::iterator Provider::session_for(const Comparison& comparison) {
  const auto waits = [](const auto& entry) { return entry.second.waiting == Waiting::for_pairing; };
  if (comparison.link) {
    const auto found = sessions_.find(*comparison.link);
    if (found != sessions_.end() && waits(*found)) return found;
  }
  const auto named = std::ranges::find_if(
      sessions_, [&](const auto& entry) { return waits(entry) && entry.second.seeker == comparison.address; });
  if (named != sessions_.end()) return named;
  const auto unnamed = [&](const auto& entry) { return waits(entry) && !entry.second.seeker; };
  const auto only = std::ranges::find_if(sessions_, unnamed);
  return std::ranges::count_if(sessions_, unnamed) == 1 ? only : sessions_.end();
}

bool Provider::may_pair(const Comparison& comparison, Time now) {
  if (config_.bonding == Bonding::none) return false;
  if (!config_.only_fast_pair) return true;
  const auto session = session_for(comparison);
  return session != sessions_.end() && now < session->second.until;
}

bool Provider::expects_pairing() const {
  return std::ranges::any_of(sessions_, [](const auto& entry) {
    const auto waiting = entry.second.waiting;
    return waiting == Waiting::for_pairing || waiting == Waiting::for_passkey || waiting == Waiting::for_bond;
  });
}

Decisions Provider::comparison_began(const Comparison& comparison, Time now) {
  Decisions out = expire(now);
  const auto session = session_for(comparison);
  if (session == sessions_.end()) {
    if (config_.only_fast_pair || config_.bonding == Bonding::none) {
      out.emplace_back(RejectPairing{comparison.device});
    } else {
      out.emplace_back(LeavePairing{comparison.device});
    }
    return out;
  }
  session->second.device = comparison.device;
  session->second.own_passkey = comparison.passkey;
  session->second.waiting = Waiting::for_passkey;
  session->second.until = now + kForPasskey;
  compare(session, now, out);
  return out;
}

Reply Provider::write_passkey(const Link& link, BytesView octets, Time now) {
  if (octets.size() != kBlockSize) return {.att = Att::invalid_length, .decisions = {}};
  Session* session = waiting(link, {Waiting::for_pairing, Waiting::for_passkey});
  if (session == nullptr) return {.att = Att::unlikely_error, .decisions = {}};
  Block block;
  std::ranges::copy(octets, block.begin());
  const auto passkey = parse_passkey(PasskeyOf::seeker, session->key.decrypt(block));
  Reply reply;
  if (!passkey || session->seeker_passkey) return reply;  // one counts, and what is no passkey of a Seeker does not
  session->seeker_passkey = *passkey;
  compare(sessions_.find(link), now, reply.decisions);
  return reply;
}

// Once both passkeys are there. The Seeker learns ours in any case, and judges by itself.
void Provider::compare(Sessions::iterator entry, Time now, Decisions& out) {
  Session& session = entry->second;
  if (!session.own_passkey || !session.seeker_passkey) return;
  notify_block(entry->first, Characteristic::passkey, session.key,
               make_passkey(PasskeyOf::provider, *session.own_passkey, random_), out);
  if (*session.own_passkey != *session.seeker_passkey) {
    end(entry, out);  // rejects the pairing
    return;
  }
  out.emplace_back(ConfirmPairing{*session.device});
  session.waiting = Waiting::for_bond;
  session.until = now + kForBond;
}

Decisions Provider::bonded(const Device& device, const Address& address, Time now) {
  Decisions out = expire(now);
  const auto session = std::ranges::find_if(sessions_, [&](const auto& entry) {
    return entry.second.waiting == Waiting::for_bond && entry.second.device == device;
  });
  if (session != sessions_.end()) {
    session->second.waiting = Waiting::for_account_key;
    session->second.until = now + kForAccountKey;
    return out;
  }
  if (outside_bonds_.size() == kMostOutsideBonds) outside_bonds_.erase(outside_bonds_.begin());
  outside_bonds_.push_back({address, now});
  return out;
}

Decisions Provider::pairing_failed(const Device& device, Time now) {
  Decisions out = expire(now);
  std::erase_if(sessions_, [&device](const auto& entry) {
    const Session& session = entry.second;
    return session.device == device &&
           (session.waiting == Waiting::for_passkey || session.waiting == Waiting::for_bond);
  });
  return out;
}

bool Provider::bonded_outside(const Address& address, Time now) const {
  return std::ranges::any_of(outside_bonds_, [&](const OutsideBond& bond) {
    return bond.address == address && now - bond.time < kForRetroactive;
  });
}

}  // namespace signet::fastpair
