#include "identity/registration.h"

#include <boost/json.hpp>

#include "base/base64.h"
#include "crypto/sha256.h"
#include "identity/registrar_message.h"
#include "jose/jose.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

constexpr std::string_view kRequestProfile = "tag:signet,2026:registration-1";
constexpr std::string_view kChallengeProfile = "tag:signet,2026:challenge-1";
constexpr std::string_view kReleaseProfile = "tag:signet,2026:release-1";
constexpr std::chrono::seconds kChallengeLife{300};
constexpr std::size_t kBearerNonce = 32;

// "ab...yz": enough for an administrator to know it, too little for anybody else.
std::string masked(const std::string& text) {
  return text.size() < 8 ? "..." : text.substr(0, 2) + "..." + text.substr(text.size() - 2);
}

std::string describe(const Ids& ids) { return "model_id " + ids.model_id + ", sn " + masked(ids.sn); }

std::string describe_difference(const Ids& stored, const Ids& asked) {
  if (stored.model_id != asked.model_id) return "field model_id: it is " + stored.model_id;
  if (stored.sn != asked.sn) return "field sn: it is " + masked(stored.sn);
  return "field app_id: it is " + stored.app_id;
}

json::object chip_json(const Device& device, const SecretBytes<32>& rpmb_key) {
  return {{"transport", device.transport},
          {"key_protection", device.key_protection},
          {"cid_hash", to_base64url(cid_hash(device.cid))},
          {"kcv", to_base64url(rpmb_key_check(rpmb_key))}};
}

Failure does_not_fit(const std::string& what) { return fail(Errc::certificate_invalid, "the certificate: " + what); }

}  // namespace

crypto::UnixTime Registration::now() const { return std::chrono::floor<std::chrono::seconds>(clock_.wall()); }

// The key of the registration that is `wanted`, and its id: of the one under way, or of a new one.
Result<crypto::P256PrivateKey> Registration::pending_key_for(PendingRecord& wanted) {
  SIGNET_ASSIGN(const auto pending, records_.pending());
  if (pending && pending->ids != wanted.ids) {
    return fail(Errc::registration_pending, "a registration is under way for " + describe(pending->ids) +
                                                "; finish it with the same ids, or have an administrator cancel it");
  }
  wanted.id = pending ? pending->id : random_.bytes<RegistrationId{}.size()>();
  SIGNET_ASSIGN(auto key, pending ? records_.pending_key() : crypto::P256PrivateKey::generate());
  if (!pending || pending->sn_ticket != wanted.sn_ticket) SIGNET_TRY(records_.begin(wanted, key));
  return key;
}

// The chip's key for the registrar, and nobody else.
Result<std::string> Registration::escrow(const SecretBytes<32>& rpmb_key) const {
  if (trust_.escrow_public_der.empty()) return "none";
  constexpr std::string_view kHead = R"({"rpmb_key":")";
  auto key = to_base64url(rpmb_key.view());
  const std::string tail = R"(","ueid":")" + to_base64url(ueid(device_.root, device_.cid)) + R"("})";
  SecretBuffer plain{kHead.size() + key.size() + tail.size()};
  auto at = std::copy(kHead.begin(), kHead.end(), plain.writable().begin());
  at = std::copy(key.begin(), key.end(), at);
  std::copy(tail.begin(), tail.end(), at);
  wipe(key.data(), key.size());
  return jose::encrypt_jwe(plain.view(), trust_.escrow_public_der);
}

