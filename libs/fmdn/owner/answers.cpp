#include "fmdn/owner/answers.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::fmdn::owner {
namespace {

constexpr std::uint8_t kEikIsSet = 0x01;
constexpr std::uint8_t kKeyIsTheOwners = 0x02;

Result<void> check_size(BytesView answer, std::size_t size, const char* what) {
  if (answer.size() == size) return {};
  return fail(Errc::invalid_argument,
              std::string{what} + ": " + std::to_string(answer.size()) + " octets instead of " + std::to_string(size));
}

}  // namespace

Result<Parameters> decode_parameters(BytesView answer, AccountKeyView account_key) {
  SIGNET_TRY(check_size(answer, sizeof(crypto::AesBlock), "beacon parameters"));
  crypto::AesBlock block;
  std::ranges::copy(answer, block.begin());
  block = crypto::AesKey{account_key}.decrypt(block);
  if (block[5] > 1) return fail(Errc::unsupported, "beacon parameters: curve " + std::to_string(block[5]));
  if (block[6] > 3) return fail(Errc::unsupported, "beacon parameters: ring components " + std::to_string(block[6]));
  return Parameters{.calibrated_power = static_cast<std::int8_t>(block[0]),
                    .clock = load_be<std::uint32_t>(block, 1),
                    .curve = block[5] == 0 ? Curve::secp160r1 : Curve::secp256r1,
                    .ring_parts = static_cast<RingParts>(block[6]),
                    .ring_volumes = (block[7] & 1) != 0};
}

Result<ProvisioningState> decode_provisioning_state(BytesView answer) {
  if (answer.empty()) return fail(Errc::invalid_argument, "provisioning state: no octets");
  const BytesView eid = answer.subspan(1);
  const bool provisioned = (answer[0] & kEikIsSet) != 0;
  const bool fits = provisioned ? eid.size() == 20 || eid.size() == 32 : eid.empty();
  if (!fits) {
    return fail(Errc::invalid_argument,
                "provisioning state: an identifier of " + std::to_string(eid.size()) + " octets");
  }
  return ProvisioningState{
      .provisioned = provisioned, .owner = (answer[0] & kKeyIsTheOwners) != 0, .eid = {eid.begin(), eid.end()}};
}

Result<Eik> decode_eik(BytesView answer, AccountKeyView owner_key) {
  SIGNET_TRY(check_size(answer, kEikSize, "identity key"));
  return unwrap(answer.first<kEikSize>(), owner_key);
}

Result<RingingState> decode_ringing_state(BytesView answer) {
  SIGNET_TRY(check_size(answer, 3, "ringing state"));
  return RingingState{.ringing = answer[0], .left = Deciseconds{load_be<std::uint16_t>(answer, 1)}};
}

Result<RingNotice> decode_ring_notice(BytesView answer) {
  SIGNET_TRY(check_size(answer, 4, "change of ringing"));
  if (answer[0] > static_cast<std::uint8_t>(RingState::requested)) {
    return fail(Errc::unsupported, "change of ringing: state " + std::to_string(answer[0]));
  }
  return RingNotice{.state = static_cast<RingState>(answer[0]),
                    .ringing = answer[1],
                    .left = Deciseconds{load_be<std::uint16_t>(answer, 2)}};
}

}  // namespace signet::fmdn::owner
