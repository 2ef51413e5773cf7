// What a beacon says, in the names that programs and people get to see.
#pragma once

#include <vector>

#include "fmdn/eid.h"
#include "fmdn/frame.h"
#include "fmdn/ring_request.h"
#include "keyring/contents.h"

namespace signet::finder {

const char* name(fmdn::Curve curve);      // "secp160r1"
const char* name(fmdn::RingState state);  // "timed_out"
const char* name(fmdn::Battery battery);  // "unsupported": the beacon does not tell

// "known"; "paired"; "unconfirmed": its first identity key was sent, and the answer is missing; "provisioned".
const char* state_of(const keyring::Device& device);

std::vector<const char*> names_of(fmdn::Components components);  // "right", "left", "case"

}  // namespace signet::finder