Result<std::optional<std::string>> Registration::begin(const Ids& ids, std::string_view sn_ticket) {
  SIGNET_TRY(check_ids(ids));
  SIGNET_TRY(check_sn_ticket(sn_ticket));
  PendingRecord wanted{.id = {}, .ids = ids, .sn_ticket = crypto::sha256(as_bytes(sn_ticket))};
  SIGNET_ASSIGN(const auto identity, records_.identity());
  const bool ours = identity && identity->registrar == trust_.url;
  if (ours) {
    if (identity->ids != ids) {
      return fail(Errc::identity_mismatch,
                  "the device is registered already, and differs in " + describe_difference(identity->ids, ids));
    }
    if (identity->sn_ticket == wanted.sn_ticket) return std::nullopt;
  }
  SIGNET_ASSIGN(const auto key, pending_key_for(wanted));
  const auto rpmb_key = identity::rpmb_key(device_.root, device_.cid);
  SIGNET_ASSIGN(const auto escrowed, escrow(rpmb_key));
  const auto ueid_text = to_base64url(ueid(device_.root, device_.cid));
  const json::object request{
      {"profile", kRequestProfile}, {"id", to_base64url(wanted.id)},
      {"model_id", ids.model_id},   {"sn", ids.sn},
      {"app_id", ids.app_id},       {"sn_ticket", sn_ticket},
      {"ueid", ueid_text},          {"csr", to_base64url(crypto::make_certificate_request(key, ueid_text))},
      {"aud", trust_.url},          {"chip", chip_json(device_, rpmb_key)},
      {"escrow", escrowed},         {"generation", ours ? generation(*identity) : 0}};
  return jose::sign_jws(R"({"alg":"ES256","typ":"sgt-registration+jwt"})", json::serialize(request), key);
}

TicketClaims Registration::claims(const Ids& ids, std::string_view audience, std::chrono::seconds lifetime) {
  const auto issued_at = now();
  return {.audience = std::string{audience},
          .issued_at = issued_at,
          .expires_at = issued_at + lifetime,
          .id = to_base64url(random_.bytes<16>()),
          .ueid = ueid(device_.root, device_.cid),
          .model_id = ids.model_id,
          .app_id = ids.app_id,
          .transport = device_.transport,
          .key_protection = device_.key_protection,
          .kcv = rpmb_key_check(rpmb_key(device_.root, device_.cid))};
}

Result<std::optional<std::string>> Registration::prove(std::string_view challenge) {
  SIGNET_ASSIGN(const auto payload, open_registrar_message(challenge, "sgt-challenge+jwt", kChallengeProfile,
                                                           trust_.url, trust_.anchors, now()));
  SIGNET_ASSIGN(const auto id, text_member(payload, "id"));
  SIGNET_ASSIGN(const auto pending, records_.pending());
  if (!pending) {
    SIGNET_ASSIGN(const auto identity, records_.identity());
    if (identity && id == to_base64url(identity->id)) return std::nullopt;
    return fail(Errc::not_found, "no registration is under way");
  }
  SIGNET_ASSIGN(const auto device, text_member(payload, "ueid"));
  if (id != to_base64url(pending->id) || device != to_base64url(ueid(device_.root, device_.cid))) {
    return fail(Errc::ticket_invalid, "payload: id and ueid: the challenge is for another registration");
  }
  auto proof = claims(pending->ids, trust_.url, kChallengeLife);
  proof.use = TicketUse::challenge;
  SIGNET_ASSIGN(proof.nonce, text_member(payload, "nonce"));
  proof.sn = pending->ids.sn;
  SIGNET_ASSIGN(const auto key, records_.pending_key());
  SIGNET_ASSIGN(auto ticket,
                make_ticket(proof, key, {}, trust_.escrow_public_der.empty() ? nullptr : &device_.session));
  return ticket;
}

Result<void> Registration::check_certificate(const crypto::Certificate& certificate, const PendingRecord& pending) {
  SIGNET_ASSIGN(const auto anchor, crypto::verify_chain(certificate, trust_.anchors, now()));
  const auto policy = emulated() ? kEmulatedPolicy : kHardwarePolicy;
  if (!anchor.has_policy(policy) || !certificate.has_policy(policy)) {
    return does_not_fit(emulated() ? "not issued by the CA of emulated chips"
                                   : "not issued by the CA of hardware chips");
  }
  if (!certificate.has_extended_use(kSignsTickets)) return does_not_fit("is not one of a device");
  SIGNET_ASSIGN(const auto key, records_.pending_key());
  if (certificate.public_der() != key.public_der()) return does_not_fit("is for another key");
  if (certificate.common_name() != to_base64url(ueid(device_.root, device_.cid))) {
    return does_not_fit("is for another device");
  }
  const auto digest = identity_digest(pending.id, pending.ids);
  if (certificate.octets_extension(kIdentityDigest) != Bytes{digest.begin(), digest.end()}) {
    return does_not_fit("is for other ids");
  }
  return {};
}

