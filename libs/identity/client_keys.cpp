#include "identity/client_keys.h"

#include <variant>

#include "base/overloaded.h"
#include "crypto/ecdsa.h"
#include "crypto/hmac.h"
#include "identity/recently_used.h"

namespace signet::identity {
namespace {

constexpr std::size_t kSecretSize = 32;  // of either algorithm
using Secret = SecretBytes<kSecretSize>;

using Key = std::variant<crypto::P256PrivateKey, crypto::HmacKey>;

constexpr struct {
  Algorithm algorithm;
  std::string_view name;
} kAlgorithms[] = {{Algorithm::ecdsa_p256, "ecdsa-p256"}, {Algorithm::hmac_sha256, "hmac-sha256"}};

rpmb::ObjectName object(std::string_view space, std::string_view name) {
  return {rpmb::ObjectKind::key, std::string{space}, std::string{name}};
}

Failure missing(const std::string& space, const std::string& name) {
  return fail(Errc::not_found, "no key '" + name + "' in namespace '" + space + "'");
}

Failure damaged(const std::string& name, const std::string& why) {
  return fail(Errc::damaged, "key " + name + ": " + why + "; delete it and generate another");
}

Secret fresh_secret(Algorithm algorithm, crypto::Random& random) {
  if (algorithm == Algorithm::ecdsa_p256) return crypto::P256PrivateKey::generate().scalar();
  Secret secret;
  random.fill(secret.writable());
  return secret;
}

Result<Algorithm> algorithm_of(const std::string& name, BytesView value) {
  if (value.size() != 1 + kSecretSize)
    return damaged(name, "its record has " + std::to_string(value.size()) + " octets");
  for (const auto& known : kAlgorithms) {
    if (value[0] == static_cast<std::uint8_t>(known.algorithm)) return known.algorithm;
  }
  return damaged(name, "its record names the unknown algorithm " + std::to_string(value[0]));
}

Result<Key> decode(const std::string& name, BytesView value) {
  SIGNET_ASSIGN(Algorithm algorithm, algorithm_of(name, value));
  auto octets = value.subspan<1, kSecretSize>();
  if (algorithm == Algorithm::hmac_sha256) return Key{crypto::HmacKey{octets}};
  auto key = crypto::P256PrivateKey::from_scalar(Secret{octets});
  if (!key) return damaged(name, key.error().context);
  return Key{*std::move(key)};
}

}  // namespace

std::string_view name(Algorithm algorithm) {
  for (const auto& known : kAlgorithms) {
    if (known.algorithm == algorithm) return known.name;
  }
  return "";
}

Result<Algorithm> algorithm_from_name(std::string_view name) {
  for (const auto& known : kAlgorithms) {
    if (known.name == name) return known.algorithm;
  }
  return fail(Errc::invalid_argument, "algorithm \"" + std::string{name} + "\" is neither ecdsa-p256 nor hmac-sha256");
}

class ClientKeys::Impl {
 public:
  Impl(rpmb::Store& store, crypto::Random& random) : store_{store}, random_{random} {}

  // The decoded key, valid until the next call. Errors: not_found, damaged, those of Store::get.
  Result<const Key*> key(const std::string& space, const std::string& name) {
    // The store is asked first, since a delete of unknown outcome may have taken effect after the key was loaded again.
    if (!store_.contains(object(space, name))) return missing(space, name);
    if (const Key* key = loaded_.find(space, name)) return key;
    SIGNET_ASSIGN(SecretBuffer value, read(space, name));
    SIGNET_ASSIGN(Key key, decode(name, value.view()));
    return &loaded_.insert(space, name, std::move(key));
  }

  // A key for one use on `data`: sign or verify.
  Result<const Key*> key_for(const std::string& space, const std::string& name, BytesView data) {
    if (data.size() > kMaxSignedData) {
      return fail(Errc::too_large, "signed data of " + std::to_string(data.size()) + " octets; at most " +
                                       std::to_string(kMaxSignedData));
    }
    return key(space, name);
  }

  Result<SecretBuffer> read(const std::string& space, const std::string& name) {
    SIGNET_ASSIGN(Bytes value, store_.get(object(space, name)));
    SecretBuffer secret{value};
    wipe(value.data(), value.size());
    return secret;
  }

