// What every command works with: the streams, the options that all have, and the daemon.
#pragma once

#include <signet/signet.hpp>

#include <boost/json/value.hpp>
#include <chrono>
#include <functional>
#include <iosfwd>
#include <optional>
#include <ostream>
#include <stdexcept>
#include <string>

#include "base/result.h"

namespace signet::ctl {

// The streams of one run. Binary data goes through them, too; tests put strings behind them.
struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
};

// Ends the command with the exit status and the message of `error`.
class Failed : public std::runtime_error {
 public:
  explicit Failed(Error error) : std::runtime_error{error.context}, error_{std::move(error)} {}
  Failed(Errc code, std::string text) : Failed{Error{code, std::move(text)}} {}

  [[nodiscard]] const Error& error() const { return error_; }

 private:
  Error error_;
};

// Ends the command as a usage error: the arguments parse, but do not fit together.
class WrongUsage : public std::runtime_error {
 public:
  // `advice`: what to try, one line for people.
  WrongUsage(const std::string& text, std::string advice) : std::runtime_error{text}, advice_{std::move(advice)} {}

  [[nodiscard]] const std::string& advice() const { return advice_; }

 private:
  std::string advice_;
};

// The value, or the end of the command.
template <class T>
T must(Result<T> result) {
  if (!result) throw Failed{std::move(result).error()};
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

class Session {
 public:
  explicit Session(Io streams) : io{streams} {}

  // The daemon; the connection is made at the first use. Throws client::Error.
  client::Client& daemon();

  // Prints an answer: as one line of JSON when the user wants that, else with `print`.
  template <class Print>
  void answer(const boost::json::value& json, Print print) {
    if (options.json) return print_json(json);
    print(io.out);
  }
  void print_json(const boost::json::value& json);

  // One line about what is going on, for people who wait: only on a terminal, never with --json.
  void progress(const std::string& text);

  struct Options {
    bool json = false;
    double timeout_s = 30;
  };

  Io io;
  Options options;
  std::function<int(Session&)> action;  // the command that was chosen; returns the exit status
  std::string listed_by;  // the command that lists what the action names; for whoever names what is not there

 private:
  std::optional<client::Client> daemon_;
};

}  // namespace signet::ctl
