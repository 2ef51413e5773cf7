#include "fmdn/report.h"

#include <algorithm>

#include "crypto/hkdf.h"

namespace signet::fmdn {
namespace {

Failure does_not_fit(const std::string& what) { return fail(Errc::bad_signature, "report: " + what); }

std::size_t half_of_nonce(NonceProfile profile) { return profile == NonceProfile::spec80 ? 10 : 8; }

}  // namespace

std::optional<Curve> curve_of(std::size_t eid_size) {
  if (eid_size == 20) return Curve::secp160r1;
  if (eid_size == 32) return Curve::secp256r1;
  return std::nullopt;
}

TruncatedEid truncate(BytesView eid) {
  TruncatedEid urx{};
  std::copy_n(eid.begin(), std::min(eid.size(), urx.size()), urx.begin());
  return urx;
}

ReportKey report_key(BytesView shared_x, BytesView eid, BytesView sx, NonceProfile profile) {
  ReportKey result;
  crypto::hkdf_sha256(shared_x, {}, "", result.key.writable());
  const std::size_t half = half_of_nonce(profile);
  append(result.nonce, eid.last(half));
  append(result.nonce, sx.last(half));
  return result;
}

Result<Report> seal(BytesView eid, NonceProfile profile, BytesView message, const SecretBytes<32>& pseudorandom) {
  const auto name = curve_of(eid.size());
  if (!name) return fail(Errc::invalid_argument, "identifier: must have 20 or 32 octets");
  const auto& curve = crypto::EidCurve::of(*name);
  const SecretBuffer scalar = curve.reduce(pseudorandom.view());
  const auto shared = curve.multiply(scalar.view(), eid);
  const auto sx = curve.multiply_base(scalar.view());
  if (!shared || !sx) return fail(Errc::invalid_argument, "identifier: is no point of its curve");
  const ReportKey with = report_key(*shared, eid, *sx, profile);
  auto sealed = crypto::eax_seal(with.key.view(), with.nonce, {}, message);
  return Report{
      .urx = truncate(eid), .sx = *sx, .text = std::move(sealed.text), .tag = {sealed.tag.begin(), sealed.tag.end()}};
}

Result<Bytes> open(const Report& report, const Identity& identity, NonceProfile profile) {
  const auto name = curve_of(identity.eid.size());
  if (!name || report.urx != truncate(identity.eid)) return does_not_fit("is for another identifier");
  if (report.tag.size() != crypto::kEaxTagSize) return does_not_fit("tag: must have 16 octets");
  const auto shared = crypto::EidCurve::of(*name).multiply(identity.scalar.view(), report.sx);
  if (!shared) return does_not_fit("Sx: is no point of the curve");
  const ReportKey with = report_key(*shared, identity.eid, report.sx, profile);
  auto message = crypto::eax_open(with.key.view(), with.nonce, {}, report.text, report.tag);
  if (!message) return does_not_fit("tag: does not fit");
  return *std::move(message);
}

Result<Bytes> open(const Report& report, const Identity& identity) {
  const bool short_curve = curve_of(identity.eid.size()) == Curve::secp160r1;
  auto message = open(report, identity, short_curve ? NonceProfile::deployed64 : NonceProfile::spec80);
  if (message) return message;
  return open(report, identity, short_curve ? NonceProfile::spec80 : NonceProfile::deployed64);
}

}  // namespace signet::fmdn
