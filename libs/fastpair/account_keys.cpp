#include "fastpair/account_keys.h"

#include <algorithm>

#include "crypto/hmac.h"

namespace signet::fastpair {
namespace {

constexpr std::uint8_t kFormat = 0x01;
constexpr std::uint8_t kNoOwner = 0xff;
constexpr std::size_t kHeaderSize = 3;

}  // namespace

AccountKeys::AccountKeys(KeepKeys keep, std::size_t capacity)
    : keep_{keep},
      capacity_{keep == KeepKeys::only_one ? 1 : std::clamp(capacity, kLeastAccountKeys, kMostAccountKeys)} {
  keys_.reserve(capacity_);  // a vector that grows would leave keys behind; a move wipes what it leaves
}

Result<AccountKeys> AccountKeys::restore(BytesView record, KeepKeys keep, std::size_t capacity) {
  if (keep == KeepKeys::recently_used && (capacity < kLeastAccountKeys || capacity > kMostAccountKeys)) {
    return fail(Errc::invalid_argument, "account keys: the capacity must be 5 to 10");
  }
  AccountKeys list{keep, capacity};
  if (record.size() < kHeaderSize || record[0] != kFormat) {
    return fail(Errc::damaged, "account keys: the record is not of a format that is known");
  }
  const std::size_t count = record[2];
  if (record.size() != kHeaderSize + count * kAccountKeySize || count > list.capacity_) {
    return fail(Errc::damaged, "account keys: the record has another size than its number of keys says");
  }
  if (record[1] != kNoOwner && record[1] >= count) {
    return fail(Errc::damaged, "account keys: the record's owner is none of its keys");
  }
  for (std::size_t i = 0; i < count; ++i) {
    const AccountKey key{record.subspan(kHeaderSize + i * kAccountKeySize).first<kAccountKeySize>()};
    if (key.view()[0] != kAccountKeyFirstOctet || list.find(key.view())) {
      return fail(Errc::damaged,
                  "account keys: key " + std::to_string(i + 1) + " of the record is none, or is there twice");
    }
    list.keys_.push_back(key.clone());
  }
  if (record[1] != kNoOwner) list.owner_ = record[1];
  return list;
}

AccountKeys AccountKeys::clone() const {
  AccountKeys copy{keep_, capacity_};
  for (const AccountKey& key : keys_) copy.keys_.push_back(key.clone());
  copy.owner_ = owner_;
  return copy;
}

std::optional<std::size_t> AccountKeys::find(BytesView key) const {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    if (crypto::equal_constant_time(keys_[i].view(), key)) found = i;
  }
  return found;
}

Result<void> AccountKeys::add(const AccountKey& key) {
  if (key.view()[0] != kAccountKeyFirstOctet) {
    return fail(Errc::invalid_argument, "account key: the first octet is not 0x04");
  }
  if (const auto at = find(key.view())) {
    touch(*at);
    return {};
  }
  if (keep_ == KeepKeys::only_one && !keys_.empty()) {
    return fail(Errc::store_full, "account key: a locator tag keeps the owner's key only");
  }
  if (keys_.size() == capacity_) evict_one();
  push_front(key);
  return {};
}

void AccountKeys::push_front(const AccountKey& key) {
  keys_.insert(keys_.begin(), key.clone());
  if (owner_) {
    ++*owner_;
  } else if (keys_.size() == 1) {
    owner_ = 0;
  }
}

// Called on a full list of at least five keys, so that there is one that is not the owner's.
void AccountKeys::evict_one() {
  const std::size_t last = keys_.size() - 1;
  const std::size_t victim = owner_ == last ? last - 1 : last;
  keys_.erase(keys_.begin() + static_cast<std::ptrdiff_t>(victim));
  if (owner_ && *owner_ > victim) --*owner_;
}

bool AccountKeys::touch(std::size_t index) {
  if (index == 0 || index >= keys_.size()) return false;
  const auto at = keys_.begin() + static_cast<std::ptrdiff_t>(index);
  std::rotate(keys_.begin(), at, at + 1);
  if (owner_ == index) {
    owner_ = 0;
  } else if (owner_ && *owner_ < index) {
    ++*owner_;
  }
  return true;
}

Result<void> AccountKeys::set_owner(std::size_t index) {
  if (index >= keys_.size())
    return fail(Errc::not_found, "owner account key: there is no key " + std::to_string(index));
  if (owner_ && *owner_ != index) return fail(Errc::already_exists, "owner account key: it is chosen until a reset");
  owner_ = index;
  return {};
}

std::optional<std::size_t> AccountKeys::owner_for(std::size_t authenticated) const {
  if (authenticated >= keys_.size()) return std::nullopt;
  return owner_ ? owner_ : std::optional{authenticated};  // of a single key, the one that authenticated is the only one
}

void AccountKeys::clear() {
  keys_.clear();
  owner_.reset();
}

SecretBuffer AccountKeys::serialise() const {
  SecretBuffer record{kHeaderSize + keys_.size() * kAccountKeySize};
  const auto out = record.writable();
  out[0] = kFormat;
  out[1] = owner_ ? static_cast<std::uint8_t>(*owner_) : kNoOwner;
  out[2] = static_cast<std::uint8_t>(keys_.size());
  for (std::size_t i = 0; i < keys_.size(); ++i) {
    std::ranges::copy(keys_[i].view(), out.subspan(kHeaderSize + i * kAccountKeySize).begin());
  }
  return record;
}

}  // namespace signet::fastpair
