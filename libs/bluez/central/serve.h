// Serving events up to a deadline, however many there are.
#pragma once

#include <chrono>
#include <functional>

namespace signet::bluez {

using Deadline = std::chrono::steady_clock::time_point;

// Serves events until `done` says so. Both are looked at after every event: adverts are anybody's, and a stream of them
// that never ends must not outlast the deadline. False: it has passed. `one_event`: handles the next, if there is one;
// `idle`: waits for the next, at most so long.
bool serve(Deadline until, const std::function<bool()>& one_event,
           const std::function<void(std::chrono::milliseconds)>& idle, const std::function<bool()>& done);

}  // namespace signet::bluez
