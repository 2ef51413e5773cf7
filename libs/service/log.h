// The log of a daemon: structured when it goes to the journal, one readable line otherwise. Never give it a secret.
//
// Plain messages go through spdlog, as everywhere. What an administrator or a monitor may want to filter for goes
// through log_event(), with fields: journalctl SIGNET_ERROR=wrong_key.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace signet::service {

enum class Severity : int { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };  // as in syslog(3)

struct Field {
  std::string_view name;  // upper-case letters, digits and underscores: "SIGNET_CID"
  std::string value;
};

// Once, before anything is logged. Decides by $JOURNAL_STREAM whether standard error is the journal (systemd.exec(5)).
void start_logging(const std::string& daemon, bool verbose);

void log_event(Severity severity, const std::string& message, const std::vector<Field>& fields = {});

// The same with SIGNET_ERROR set to the name of the error and its context as the message.
void log_error(const Error& error, const std::string& what, std::vector<Field> fields = {});

}  // namespace signet::service