  Result<void> generate(const std::string& space, const std::string& name, Algorithm algorithm) {
    rpmb::ObjectName id = object(space, name);
    if (store_.contains(id)) {
      return fail(Errc::already_exists, "there is a key '" + name + "' already in namespace '" + space + "'");
    }
    loaded_.erase(space, name);
    Secret secret = fresh_secret(algorithm, random_);
    rpmb::Change change{std::move(id), Bytes{static_cast<std::uint8_t>(algorithm)}};
    change.value->reserve(1 + kSecretSize);  // no copy of the secret is left behind by growing
    append(*change.value, secret.view());
    Result<void> applied = store_.apply({&change, 1});
    wipe(change.value->data(), change.value->size());
    return applied;
  }

  Result<void> remove(const std::string& space, const std::string& name) {
    rpmb::Change change{object(space, name), std::nullopt};
    if (!store_.contains(change.name)) return missing(space, name);
    loaded_.erase(space, name);  // before the write: after outcome_unknown the chip is asked again
    return store_.apply({&change, 1});
  }

  Result<std::vector<KeyInfo>> list(const std::string& space) {
    std::vector<KeyInfo> keys;
    for (const rpmb::ObjectInfo& info : store_.list(rpmb::ObjectKind::key, space)) {
      SIGNET_ASSIGN(SecretBuffer value, read(space, info.name.name));
      SIGNET_ASSIGN(Algorithm algorithm, algorithm_of(info.name.name, value.view()));
      keys.push_back({info.name.name, algorithm});
    }
    return keys;
  }

  [[nodiscard]] bool loaded(std::string_view space, std::string_view name) const {
    return loaded_.contains(space, name);
  }

 private:
  rpmb::Store& store_;
  crypto::Random& random_;
  RecentlyUsed<Key> loaded_{kLoadedKeys};
};

ClientKeys::ClientKeys(rpmb::Store& store, crypto::Random& random) : impl_{std::make_unique<Impl>(store, random)} {}
ClientKeys::~ClientKeys() = default;

Result<void> ClientKeys::generate(const std::string& space, const std::string& name, Algorithm algorithm) {
  return impl_->generate(space, name, algorithm);
}

Result<void> ClientKeys::remove(const std::string& space, const std::string& name) {
  return impl_->remove(space, name);
}

Result<Bytes> ClientKeys::sign(const std::string& space, const std::string& name, BytesView data) {
  SIGNET_ASSIGN(const Key* key, impl_->key_for(space, name, data));
  auto octets = [](const auto& signature) { return Bytes(signature.begin(), signature.end()); };
  return std::visit(Overloaded{
                        [&](const crypto::P256PrivateKey& ecdsa) { return octets(ecdsa.sign(data)); },
                        [&](const crypto::HmacKey& hmac) { return octets(hmac.mac(data)); },
                    },
                    *key);
}

Result<bool> ClientKeys::verify(const std::string& space, const std::string& name, BytesView data,
                                BytesView signature) {
  SIGNET_ASSIGN(const Key* key, impl_->key_for(space, name, data));
  return std::visit(
      Overloaded{
          [&](const crypto::P256PrivateKey& ecdsa) { return ecdsa.verify(data, signature); },
          [&](const crypto::HmacKey& hmac) { return crypto::equal_constant_time(hmac.mac(data), signature); },
      },
      *key);
}

Result<Bytes> ClientKeys::public_key(const std::string& space, const std::string& name) {
  SIGNET_ASSIGN(const Key* key, impl_->key(space, name));
  const auto* ecdsa = std::get_if<crypto::P256PrivateKey>(key);
  if (ecdsa == nullptr) return fail(Errc::unsupported, "key " + name + " is an hmac-sha256 key and has no public part");
  return ecdsa->public_der();
}

Result<std::vector<KeyInfo>> ClientKeys::list(const std::string& space) { return impl_->list(space); }

bool ClientKeys::loaded(std::string_view space, std::string_view name) const { return impl_->loaded(space, name); }

}  // namespace signet::identity
