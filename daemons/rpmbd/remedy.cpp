#include "rpmbd/remedy.h"

namespace signet::rpmbd {

std::string_view remedy(Errc code) {
  switch (code) {  // no default: the compiler names a code that was forgotten
    case Errc::invalid_argument:
    case Errc::not_found:
    case Errc::already_exists:
    case Errc::too_large:
    case Errc::bad_signature:
    case Errc::unsupported:
    case Errc::cancelled:
    case Errc::no_service: return "";
    case Errc::access_denied:
      return "Add a [[client]] entry for the user to /etc/signet/rpmbd.toml or a drop-in and reload rpmbd.";
    case Errc::quota_exceeded:
      return "Delete objects that are no longer needed, or raise the namespace's quota and reload rpmbd.";
    case Errc::store_full:
      return "Delete objects, or format the store with a larger region ('signetctl chip format', which erases it).";
    case Errc::wear_limited: return "Wait, or raise writes_per_day; every write wears the chip.";
    case Errc::busy:
      return "Is another program, or a second rpmbd, using the chip? Stop it; rpmbd tries again by itself.";
    case Errc::timeout:
    case Errc::io:
      return "Look into the kernel's log for errors of the storage controller; rpmbd tries again by itself.";
    case Errc::outcome_unknown: return "Read before writing again; the next write settles it.";
    case Errc::no_chip:
      return "Is there an RPMB node (/dev/mmcblk*rpmb, or a UFS device's /dev/sg*)? If it has another name, set "
             "chip.node in /etc/signet/rpmbd.toml. rpmbd picks it up when it appears.";
    case Errc::chip_permission:
      return "Give the user rpmbd access to the node: install rpmbd's udev rule and run 'udevadm trigger'.";
    case Errc::not_rpmb:
      return "Point chip.node at the RPMB character device (such as /dev/mmcblk0rpmb), not at a disk or partition.";
    case Errc::not_provisioned:
      return "Provision the chip: 'signetctl chip provision --dry-run' says what would happen. This cannot be undone.";
    case Errc::wrong_key:
      return "Somebody else programmed this chip, or the root secret is another one. Restore the right root secret "
             "with 'rpmbd-provision restore'; without it the chip cannot be used and has to be replaced.";
    case Errc::root_secret_missing:
      return "Restore the root secret from its backup with 'rpmbd-provision restore'; on a new device create it with "
             "'rpmbd-provision create'.";
    case Errc::root_secret_changed:
      return "Restore the root secret that this device was provisioned with ('rpmbd-provision restore'), then "
             "'signetctl chip refresh'.";
    case Errc::not_formatted:
      return "Make a store with 'signetctl chip format', or finish provisioning with 'signetctl chip provision'.";
    case Errc::foreign_writer:
      return "Find and stop the other program that writes to the chip; then take the present content with "
             "'signetctl chip accept', or start anew with 'signetctl chip format'.";
    case Errc::rollback:
      return "The chip was replaced or manipulated. Do not trust its content; replace the device, or start anew with "
             "'signetctl chip format' if you know the cause.";
    case Errc::foreign_filesystem:
      return "OP-TEE owns this RPMB partition. Leave it alone, or take it from OP-TEE (CFG_RPMB_FS=n) and never let "
             "both write.";
    case Errc::geometry:
      return "Correct chip.size, or find out why the partition no longer has the size the store was made for.";
    case Errc::worn_out: return "Read what is needed and replace the chip: it can never be written again.";
    case Errc::media: return "Copy what can still be read, and replace the chip.";
    case Errc::chip_changed: return "Put the right chip back, or accept the new one with 'signetctl chip refresh'.";
    case Errc::not_authentic:
      return "Something on the way to the chip answers in its place, or the chip is failing. Replace it if this "
             "persists.";
    case Errc::unsupported_format:
      return "Install the version of Signet that made this store, or start anew with 'signetctl chip format'.";
    case Errc::config_invalid:
      return "Correct what the message names, then restart rpmbd; 'rpmbd --check-config' tells whether it is right.";
    case Errc::no_space:
      return "Free space in /var/lib/signet and wherever the emulated chip's file lives; rpmbd looks again by itself, "
             "at once after 'signetctl chip refresh'.";
    case Errc::incompatible: return "Bring client and daemon to the same version of Signet.";
    case Errc::read_only: return "See the property ProblemText for the reason.";
    case Errc::damaged: return "Delete the object and write it again; if more are damaged, replace the chip.";
    case Errc::not_registered: return "Register the device: 'signetctl register'.";
    case Errc::registration_pending:
      return "Finish it with the ids in progress, or let an administrator run 'signetctl device cancel'.";
    case Errc::identity_mismatch:
      return "Use the ids that the device is registered under; other ids need a release of the registrar.";
    case Errc::key_conflict: return "This chip cannot be registered any more: replace it.";
    case Errc::certificate_invalid: return "Register again with the same ids: 'signetctl register'.";
    case Errc::stale_generation: return "Register again with the same ids, and use the new tickets only.";
    case Errc::registrar_untrusted:
      return "Compare [registrar] in /etc/signet/rpmbd.toml (url, ca) with what the registrar's operator gives out.";
    case Errc::sn_ticket_invalid: return "Get a new sn ticket: one is good for 5 minutes and for one registration.";
    case Errc::ticket_invalid: return "Ask for it again; if that does not help, compare the versions on both sides.";
    case Errc::blocked: return "Ask the operator of the registrar, who has the reason on record.";
    case Errc::net_dns: return "Check the host name in [registrar] url, and this device's name servers.";
    case Errc::net_connect: return "Check the network, the proxy, and allow-lists of a SIM card or firewall.";
    case Errc::net_tls: return "Check [registrar] tls_ca, the date of this device, and who stands in between.";
    case Errc::net_http: return "Is there a registrar of this version of Signet behind [registrar] url?";
    case Errc::clock_skew: return "Set the clock of this device, best by NTP.";
    case Errc::wrong_thread: return "Start the call instead of waiting for it, or use a thread of its own.";
    case Errc::rate_limited: return "Wait, and ask less often.";
    case Errc::internal: return "Look into the journal of rpmbd, and report it.";
  }
  return "";
}

Error with_remedy(const Error& error) {
  const auto todo = remedy(error.code);
  if (todo.empty()) return error;
  return {error.code, error.context + (error.context.ends_with('.') ? " " : ". ") + std::string{todo}};
}

}  // namespace signet::rpmbd
