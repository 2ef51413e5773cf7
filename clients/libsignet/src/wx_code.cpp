// Our statuses as the codes 0 to -11 of the wx device SDKs, for programs that come from there (signet.h, SIGNET_WX_OK).
#include <signet/signet.h>

#include "base/error.h"

namespace {

using signet::Errc;

// No default: the compiler names a code that is missing.
int wx_code(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::too_large:
    case Errc::unsupported:
    case Errc::sn_ticket_invalid:
    case Errc::ticket_invalid:
    case Errc::wrong_thread: return SIGNET_WX_ARGUMENT;
    case Errc::io:
    case Errc::no_space:
    case Errc::store_full:
    case Errc::outcome_unknown: return SIGNET_WX_IO;
    case Errc::wrong_key:
    case Errc::root_secret_changed:
    case Errc::chip_changed:
    case Errc::key_conflict: return SIGNET_WX_KEY_MISMATCH;
    case Errc::timeout:
    case Errc::net_dns:
    case Errc::net_connect:
    case Errc::net_tls:
    case Errc::net_http:
    case Errc::clock_skew:
    case Errc::rate_limited:
    case Errc::registrar_untrusted: return SIGNET_WX_NETWORK;
    case Errc::access_denied:
    case Errc::quota_exceeded:
    case Errc::chip_permission:
    case Errc::blocked: return SIGNET_WX_PERMISSION;
    case Errc::bad_signature:
    case Errc::certificate_invalid:
    case Errc::stale_generation: return SIGNET_WX_KEY_UNUSABLE;
    case Errc::no_service:
    case Errc::incompatible: return SIGNET_WX_NO_SERVICE;
    case Errc::identity_mismatch: return SIGNET_WX_OTHER_IDS;
    case Errc::no_chip:
    case Errc::not_rpmb:
    case Errc::foreign_writer:
    case Errc::rollback:
    case Errc::foreign_filesystem:
    case Errc::geometry:
    case Errc::worn_out:
    case Errc::wear_limited:
    case Errc::media:
    case Errc::not_authentic:
    case Errc::not_formatted:
    case Errc::unsupported_format:
    case Errc::read_only:
    case Errc::damaged: return SIGNET_WX_CHIP_IO;
    case Errc::not_provisioned:
    case Errc::root_secret_missing:
    case Errc::not_registered: return SIGNET_WX_NO_KEY;
    case Errc::busy:
    case Errc::cancelled:
    case Errc::config_invalid:
    case Errc::internal:
    case Errc::registration_pending: return SIGNET_WX_OTHER;
  }
  return SIGNET_WX_OTHER;
}

}  // namespace

int signet_wx_code(int status) {
  if (status == SIGNET_OK) return SIGNET_WX_OK;
  const auto code = signet::from_code(status);
  return code ? wx_code(*code) : SIGNET_WX_OTHER;
}
