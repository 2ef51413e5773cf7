// The host's half of a card whose state outlives the virtual machine (bed D): owns the chip, answers the guest's
// cuse_card over a socket, and stops at a chosen point of a chosen write, so that the machine can be killed exactly
// there.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <mutex>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>

#include "base/hex.h"
#include "card_stream.h"

namespace {

using namespace signet;
using Moment = rpmb::testing::ChipPort::Moment;

struct Options {
  std::string chip;
  std::uint32_t size = 131072;
  std::uint16_t write_frames = 2;
  std::string connect;
  std::string listen;
  std::uint64_t cut_at = 0;
  std::string where = "after";
  bool orders = false;
  bool show = false;
};

constexpr const char* kAbout =
    "Owns an emulated RPMB chip and serves it to cuse_card over a Unix socket.\n"
    "\n"
    "With --orders, a line \"N WHERE\" on the standard input is as --cut-at N --where WHERE, counted from then on.\n"
    "\n"
    "Prints one line each: READY CID once a guest may come, GUEST when it has connected, CUT COUNTER when the point "
    "of\n"
    "--cut-at is reached (COUNTER is the chip's write counter then; it answers nothing more and waits to be killed), "
    "and\n"
    "GONE when the guest has closed the stream, after which it ends. Only data writes that the chip accepts count.";

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{kAbout};
  app.add_option("--chip", options.chip, "chip file; made when it is missing")->required();
  app.add_option("--size", options.size, "octets of a new chip, a multiple of 131072")->capture_default_str();
  app.add_option("--write-frames", options.write_frames, "frames of the largest write of a new chip: 1, 2 or 32")
      ->capture_default_str();
  auto* connect =
      app.add_option("--connect", options.connect, "socket to connect to, tried for 60 s (QEMU: server=on)");
  auto* listen =
      app.add_option("--listen", options.listen, "socket to make and accept one connection on (QEMU: server=off)");
  connect->excludes(listen);
  app.add_option("--cut-at", options.cut_at, "stop at this data write, counted from 1; 0: never")
      ->capture_default_str();
  app.add_option("--where", options.where,
                 "point of that write: before it is taken, after its commit but before its result, or answered")
      ->check(CLI::IsMember({"before", "after", "answered"}))
      ->capture_default_str();
  app.add_flag("--orders", options.orders, "take further points from the standard input");
  app.add_flag("--show", options.show, "print CID and write counter of the chip as JSON and end");
  try {
    app.parse(argc, argv);
    if (!options.show && options.connect.empty() && options.listen.empty()) {
      throw CLI::RequiredError("--connect or --listen");
    }
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

void say(const std::string& line) {
  std::printf("%s\n", line.c_str());
  std::fflush(stdout);
}

Failure socket_failure(const std::string& path) {
  return fail(Errc::io, "socket " + path + ": " + std::generic_category().message(errno));
}

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return fail(Errc::invalid_argument, "socket path too long: " + path);
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

// QEMU makes its socket some time after it was started.
Result<UniqueFd> connect_to(const std::string& path) {
  SIGNET_ASSIGN(const auto address, address_of(path));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  for (;;) {
    UniqueFd stream{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!stream) return socket_failure(path);
    if (::connect(stream.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return stream;
    const bool not_yet = errno == ENOENT || errno == ECONNREFUSED;
    if (!not_yet || std::chrono::steady_clock::now() > until) return socket_failure(path);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

Result<UniqueFd> listen_on(const std::string& path) {
  SIGNET_ASSIGN(const auto address, address_of(path));
  UniqueFd listener{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  ::unlink(path.c_str());
  if (!listener || ::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener.get(), 1) != 0) {
    return socket_failure(path);
  }
  return listener;
}

Result<UniqueFd> accept_from(const UniqueFd& listener, const std::string& path) {
  UniqueFd stream{::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC)};
  if (!stream) return socket_failure(path);
  return stream;
}

std::uint32_t counter_of(const cards::FileCard& card) { return card.chip().state().registers.write_counter; }

Moment moment_of(const std::string& word) {
  return word == "before" ? Moment::before : word == "after" ? Moment::after : Moment::answered;
}

// The point at which the chip stops. Set from another thread while the chip is in use.
class CutPoint {
 public:
  void set(std::uint64_t number, Moment where) {
    const std::lock_guard lock{mutex_};
    left_ = number;
    where_ = where;
  }
  bool reached(Moment moment) {
    const std::lock_guard lock{mutex_};
    return left_ != 0 && moment == where_ && --left_ == 0;
  }

 private:
  std::mutex mutex_;
  std::uint64_t left_ = 0;
  Moment where_ = Moment::after;
};

void stop_at(cards::FileCard& card, CutPoint& point) {
  card.port().watch([&card, &point](Moment moment) {
    if (!point.reached(moment)) return;
    say("CUT " + std::to_string(counter_of(card)));
    for (;;) ::pause();
  });
}

void take_orders(CutPoint& point) {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words{line};
    std::uint64_t number = 0;
    std::string where;
    if (words >> number >> where) point.set(number, moment_of(where));
  }
}

Result<void> run(const Options& options) {
  SIGNET_ASSIGN(const auto card, cards::FileCard::open(options.chip, options.size, options.write_frames));
  if (options.show) {
    say("{\"cid\": \"" + to_hex(card->cid()) + "\", \"counter\": " + std::to_string(counter_of(*card)) + "}");
    return {};
  }
  static CutPoint point;  // the thread below has no end
  point.set(options.cut_at, moment_of(options.where));
  stop_at(*card, point);
  if (options.orders) std::thread{take_orders, std::ref(point)}.detach();

  UniqueFd listener;
  if (!options.listen.empty()) {
    SIGNET_ASSIGN(listener, listen_on(options.listen));
  }
  say("READY " + to_hex(card->cid()));
  auto stream = listener ? accept_from(listener, options.listen) : connect_to(options.connect);
  if (!stream) return fail(std::move(stream).error());
  say("GUEST");
  SIGNET_TRY(cards::serve(stream->get(), *card));
  say("GONE");
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (const auto done = run(options); !done) {
    std::fprintf(stderr, "card_host: %s\n", to_string(done.error()).c_str());
    return 1;
  }
  return 0;
}
