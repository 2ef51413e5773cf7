// The account keys of a Provider: most recently used first, and which of them is the owner's (FMDN specification,
// "owner account key"). Everything about them is one record, so that a store which writes it at once never holds a key
// without its rank or a mark without its key.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::fastpair {

inline constexpr std::size_t kAccountKeySize = 16;
inline constexpr std::uint8_t kAccountKeyFirstOctet = 0x04;
inline constexpr std::size_t kMostAccountKeys = 10;  // the length nibble of the advert's filter allows no more
inline constexpr std::size_t kLeastAccountKeys = 5;  // what the Fast Pair specification asks of a list

using AccountKey = SecretBytes<kAccountKeySize>;

// How a Provider keeps its keys.
enum class KeepKeys : std::uint8_t {
  recently_used,  // several; the one used longest ago makes room for another, but never the owner's
  only_one,       // a locator tag: the first key is the owner's, so that there is no room for a second
};

// Not thread-safe. An index counts from the most recently used key and holds until the next touch(), add() or clear();
// the owner's mark stays with its key whatever becomes of the order.
class AccountKeys {
 public:
  explicit AccountKeys(KeepKeys keep = KeepKeys::recently_used, std::size_t capacity = kLeastAccountKeys);

  // The inverse of serialise(). invalid_argument: `capacity` is not 5 to 10. damaged: not such a record, or one with
  // more keys than `capacity`.
  static Result<AccountKeys> restore(BytesView record, KeepKeys keep = KeepKeys::recently_used,
                                     std::size_t capacity = kLeastAccountKeys);

  AccountKeys(AccountKeys&&) noexcept = default;
  AccountKeys& operator=(AccountKeys&&) noexcept = default;

  [[nodiscard]] AccountKeys clone() const;  // the only copy, to be changed and stored before it takes effect

  [[nodiscard]] std::span<const AccountKey> keys() const { return keys_; }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  [[nodiscard]] std::optional<std::size_t> find(BytesView key) const;  // in constant time per key

  // Makes `key` the most recently used one; a key that is there already only moves. The first key of an empty list is
  // the owner's. Nothing has changed after an error: invalid_argument: the first octet is not 0x04; store_full: an
  // only_one list has its key.
  Result<void> add(const AccountKey& key);

  // The key at `index` has been used. False, and nothing changed, when it was the first already or is not there.
  bool touch(std::size_t index);

  [[nodiscard]] std::optional<std::size_t> owner() const { return owner_; }
  [[nodiscard]] const AccountKey* owner_key() const { return owner_ ? &keys_[*owner_] : nullptr; }

  // Marks the owner's key, once and until clear(). Errors: already_exists: another key has the mark (the same one may
  // be marked again); not_found: there is no key at `index`.
  Result<void> set_owner(std::size_t index);

  // Who owns the beacon when the key at `authenticated` reads the provisioning state: the key that has the mark; else
  // the only key there is; else the one that authenticated. Nothing when there is no key at that index. Changes
  // nothing: a caller whose owner() is not set stores the mark first.
  [[nodiscard]] std::optional<std::size_t> owner_for(std::size_t authenticated) const;

  void clear();  // factory reset: the keys are wiped, the mark is gone

  // format 0x01; owner's index or 0xff; number of keys; the keys, most recently used first. For a store of secrets.
  [[nodiscard]] SecretBuffer serialise() const;

 private:
  void push_front(const AccountKey& key);
  void evict_one();

  KeepKeys keep_;
  std::size_t capacity_;
  std::vector<AccountKey> keys_;
  std::optional<std::size_t> owner_;
};

}  // namespace signet::fastpair
