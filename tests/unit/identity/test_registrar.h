// A registrar in a test: CAs and keys of its own, and whatever it is told to sign.
#pragma once

#include <boost/json.hpp>
#include <string>
#include <vector>

#include "base/base64.h"
#include "crypto/x509.h"
#include "identity/registration.h"
#include "jose/jose.h"

namespace signet::identity::testing {

using namespace std::chrono_literals;
namespace json = boost::json;

inline constexpr crypto::UnixTime kNow{std::chrono::seconds{1'800'000'000}};
inline constexpr const char* kUrl = "https://registrar.test";

class TestRegistrar {
 public:
  // `now`: what its certificates and messages are dated by.
  explicit TestRegistrar(crypto::UnixTime now = kNow)
      : now_{now},
        hardware_{make_ca("Test hardware CA", kHardwarePolicy, hardware_key_)},
        emulated_{make_ca("Test emulated CA", kEmulatedPolicy, emulated_key_)},
        signer_{make_signer(hardware_, hardware_key_, std::string{kSignsChallenges})} {}

  [[nodiscard]] RegistrarTrust trust() const {
    return {.url = kUrl, .anchors = {hardware_, emulated_}, .escrow_public_der = escrow_key_.public_der()};
  }

  // What a device has asked for; its signature has been checked.
  struct Request {
    json::object payload;
    Bytes public_der;
  };
  static Request open(const std::string& request) {
    const auto jws = jose::parse_jws(request).value();
    auto payload = json::parse(jws.payload).as_object();
    const auto csr = from_base64url(payload.at("csr").as_string()).value();
    auto key = crypto::verified_request_key(csr).value();
    if (!jose::verify_jws(request, key).value()) throw std::runtime_error{"the request's signature"};
    return {std::move(payload), std::move(key)};
  }
  Bytes open_escrow(const Request& request) const {
    return jose::decrypt_jwe(request.payload.at("escrow").as_string(), escrow_key_).value();
  }

  [[nodiscard]] json::object challenge_for(const Request& request) const {
    return {{"profile", "tag:signet,2026:challenge-1"},
            {"id", request.payload.at("id")},
            {"ueid", request.payload.at("ueid")},
            {"nonce", to_base64url(Bytes(32, 0x5a))},
            {"aud", kUrl},
            {"iat", now_.time_since_epoch().count()},
            {"exp", (now_ + std::chrono::days{7}).time_since_epoch().count()}};
  }
  [[nodiscard]] json::object release_for(const Request& request, std::uint32_t generation) const {
    auto release = challenge_for(request);
    release["profile"] = "tag:signet,2026:release-1";
    release["generation"] = generation;
    return release;
  }
  [[nodiscard]] std::string sign(const json::object& payload, const char* type = "sgt-challenge+jwt") const {
    return sign_as(signer_, signer_key_, payload, type);
  }
  static std::string sign_as(const crypto::Certificate& signer, const crypto::P256PrivateKey& key,
                             const json::object& payload, const char* type = "sgt-challenge+jwt") {
    const json::object header{{"alg", "ES256"}, {"typ", type}, {"x5c", json::array{to_base64(signer.der())}}};
    return jose::sign_jws(json::serialize(header), json::serialize(payload), key).value();
  }
  // A signer of another CA, or with another purpose.
  crypto::Certificate make_signer(const crypto::Certificate& ca, const crypto::P256PrivateKey& ca_key,
                                  const std::string& use) const {
    return crypto::issue_certificate({.common_name = "Test registrar",
                                      .organization = "Test",
                                      .organizational_unit = "",
                                      .not_before = now_ - 24h,
                                      .not_after = now_ + 24h * 365,
                                      .serial = {2},
                                      .ca = false,
                                      .policies = {},
                                      .extended_uses = {use},
                                      .octets_extensions = {}},
                                     signer_key_.public_der(), ca, ca_key)
        .value();
  }

  // What a certificate for this request says; tests change it.
  [[nodiscard]] crypto::CertificateSpec specify(const Request& request, std::uint32_t generation) const {
    const auto text = [&](const char* member) { return std::string{request.payload.at(member).as_string()}; };
    RegistrationId id;
    const auto octets = from_base64url(text("id")).value();
    std::copy(octets.begin(), octets.end(), id.begin());
    const auto digest = identity_digest(id, {.model_id = text("model_id"), .sn = text("sn"), .app_id = text("app_id")});
    const bool emulated = request.payload.at("chip").at("transport").as_string() == "emulator";
    return {.common_name = text("ueid"),
            .organization = "Test",
            .organizational_unit = std::to_string(generation),
            .not_before = now_ - 1h,
            .not_after = now_ + 24h * 3650,
            .serial = {3},
            .ca = false,
            .policies = {std::string{emulated ? kEmulatedPolicy : kHardwarePolicy}},
            .extended_uses = {std::string{kSignsTickets}},
            .octets_extensions = {{std::string{kIdentityDigest}, Bytes{digest.begin(), digest.end()}}}};
  }
  [[nodiscard]] Bytes issue(const crypto::CertificateSpec& spec, const Request& request) const {
    const bool emulated = request.payload.at("chip").at("transport").as_string() == "emulator";
    return crypto::issue_certificate(spec, request.public_der, emulated ? emulated_ : hardware_,
                                     emulated ? emulated_key_ : hardware_key_)
        .value()
        .der();
  }

  // Of the CA of emulated chips; DER.
  [[nodiscard]] Bytes empty_list() const {
    return crypto::RevocationList::make({}, 1, now_ - 1h, now_ + 1h, emulated_, emulated_key_).value().der();
  }

  [[nodiscard]] crypto::Certificate make_ca(const char* name, std::string_view policy,
                                            const crypto::P256PrivateKey& key) const {
    return crypto::self_sign({.common_name = name,
                              .organization = "Test",
                              .organizational_unit = "",
                              .not_before = now_ - 24h,
                              .not_after = now_ + 24h * 7300,
                              .serial = {1},
                              .ca = true,
                              .policies = {std::string{policy}},
                              .extended_uses = {},
                              .octets_extensions = {}},
                             key)
        .value();
  }

  crypto::UnixTime now_;
  crypto::P256PrivateKey hardware_key_ = crypto::P256PrivateKey::generate();
  crypto::P256PrivateKey emulated_key_ = crypto::P256PrivateKey::generate();
  crypto::P256PrivateKey signer_key_ = crypto::P256PrivateKey::generate();
  crypto::P256PrivateKey escrow_key_ = crypto::P256PrivateKey::generate();
  crypto::Certificate hardware_;
  crypto::Certificate emulated_;
  crypto::Certificate signer_;
};

}  // namespace signet::identity::testing
