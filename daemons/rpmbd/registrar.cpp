#include "rpmbd/registrar.h"

#include <fstream>
#include <iterator>

#include "crypto/ecdsa.h"

namespace signet::rpmbd {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;

Failure wrong(const char* key, const std::string& file, const std::string& rule) {
  return fail(Errc::config_invalid, std::string{"registrar."} + key + ": " + file + ": " + rule);
}

Result<std::string> read(const char* key, const std::string& file) {
  std::ifstream stream{file, std::ios::binary};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  if (!stream.is_open()) return wrong(key, file, "cannot be read; is it there, and readable for rpmbd?");
  if (text.size() > kMaxFile) return wrong(key, file, "larger than 64 KiB");
  return text;
}

Result<std::vector<crypto::Certificate>> load_anchors(const std::string& file) {
  SIGNET_ASSIGN(const auto text, read("ca", file));
  auto anchors = crypto::Certificate::from_pem(text);
  if (!anchors) return wrong("ca", file, anchors.error().context);
  for (const auto& anchor : *anchors) {
    if (!anchor.is_ca()) return wrong("ca", file, "'" + anchor.common_name() + "' is not the certificate of a CA");
  }
  return anchors;
}

Result<Bytes> load_escrow_key(const std::string& file) {
  if (file == "none") return Bytes{};
  SIGNET_ASSIGN(const auto text, read("escrow", file));
  auto key = crypto::public_key_from_pem(text);
  if (!key) return wrong("escrow", file, key.error().context);
  return key;
}

}  // namespace

Result<Registrar> load_registrar(const std::optional<RegistrarConfig>& config) {
  if (!config) return fail(Errc::config_invalid, "there is no [registrar] in rpmbd's configuration");
  Registrar registrar{.trust = {.url = config->url, .anchors = {}, .escrow_public_der = {}},
                      .tls_ca = {},
                      .sn_audiences = config->sn_audiences};
  SIGNET_ASSIGN(registrar.trust.anchors, load_anchors(config->ca));
  SIGNET_ASSIGN(registrar.trust.escrow_public_der, load_escrow_key(config->escrow));
  if (!config->tls_ca.empty()) {
    SIGNET_ASSIGN(registrar.tls_ca, read("tls_ca", config->tls_ca));
  }
  return registrar;
}

}  // namespace signet::rpmbd
