// What an administrator can do about a problem of the chip or of this machine.
#pragma once

#include <string_view>

#include "base/error.h"

namespace signet::rpmbd {

// One or two sentences, or nothing when there is nothing to do here. Names commands where there are some.
std::string_view remedy(Errc code);

// The context of `error` and the remedy, for those who meet the problem in an answer.
Error with_remedy(const Error& error);

}  // namespace signet::rpmbd
