#include "signetctl/fmdn/terminal.h"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "base/unique_fd.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxLine = 4096;

class EchoOff {
 public:
  explicit EchoOff(int fd) : fd_{fd}, changed_{::tcgetattr(fd, &before_) == 0} {
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;  // the line end shows, so that what follows has a line of its own
    changed_ = ::tcsetattr(fd, TCSAFLUSH, &silent) == 0;
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  [[nodiscard]] bool worked() const { return changed_; }

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

}  // namespace

Result<SecretBuffer> ask_without_echo(const char* question) {
  const UniqueFd terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)};
  if (!terminal) {
    return fail(Errc::invalid_argument,
                "there is nobody at a terminal to ask for the keyring's pass phrase; give --keyring-key, "
                "--keyring-passphrase-file or --keyring-passphrase-fd");
  }
  const EchoOff silent{terminal.get()};
  if (!silent.worked()) return fail(Errc::io, "the terminal cannot be kept from showing the pass phrase");
  const std::string_view text{question};
  if (::write(terminal.get(), text.data(), text.size()) < 0) {
    return fail(Errc::io, std::string{"writing to the terminal: "} + std::strerror(errno));
  }
  SecretBuffer line{kMaxLine};  // the terminal gives a line at a time, and no longer one
  ssize_t size = 0;
  do {
    size = ::read(terminal.get(), line.writable().data(), line.size());
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return fail(Errc::cancelled, "no pass phrase was given; nothing was changed");
  return SecretBuffer{line.view().first(static_cast<std::size_t>(size))};
}

}  // namespace signet::ctl
