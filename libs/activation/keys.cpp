#include "activation/keys.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/base64.h"
#include "identity/ids.h"

namespace signet::activation {
namespace {

constexpr std::string_view kSealedScalar = "private key";  // whose: purpose and generation
constexpr std::array kAllPurposes{KeyPurpose::hardware_ca, KeyPurpose::emulated_ca, KeyPurpose::registrar,
                                  KeyPurpose::escrow};
constexpr std::chrono::seconds kBackdated{3600};  // for devices whose clock is a little slow

struct Named {
  KeyPurpose purpose;
  std::uint32_t generation;
  [[nodiscard]] std::string text() const { return std::string{name(purpose)} + " " + std::to_string(generation); }
};

struct Making {
  const Seal& seal;
  const KeySpec& spec;
  UnixTime now;
  UnixTime active_from;
  crypto::Random& random;
};

Bytes serial_number(crypto::Random& random) {
  auto octets = random.bytes<16>();
  octets[0] = static_cast<std::uint8_t>((octets[0] & 0x7f) | 0x40);  // positive, and always 16 octets
  return {octets.begin(), octets.end()};
}

crypto::CertificateSpec certificate_spec(const Making& making, const std::string& common_name,
                                         std::chrono::seconds life) {
  return {.common_name = common_name,
          .organization = making.spec.organization,
          .not_before = making.now - kBackdated,
          .not_after = making.now + life,
          .serial = serial_number(making.random)};
}

Result<crypto::Certificate> make_ca(const Making& making, const Named& named, const crypto::P256PrivateKey& key) {
  const bool hardware = named.purpose == KeyPurpose::hardware_ca;
  auto spec = certificate_spec(
      making,
      making.spec.organization + (hardware ? " hardware CA " : " emulated CA ") + std::to_string(named.generation),
      making.spec.ca_life);
  spec.ca = true;
  spec.policies = {std::string{hardware ? identity::kHardwarePolicy : identity::kEmulatedPolicy}};
  return crypto::self_sign(spec, key);
}

Result<crypto::Certificate> certify_registrar(const Making& making, const Named& named,
                                              const crypto::P256PrivateKey& key, const KeyRing::Key& ca) {
  auto spec = certificate_spec(making, making.spec.organization + " registrar " + std::to_string(named.generation),
                               making.spec.registrar_life);
  spec.extended_uses = {std::string{identity::kSignsChallenges}};
  spec.not_after = std::min(spec.not_after, ca.certificate->not_after());
  return crypto::issue_certificate(spec, key.public_der(), *ca.certificate, ca.private_key);
}

// `ca`: the one that certifies a registrar key; null otherwise.
Result<KeyRing::Key> make_key(const Making& making, const Named& named, const KeyRing::Key* ca) {
  KeyRing::Key made{named.purpose, named.generation, making.active_from, crypto::P256PrivateKey::generate(), {}};
  switch (named.purpose) {
    case KeyPurpose::hardware_ca:
    case KeyPurpose::emulated_ca: {
      SIGNET_ASSIGN(made.certificate, make_ca(making, named, made.private_key));
      break;
    }
    case KeyPurpose::registrar: {
      SIGNET_ASSIGN(made.certificate, certify_registrar(making, named, made.private_key, *ca));
      break;
    }
    case KeyPurpose::escrow: break;
  }
  return made;
}

KeyRecord record_of(const Making& making, const KeyRing::Key& key) {
  const auto whose = Named{key.purpose, key.generation}.text();
  const auto scalar = key.private_key.scalar();
  return {.purpose = key.purpose,
          .generation = key.generation,
          .created_at = making.now,
          .active_from = key.active_from,
          .sealed_scalar = making.seal.close(scalar.view(), kSealedScalar, as_bytes(whose), making.random),
          .public_key = key.private_key.public_der(),
          .certificate = key.certificate ? key.certificate->der() : Bytes{}};
}

Result<KeyRing::Key> open_key(const KeyRecord& record, const Seal& seal) {
  const auto whose = Named{record.purpose, record.generation}.text();
  const auto unfit = [&whose](const std::string& words) { return fail(Errc::damaged, "key " + whose + ": " + words); };
  SIGNET_ASSIGN(const SecretBuffer plain, seal.open(record.sealed_scalar, kSealedScalar, as_bytes(whose)));
  if (plain.size() != 32) return unfit("is not of 32 octets");
  const crypto::P256Scalar scalar{plain.view().first<32>()};
  auto key = crypto::P256PrivateKey::from_scalar(scalar);
  if (!key || key->public_der() != record.public_key) return unfit("private and public key do not fit");
  std::optional<crypto::Certificate> certificate;
  if (record.purpose != KeyPurpose::escrow) {
    SIGNET_ASSIGN(certificate, crypto::Certificate::from_der(record.certificate));
    if (certificate->public_der() != record.public_key) return unfit("key and certificate do not fit");
  }
  return KeyRing::Key{record.purpose, record.generation, record.active_from, *std::move(key), std::move(certificate)};
}

std::string describe(const KeyRecord& key) { return Named{key.purpose, key.generation}.text(); }

Result<void> keep(Transaction& transaction, const KeyRecord& key, std::string_view action) {
  SIGNET_TRY(transaction.put(key));
  return transaction.add(
      {.at = key.created_at, .actor = "activationd", .action = std::string{action}, .detail = describe(key)});
}

Result<void> check_spec(const KeySpec& spec) {
  const auto size = spec.organization.size();
  if (size == 0 || size > 40) return fail(Errc::invalid_argument, "organization: must be 1 to 40 octets");
  if (spec.ca_life <= kBackdated || spec.registrar_life <= kBackdated) {
    return fail(Errc::invalid_argument, "life of a certificate: must be more than an hour");
  }
  return {};
}

std::string pem(std::string_view label, BytesView der) {
  constexpr std::size_t kLine = 64;
  const std::string text = to_base64(der);
  std::string lines = "-----BEGIN " + std::string{label} + "-----\n";
  for (std::size_t at = 0; at < text.size(); at += kLine) lines += text.substr(at, kLine) + "\n";
  return lines + "-----END " + std::string{label} + "-----\n";
}

}  // namespace

Result<void> make_keys(Repository& repository, const MasterKey& master, const KeySpec& spec, UnixTime now,
                       crypto::Random& random) {
  SIGNET_TRY(check_spec(spec));
  const Seal seal{master};
  const Making making{.seal = seal, .spec = spec, .now = now, .active_from = now, .random = random};
  std::vector<KeyRecord> records;
  std::optional<KeyRing::Key> hardware_ca;
  for (const KeyPurpose purpose : kAllPurposes) {
    SIGNET_ASSIGN(auto key, make_key(making, {purpose, 1}, hardware_ca ? &*hardware_ca : nullptr));
    records.push_back(record_of(making, key));
    if (purpose == KeyPurpose::hardware_ca) hardware_ca = std::move(key);
  }
  return write_and_wait(repository, [&records](Transaction& transaction) -> Result<void> {
    SIGNET_ASSIGN(const auto present, transaction.keys());
    if (!present.empty()) return fail(Errc::already_exists, "the registrar has its keys already");
    for (const KeyRecord& record : records) SIGNET_TRY(keep(transaction, record, "make_key"));
    return {};
  });
}

Result<void> rotate_key(Repository& repository, const MasterKey& master, KeyPurpose purpose, const KeySpec& spec,
                        UnixTime now, UnixTime active_from, crypto::Random& random) {
  SIGNET_TRY(check_spec(spec));
  SIGNET_ASSIGN(const KeyRing ring, KeyRing::load(repository, master));
  const std::uint32_t generation = ring.all(purpose).front()->generation + 1;
  const Making making{
      .seal = ring.seal(), .spec = spec, .now = now, .active_from = std::max(now, active_from), .random = random};
  const auto& ca = ring.current(KeyPurpose::hardware_ca, making.active_from);
  SIGNET_ASSIGN(const auto key, make_key(making, {purpose, generation}, &ca));
  const KeyRecord record = record_of(making, key);
  return write_and_wait(repository, [&record](Transaction& transaction) -> Result<void> {
    SIGNET_ASSIGN(const auto present, transaction.keys());
    const auto taken = [&record](const KeyRecord& other) {
      return other.purpose == record.purpose && other.generation >= record.generation;
    };
    if (std::any_of(present.begin(), present.end(), taken)) {
      return fail(Errc::busy, "another rotation of " + std::string{name(record.purpose)} + " was quicker");
    }
    return keep(transaction, record, "rotate_key");
  });
}

Result<KeyRing> KeyRing::load(Repository& repository, const MasterKey& master) {
  std::vector<KeyRecord> records;
  SIGNET_TRY(repository.read([&records](View& view) -> Result<void> {
    SIGNET_ASSIGN(records, view.keys());
    return {};
  }));
  Seal seal{master};
  std::vector<Key> keys;
  for (const KeyRecord& record : records) {
    SIGNET_ASSIGN(auto key, open_key(record, seal));
    keys.push_back(std::move(key));
  }
  for (const KeyPurpose purpose : kAllPurposes) {
    const auto of_purpose = [purpose](const Key& key) { return key.purpose == purpose; };
    if (std::none_of(keys.begin(), keys.end(), of_purpose)) {
      return fail(Errc::not_found, "there is no " + std::string{name(purpose)} + " key; `activationd init` makes all");
    }
  }
  return KeyRing{std::move(keys), std::move(seal)};
}

KeyRing::KeyRing(std::vector<Key> keys, Seal seal) : keys_{std::move(keys)}, seal_{std::move(seal)} {
  std::stable_sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) { return a.generation > b.generation; });
  for (const Key& key : keys_) {
    if (key.purpose == KeyPurpose::hardware_ca) hardware_.push_back(*key.certificate);
    if (key.purpose == KeyPurpose::emulated_ca) emulated_.push_back(*key.certificate);
  }
}