Result<void> Registration::complete(const std::vector<Bytes>& chain) {
  if (chain.empty()) return fail(Errc::certificate_invalid, "the chain is empty");
  SIGNET_ASSIGN(auto certificate, crypto::Certificate::from_der(chain.front()));
  SIGNET_ASSIGN(const auto present, records_.identity());
  if (present && present->certificate == certificate) return {};  // the answer to an earlier call was lost
  SIGNET_ASSIGN(const auto pending, records_.pending());
  if (!pending) return fail(Errc::not_found, "no registration is under way");
  SIGNET_TRY(check_certificate(certificate, *pending));
  const IdentityRecord next{.id = pending->id,
                            .ids = pending->ids,
                            .sn_ticket = pending->sn_ticket,
                            .registrar = trust_.url,
                            .certificate = std::move(certificate)};
  if (generation(next) == 0) return does_not_fit("OU: must be the generation");
  if (present && present->registrar == trust_.url && generation(next) <= generation(*present)) {
    return does_not_fit("is of generation " + std::to_string(generation(next)) + "; the device has generation " +
                        std::to_string(generation(*present)));
  }
  return records_.complete(next);
}

Result<IdentityRecord> Registration::registered() {
  SIGNET_ASSIGN(auto identity, records_.identity());
  if (!identity) return fail(Errc::not_registered, "the device has no identity yet");
  if (identity->registrar != trust_.url) {
    return fail(Errc::not_registered,
                "the device is registered with " + identity->registrar + ", and the configuration says " + trust_.url);
  }
  return *std::move(identity);
}

Result<void> Registration::release(std::string_view signed_release) {
  SIGNET_ASSIGN(const auto identity, registered());
  SIGNET_ASSIGN(const auto payload, open_registrar_message(signed_release, "sgt-release+jwt", kReleaseProfile,
                                                           trust_.url, trust_.anchors, now()));
  SIGNET_ASSIGN(const auto device, text_member(payload, "ueid"));
  const auto* released = payload.if_contains("generation");
  if (device != to_base64url(ueid(device_.root, device_.cid)) || released == nullptr || !released->is_int64() ||
      released->as_int64() != generation(identity)) {
    return fail(Errc::ticket_invalid, "payload: ueid and generation: the release is for another identity");
  }
  return records_.release();
}

Result<MadeTicket> Registration::ticket(const TicketRequest& request) {
  SIGNET_ASSIGN(const auto identity, registered());
  if (!request.model_id.empty() && request.model_id != identity.ids.model_id) {
    return fail(Errc::identity_mismatch, "field model_id: it is " + identity.ids.model_id);
  }
  SIGNET_ASSIGN(const auto key, records_.device_key());
  if (key.public_der() != identity.certificate.public_der())
    return does_not_fit("is for another key than the device's");
  const bool bearer = request.nonce.empty();
  const auto usual = bearer ? kMaxTicketLife : kChallengeLife;
  auto said = claims(identity.ids, request.audience, request.lifetime.count() == 0 ? usual : request.lifetime);
  said.use = bearer ? TicketUse::bearer : TicketUse::challenge;
  said.nonce = bearer ? to_base64url(random_.bytes<kBearerNonce>()) : request.nonce;
  if (request.with_sn) said.sn = identity.ids.sn;
  said.generation = generation(identity);
  said.confirmation = request.confirmation;
  said.ext = request.ext;
  const std::vector<crypto::Certificate> chain{identity.certificate};
  SIGNET_ASSIGN(auto text,
                make_ticket(said, key, chain, trust_.escrow_public_der.empty() ? nullptr : &device_.session));
  return MadeTicket{.text = std::move(text), .expires_at = said.expires_at};
}

}  // namespace signet::identity
