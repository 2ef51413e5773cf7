// Cases of one question and one answer.
#include <charconv>

#include "base/endian.h"
#include "base/hex.h"
#include "crypto/sha256.h"
#include "dult/vectors/groups.h"

namespace signet::dult {
namespace {

using vectors::boolean_of;
using vectors::number_of;
using vectors::octets_of;

constexpr ConnectionId kStranger = 1;
constexpr std::size_t kEikSize = 32;
constexpr std::size_t kRecoveryKeySize = 8;

using RecoveryKey = std::array<std::uint8_t, kRecoveryKeySize>;

// FMDN specification, keys: the first octets of SHA256(EIK || 0x01).
Result<RecoveryKey> recovery_key_of(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto eik, octets_of<kEikSize>(entry, "eik"));
  constexpr std::uint8_t kPurpose[] = {0x01};
  const crypto::Digest digest = crypto::sha256({eik, kPurpose});
  RecoveryKey key;
  std::copy_n(digest.begin(), key.size(), key.begin());
  return key;
}

Result<Identifier> identifier_of(const JsonCursor& entry) {
  SIGNET_ASSIGN(const RecoveryKey key, recovery_key_of(entry));
  SIGNET_ASSIGN(const JsonCursor eid_at, entry.member("eid"));
  SIGNET_ASSIGN(const Bytes eid, eid_at.octets());
  if (eid.size() != 20 && eid.size() != 32) return eid_at.malformed("is neither 20 nor 32 octets");
  return make_identifier(BytesView{eid}.first<kTruncatedEidSize>(), key);
}

Result<std::string> expected_indication(const JsonCursor& entry, std::string_view member) {
  SIGNET_ASSIGN(const std::string hex, text_of(entry, member));
  return std::to_string(kStranger) + ": " + hex;
}

// "error" and all that follows from a write that ATT does not take.
std::string written(Service& service, BytesView octets) {
  const Outcome outcome = service.write(kStranger, octets, 0, Time{0});
  return outcome.error ? "an ATT error" : indications_text(outcome.effects.indications);
}

Result<Version> version_of(const JsonCursor& at) {
  SIGNET_ASSIGN(const auto numbers, at.elements());
  if (numbers.size() != 3) return at.malformed("is not major, minor and revision");
  Version version;
  SIGNET_ASSIGN(version.major, numbers[0].number<std::uint16_t>());
  SIGNET_ASSIGN(version.minor, numbers[1].number<std::uint8_t>());
  SIGNET_ASSIGN(version.revision, numbers[2].number<std::uint8_t>());
  return version;
}

template <class Choice>
Result<Choice> choice_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const auto number, number_of<std::uint8_t>(entry, name));
  return static_cast<Choice>(number);
}

Result<Product> product_of(const JsonCursor& config) {
  Product product;
  SIGNET_ASSIGN(product.model_id, octets_of<std::tuple_size_v<ModelId>>(config, "model_id"));
  SIGNET_ASSIGN(product.manufacturer, text_of(config, "manufacturer"));
  SIGNET_ASSIGN(product.model, text_of(config, "model"));
  SIGNET_ASSIGN(product.category, number_of<std::uint8_t>(config, "category"));
  SIGNET_ASSIGN(product.capabilities, number_of<std::uint32_t>(config, "capabilities"));
  SIGNET_ASSIGN(const JsonCursor firmware, config.member("firmware"));
  SIGNET_ASSIGN(product.firmware, version_of(firmware));
  SIGNET_ASSIGN(product.battery_type, choice_of<BatteryType>(config, "battery_type"));
  SIGNET_ASSIGN(product.battery_level, choice_of<BatteryLevel>(config, "battery_level"));
  SIGNET_ASSIGN(const JsonCursor network_version, config.member("network_version"));
  SIGNET_ASSIGN(product.network_version, version_of(network_version));
  if (const auto checked = check(product); !checked) return config.malformed(checked.error().context);
  return product;
}

// "version 1.0.0"
std::optional<std::uint32_t> version_number(std::string_view text) {
  std::array<std::uint32_t, 3> parts{};
  const char* at = text.data();
  const char* end = at + text.size();
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return std::nullopt;
    const auto read = std::from_chars(at, end, parts[i]);
    if (read.ec != std::errc{} || parts[i] > (i == 0 ? 0xffffU : 0xffU)) return std::nullopt;
    at = read.ptr;
  }
  if (at != end) return std::nullopt;
  return packed(
      {static_cast<std::uint16_t>(parts[0]), static_cast<std::uint8_t>(parts[1]), static_cast<std::uint8_t>(parts[2])});
}

