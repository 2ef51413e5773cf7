// How an operation ended: a status of the C ABI and a text for people.
#pragma once

#include <systemd/sd-bus.h>

#include <string>

#include "operation.h"

namespace signet::client {

struct Outcome {
  int status;
  std::string text;  // what happened, why, and what to do next; empty for SIGNET_OK
};

// Translates an error that came over the bus, from the daemon or from the bus itself. `overdue`: the operation's own
// time had run out. A change whose answer is missing is SIGNET_E_OUTCOME_UNKNOWN, whatever the reason.
Outcome judge_error(const sd_bus_error& error, const Operation& operation, bool overdue);

// The bus itself is missing or lost; `error` is an errno value.
Outcome no_bus(int error);
Outcome lost_bus(int error, const Operation& operation);

Outcome wrong_generation(unsigned long long theirs);
Outcome served_by_a_loop();

}  // namespace signet::client
