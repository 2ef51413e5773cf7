#include "fmdn/beacon_message.h"

#include <algorithm>

#include "crypto/hmac.h"

namespace signet::fmdn {
namespace {

constexpr std::size_t kHeader = 2;
constexpr std::uint8_t kResponse = 0x01;  // at the end, so that no response is a request

// The sizes of the additional data of a request; most operations have one only.
struct Layout {
  DataId id;
  std::array<std::size_t, 2> additional;
};
constexpr Layout kLayouts[] = {
    {DataId::read_parameters, {0, 0}},
    {DataId::read_provisioning_state, {0, 0}},
    {DataId::set_eik, {kEikSize, kEikSize + sizeof(Hash)}},
    {DataId::clear_eik, {sizeof(Hash), sizeof(Hash)}},
    {DataId::read_eik, {0, 0}},
    {DataId::ring, {4, 4}},
    {DataId::read_ringing_state, {0, 0}},
    {DataId::activate_unwanted_tracking, {0, 1}},
    {DataId::deactivate_unwanted_tracking, {sizeof(Hash), sizeof(Hash)}},
};

Authentication authenticate(BytesView key, const Nonce& nonce, DataId id, BytesView additional, BytesView end) {
  const std::array<std::uint8_t, 1> version{kProtocolVersion};
  const std::array<std::uint8_t, kHeader> header{static_cast<std::uint8_t>(id),
                                                 static_cast<std::uint8_t>(sizeof(Authentication) + additional.size())};
  const auto mac = crypto::HmacKey{key}.mac({version, nonce, header, additional, end});
  Authentication authentication;
  std::copy_n(mac.begin(), authentication.size(), authentication.begin());
  return authentication;
}

}  // namespace

Authentication request_authentication(BytesView key, const Nonce& nonce, DataId id, BytesView additional) {
  return authenticate(key, nonce, id, additional, {});
}

Authentication response_authentication(BytesView key, const Nonce& nonce, DataId id, BytesView additional) {
  return authenticate(key, nonce, id, additional, {&kResponse, 1});
}

Bytes encode(DataId id, const Authentication& authentication, BytesView additional) {
  Bytes octets{static_cast<std::uint8_t>(id), static_cast<std::uint8_t>(authentication.size() + additional.size())};
  append(octets, authentication);
  append(octets, additional);
  return octets;
}

Bytes response(BytesView key, const Nonce& nonce, DataId id, BytesView additional) {
  return encode(id, response_authentication(key, nonce, id, additional), additional);
}

tl::expected<BeaconMessage, Refusal> parse_request(BytesView octets) {
  if (octets.size() < kHeader || octets[1] != octets.size() - kHeader) return tl::unexpected{Refusal::malformed};
  const auto layout = std::ranges::find(kLayouts, static_cast<DataId>(octets[0]), &Layout::id);
  if (layout == std::end(kLayouts)) return tl::unexpected{Refusal::unknown_operation};
  const BytesView body = octets.subspan(kHeader);
  const auto fits = [&body](std::size_t additional) { return body.size() == sizeof(Authentication) + additional; };
  if (std::ranges::none_of(layout->additional, fits)) return tl::unexpected{Refusal::wrong_length};
  BeaconMessage message{.id = layout->id, .authentication = {}, .additional = body.subspan(sizeof(Authentication))};
  std::copy_n(body.begin(), message.authentication.size(), message.authentication.begin());
  return message;
}

bool is_request_of(const BeaconMessage& message, BytesView key, const Nonce& nonce) {
  return crypto::equal_constant_time(message.authentication,
                                     request_authentication(key, nonce, message.id, message.additional));
}

bool is_response_of(const BeaconMessage& message, BytesView key, const Nonce& nonce) {
  return crypto::equal_constant_time(message.authentication,
                                     response_authentication(key, nonce, message.id, message.additional));
}

}  // namespace signet::fmdn