// "play sound + motion detector + BLE lookup"
std::optional<std::uint32_t> capability_bits(std::string_view text) {
  constexpr std::pair<std::string_view, std::uint32_t> kWords[] = {{"play sound", kPlaysSound},
                                                                   {"motion detector", kDetectsMotion},
                                                                   {"NFC lookup", kLookupByNfc},
                                                                   {"BLE lookup", kLookupByBle}};
  constexpr std::string_view kAnd = " + ";
  std::uint32_t bits = 0;
  while (true) {
    const std::size_t end = text.find(kAnd);
    const auto* word = std::find_if(std::begin(kWords), std::end(kWords),
                                    [&](const auto& known) { return known.first == text.substr(0, end); });
    if (word == std::end(kWords)) return std::nullopt;
    bits |= word->second;
    if (end == std::string_view::npos) return bits;
    text.remove_prefix(end + kAnd.size());
  }
}

constexpr std::string_view kVersion = "version ";
constexpr std::string_view kModelId = "model ID 0x";

Result<std::string> run_product_data(const JsonCursor& entry, std::string_view hex) {
  const auto octets = from_hex(hex);
  ModelId id{};
  if (!octets || octets->size() != id.size()) return entry.malformed("names no model ID of three octets");
  std::copy(octets->begin(), octets->end(), id.begin());
  SIGNET_ASSIGN(const std::string expected, text_of(entry, "octets"));
  Differences differences;
  differences.compare("octets", expected, to_hex(product_data(id)));
  return differences.text();
}

}  // namespace

Result<std::string> run_identifier(const JsonCursor& entry) {
  SIGNET_ASSIGN(const RecoveryKey key, recovery_key_of(entry));
  KnownIdentifier owner;
  SIGNET_ASSIGN(owner.known, identifier_of(entry));
  Service service{any_product(), owner};
  service.set_separated(true);
  SIGNET_TRY(service.open_identifier_window(Time{0}));

  Differences differences;
  SIGNET_ASSIGN(const std::string recovery_key, text_of(entry, "recovery_key"));
  differences.compare("recovery_key", recovery_key, to_hex(key));
  SIGNET_ASSIGN(const std::string payload, text_of(entry, "payload"));
  differences.compare("payload", payload, to_hex(*owner.known));
  SIGNET_ASSIGN(const std::string indication, expected_indication(entry, "indication"));
  differences.compare("indication", indication, written(service, message(Opcode::get_identifier)));
  return differences.text();
}

Result<std::string> run_nfc_url(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Identifier identifier, identifier_of(entry));
  SIGNET_ASSIGN(const auto model_id, octets_of<std::tuple_size_v<ModelId>>(entry, "model_id"));
  SIGNET_ASSIGN(const std::string url, text_of(entry, "url"));
  Differences differences;
  differences.compare("url", url, nfc_url(identifier, model_id));
  return differences.text();
}

Result<std::string> run_opcode(const JsonCursor& entry) {
  Product product = any_product();
  SIGNET_ASSIGN(const auto config, entry.find("config"));
  if (config) {
    SIGNET_ASSIGN(product, product_of(*config));
  }
  SIGNET_ASSIGN(const bool separated, boolean_of(entry, "separated"));
  SIGNET_ASSIGN(const Bytes write, octets_of(entry, "write"));
  SIGNET_ASSIGN(const std::string expected, expected_indication(entry, "indicate"));

  KnownIdentifier owner;
  owner.known.emplace();
  Service service{std::move(product), owner};
  service.set_separated(separated);
  Differences differences;
  differences.compare("indicate", expected, written(service, write));
  return differences.text();
}

Result<std::string> run_encoding(const JsonCursor& entry) {
  SIGNET_ASSIGN(const std::string what, text_of(entry, "what"));
  if (what.starts_with(kModelId)) return run_product_data(entry, std::string_view{what}.substr(kModelId.size()));
  const auto number = what.starts_with(kVersion) ? version_number(std::string_view{what}.substr(kVersion.size()))
                                                 : capability_bits(what);
  if (!number) return entry.malformed("is none of a version, a model ID and capabilities");
  SIGNET_ASSIGN(const auto expected, number_of<std::uint32_t>(entry, "uint32"));
  SIGNET_ASSIGN(const std::string octets, text_of(entry, "le_octets"));
  Bytes encoded;
  append_le(encoded, *number);
  Differences differences;
  differences.compare("uint32", std::to_string(expected), std::to_string(*number));
  differences.compare("le_octets", octets, to_hex(encoded));
  return differences.text();
}

}  // namespace signet::dult
