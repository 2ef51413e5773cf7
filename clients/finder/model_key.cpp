#include "finder/model_key.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "base/trim.h"
#include "crypto/ecdsa.h"

namespace signet::finder {
namespace {

Result<Bytes> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return fail(Errc::not_found, "cannot read " + path);
  Bytes content(kMaxModelKeyFile);
  file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(content.size()));
  if (file.bad()) return fail(Errc::io, "cannot read " + path);
  content.resize(static_cast<std::size_t>(file.gcount()));
  return content;
}

}  // namespace

std::string model_text(const fastpair::ModelId& model) {
  std::string text = to_hex(model);
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

Result<fastpair::PublicKey> parse_model_key(BytesView content) {
  if (const auto der = crypto::public_key_from_pem(as_text(content))) return crypto::public_point(*der);
  Bytes octets{content.begin(), content.end()};
  fastpair::PublicKey key{};
  if (octets.size() != key.size()) octets = from_hex(trimmed(as_text(content))).value_or(Bytes{});
  if (octets.size() != key.size()) {
    return fail(Errc::invalid_argument, "must be a P-256 public key: PEM, 64 octets (x, y), or 128 hexadecimal digits");
  }
  std::ranges::copy(octets, key.begin());
  return key;
}

Result<fastpair::PublicKey> known_model_key(const std::string& keyring_path, const fastpair::ModelId& model) {
  const auto path = std::filesystem::path{keyring_path}.parent_path() / "models" / (model_text(model) + ".pem");
  const auto content = read_file(path);
  if (!content && content.error().code == Errc::not_found) {
    return fail(Errc::not_found, "the public anti-spoofing key of model " + model_text(model) +
                                     " is not known; give the key itself, or put it there (" + content.error().context +
                                     ")");
  }
  if (!content) return fail(content.error());
  auto key = parse_model_key(*content);
  if (!key) return fail(key.error().code, path.string() + ": " + key.error().context);
  return key;
}

}  // namespace signet::finder
