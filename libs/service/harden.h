// Keeps key material inside the process: what the unit's sandbox cannot do from outside.
#pragma once

namespace signet::service {

// No core dump and no ptrace by our own user (PR_SET_DUMPABLE 0, RLIMIT_CORE 0), files private by default (umask 077),
// no death by a limit to the size of files, and no swap where the unit says LimitMEMLOCK=infinity (best effort: the
// kernel's refusal is only logged). Call it before a secret is read. /proc/self then belongs to root.
void harden_process();

// Programs that this one starts have none of its capabilities. Call it once what needs them is open.
void keep_capabilities_from_children();

}  // namespace signet::service
