// How the operations of this library answer.
#pragma once

#include <functional>

#include "base/result.h"

namespace signet::activation {

// Called exactly once. Either on the thread that asked, before the call returns, or on the store's only writing thread
// after the commit: hand the result on to a thread of your own and return, for nothing is written meanwhile. Must not
// throw.
template <class T>
using Done = std::function<void(Result<T>)>;

}  // namespace signet::activation
