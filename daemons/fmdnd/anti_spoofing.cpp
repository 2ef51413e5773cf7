#include "fmdnd/anti_spoofing.h"

#include <filesystem>

#include "base/base64.h"
#include "identity/secret_file.h"

namespace signet::fmdnd {
namespace {

constexpr std::size_t kLongestFile = 256;

Failure no_key(const std::string& rule) { return fail(Errc::config_invalid, "anti-spoofing key: " + rule); }

bool is_there(const std::string& path) {
  std::error_code unknown;
  return std::filesystem::exists(path, unknown);
}

}  // namespace

Result<crypto::P256PrivateKey> parse_anti_spoofing_key(BytesView text) {
  std::string_view digits = as_text(text);
  while (digits.ends_with('\n') || digits.ends_with('\r')) digits.remove_suffix(1);
  auto octets = from_base64(digits);
  if (!octets || octets->size() != 32) return no_key("must be base64 of 32 octets, as the Fast Pair console shows it");
  const crypto::P256Scalar scalar{std::span<const std::uint8_t, 32>{*octets}};
  wipe(octets->data(), octets->size());
  auto key = crypto::P256PrivateKey::from_scalar(scalar);
  if (!key) return no_key("is no private key of P-256");
  return key;
}

Result<crypto::P256PrivateKey> load_anti_spoofing_key(const std::string& credentials_directory,
                                                      const std::string& file) {
  if (!credentials_directory.empty()) {
    const auto path = credentials_directory + "/" + kAntiSpoofingCredential;
    const auto content = identity::read_secret_file(path, identity::kCredential, kLongestFile);
    if (content) return parse_anti_spoofing_key(content->view());
    if (content.error().code != Errc::not_found) return fail(content.error());
  }
  if (file.empty()) {
    return no_key(std::string{"there is neither a credential "} + kAntiSpoofingCredential +
                  " nor a file (device.anti_spoofing_key)");
  }
  SIGNET_ASSIGN(const auto content, identity::read_secret_file(file, identity::kPrivateFile, kLongestFile));
  return parse_anti_spoofing_key(content.view());
}

Result<std::optional<std::string>> check_anti_spoofing_key(const std::string& etc, const std::string& file) {
  const auto plain = etc + "/credstore";
  const auto encrypted = etc + "/credstore.encrypted/" + kAntiSpoofingCredential;
  if (!is_there(plain + "/" + kAntiSpoofingCredential) && is_there(encrypted)) {
    return encrypted + " is not judged: only systemd decrypts it, for the unit";
  }
  SIGNET_TRY(load_anti_spoofing_key(plain, file));
  return std::nullopt;
}

}  // namespace signet::fmdnd
