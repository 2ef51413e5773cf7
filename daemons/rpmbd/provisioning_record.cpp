#include "rpmbd/provisioning_record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/durable_file.h"
#include "base/hex.h"

namespace signet::rpmbd {
namespace {

namespace json = boost::json;
constexpr const char* kFormat = "signet-provisioning/1";
constexpr std::array kStates{Provisioned::pending, Provisioned::programmed, Provisioned::verified};

Failure bad(std::string_view rule) { return fail(Errc::config_invalid, fmt::format("provisioning record: {}", rule)); }

Result<std::string> text_of(const json::object& object, std::string_view key) {
  const auto* value = object.if_contains(key);
  if (value == nullptr || !value->is_string()) return bad(fmt::format("'{}' is missing or not a string", key));
  return std::string{std::string_view{value->get_string()}};
}

template <std::size_t Size>
Result<void> octets_of(const json::object& object, std::string_view key, std::array<std::uint8_t, Size>& out) {
  SIGNET_ASSIGN(const auto text, text_of(object, key));
  const auto octets = from_hex(text);
  if (!octets || octets->size() != Size) return bad(fmt::format("'{}' must be {} hexadecimal digits", key, 2 * Size));
  std::copy(octets->begin(), octets->end(), out.begin());
  return {};
}

std::string to_json(const ProvisioningRecord& record) {
  return json::serialize(json::object{{"format", kFormat},
                                      {"cid", to_hex(record.cid.octets)},
                                      {"root_check", to_hex(record.root_check)},
                                      {"key_check", to_hex(record.key_check)},
                                      {"state", name(record.state)},
                                      {"boot_id", record.boot_id},
                                      {"time", record.time}}) +
         "\n";
}

}  // namespace

const char* name(Provisioned state) {
  switch (state) {
    case Provisioned::pending: return "pending";
    case Provisioned::programmed: return "programmed";
    case Provisioned::verified: return "verified";
  }
  return "";
}

Result<ProvisioningRecord> parse_record(std::string_view text) {
  boost::system::error_code malformed;
  const auto value = json::parse(text, malformed);
  if (malformed || !value.is_object()) return bad("not a JSON object");
  const auto& object = value.get_object();

  SIGNET_ASSIGN(const auto format, text_of(object, "format"));
  if (format != kFormat) return bad(fmt::format("format '{}' is not '{}'", format, kFormat));
  ProvisioningRecord record;
  SIGNET_TRY(octets_of(object, "cid", record.cid.octets));
  SIGNET_TRY(octets_of(object, "root_check", record.root_check));
  SIGNET_TRY(octets_of(object, "key_check", record.key_check));
  SIGNET_ASSIGN(const auto state, text_of(object, "state"));
  const auto* known = std::find_if(kStates.begin(), kStates.end(), [&](Provisioned s) { return state == name(s); });
  if (known == kStates.end()) return bad(fmt::format("state '{}' is not known", state));
  record.state = *known;
  SIGNET_ASSIGN(record.boot_id, text_of(object, "boot_id"));
  SIGNET_ASSIGN(record.time, text_of(object, "time"));
  return record;
}

std::string ProvisioningRecords::path(const identity::MaskedCid& cid) const {
  return directory_ + "/" + to_hex(cid.octets);
}

Result<std::optional<ProvisioningRecord>> ProvisioningRecords::load(const identity::MaskedCid& cid) const {
  const auto file = path(cid);
  std::ifstream stream{file, std::ios::binary};
  if (!stream) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<ProvisioningRecord>{};
    return system_failure("read " + file);
  }
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  auto record = parse_record(text);
  if (!record) return fail(record.error().code, file + ": " + record.error().context);
  if (record->cid.octets != cid.octets)
    return fail(Errc::config_invalid, file + ": provisioning record of another chip");
  return std::optional{*std::move(record)};
}

Result<void> ProvisioningRecords::save(const ProvisioningRecord& record) const {
  std::error_code failed;
  const bool created = std::filesystem::create_directories(directory_, failed);
  if (failed) {
    errno = failed.value();
    return system_failure("create " + directory_);
  }
  if (created) SIGNET_TRY(sync_directory(std::filesystem::path{directory_}.parent_path().string()));
  return replace_file(path(record.cid), as_bytes(to_json(record)));
}

}  // namespace signet::rpmbd
