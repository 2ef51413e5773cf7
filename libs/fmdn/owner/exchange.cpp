#include "fmdn/owner/exchange.h"

#include <algorithm>

namespace signet::fmdn::owner {
namespace {

constexpr std::size_t kHeader = 2;

}  // namespace

Result<Nonce> parse_nonce(BytesView value) {
  if (value.size() != kReadSize) {
    return fail(Errc::invalid_argument,
                "beacon actions: a read gave " + std::to_string(value.size()) + " octets instead of 9");
  }
  if (value[0] != kProtocolVersion) {
    return fail(Errc::unsupported, "beacon actions: major version " + std::to_string(value[0]) + " instead of 1");
  }
  Nonce nonce;
  std::ranges::copy(value.subspan(1), nonce.begin());
  return nonce;
}

Exchange::Exchange(const Nonce& nonce, BytesView key, DataId id, BytesView additional)
    : nonce_{nonce},
      key_{key},
      id_{id},
      request_{encode(id, request_authentication(key, nonce, id, additional), additional)} {}

Result<Bytes> Exchange::open(BytesView notification) const {
  const std::size_t least = kHeader + sizeof(Authentication);
  if (notification.size() < least || notification[1] != notification.size() - kHeader) {
    return fail(Errc::invalid_argument, "beacon actions: the length of the notification is wrong");
  }
  if (notification[0] != static_cast<std::uint8_t>(id_)) {
    return fail(Errc::invalid_argument, "beacon actions: the notification is of another operation");
  }
  BeaconMessage message{.id = id_, .authentication = {}, .additional = notification.subspan(least)};
  std::ranges::copy(notification.subspan(kHeader, sizeof(Authentication)), message.authentication.begin());
  if (!is_response_of(message, key_.view(), nonce_)) {
    return fail(Errc::bad_signature, "beacon actions: the notification is not of this accessory or of another request");
  }
  return Bytes{message.additional.begin(), message.additional.end()};
}

Exchange read_parameters(const Nonce& nonce, AccountKeyView account_key) {
  return {nonce, account_key, DataId::read_parameters};
}

Exchange read_provisioning_state(const Nonce& nonce, AccountKeyView account_key) {
  return {nonce, account_key, DataId::read_provisioning_state};
}

Exchange set_eik(const Nonce& nonce, AccountKeyView owner_key, const Eik& eik, const Eik* present) {
  const auto wrapped = wrap(eik, owner_key);
  Bytes additional{wrapped.begin(), wrapped.end()};
  if (present != nullptr) append(additional, eik_hash(*present, nonce));
  return {nonce, owner_key, DataId::set_eik, additional};
}

Exchange clear_eik(const Nonce& nonce, AccountKeyView owner_key, const Eik& present) {
  return {nonce, owner_key, DataId::clear_eik, eik_hash(present, nonce)};
}

Exchange read_eik(const Nonce& nonce, const ShortKey& recovery_key) {
  return {nonce, recovery_key.view(), DataId::read_eik};
}

Exchange ring(const Nonce& nonce, const ShortKey& ring_key, const RingRequest& request) {
  return {nonce, ring_key.view(), DataId::ring, encode(request)};
}

Exchange read_ringing_state(const Nonce& nonce, const ShortKey& ring_key) {
  return {nonce, ring_key.view(), DataId::read_ringing_state};
}

Exchange activate_unwanted_tracking(const Nonce& nonce, const ShortKey& unwanted_tracking_key,
                                    std::uint8_t control_flags) {
  const BytesView flags{&control_flags, 1};
  return {nonce, unwanted_tracking_key.view(), DataId::activate_unwanted_tracking,
          control_flags == 0 ? BytesView{} : flags};
}

Exchange deactivate_unwanted_tracking(const Nonce& nonce, const Eik& eik) {
  return {nonce, unwanted_tracking_key(eik).view(), DataId::deactivate_unwanted_tracking, eik_hash(eik, nonce)};
}

}  // namespace signet::fmdn::owner