const KeyRing::Key& KeyRing::current(KeyPurpose purpose, UnixTime time) const {
  const Key* oldest = nullptr;
  for (const Key& key : keys_) {
    if (key.purpose != purpose) continue;
    if (key.active_from <= time) return key;
    oldest = &key;
  }
  if (oldest == nullptr) std::abort();  // load() has seen to it
  return *oldest;                       // the clock stands before the beginning
}

const KeyRing::Key* KeyRing::find(KeyPurpose purpose, std::uint32_t generation) const {
  for (const Key& key : keys_) {
    if (key.purpose == purpose && key.generation == generation) return &key;
  }
  return nullptr;
}

std::vector<const KeyRing::Key*> KeyRing::all(KeyPurpose purpose) const {
  std::vector<const Key*> found;
  for (const Key& key : keys_) {
    if (key.purpose == purpose) found.push_back(&key);
  }
  return found;
}

std::string KeyRing::ca_pem() const {
  std::string text;
  for (const auto& certificate : hardware_) text += certificate.pem();
  for (const auto& certificate : emulated_) text += certificate.pem();
  return text;
}

std::span<const crypto::Certificate> KeyRing::anchors(ChipKind kind) const {
  return kind == ChipKind::hardware ? hardware_ : emulated_;
}

std::string KeyRing::escrow_pem(UnixTime time) const {
  return pem("PUBLIC KEY", current(KeyPurpose::escrow, time).private_key.public_der());
}

}  // namespace signet::activation
