#include "signetctl/binary.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <istream>
#include <ostream>

#include "base/hex.h"
#include "base/unique_fd.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kFirstRoom = 64 * 1024;

[[noreturn]] void fail_file(const std::string& what, const std::string& path, int error) {
  const std::string text = what + " " + path + ": " + std::strerror(error);
  switch (error) {
    case ENOENT:
    case ENOTDIR: throw Failed{Errc::not_found, text};
    case EACCES:
    case EPERM:
    case EROFS: throw Failed{Errc::access_denied, text};
    case ENOSPC:
    case EDQUOT: throw Failed{Errc::no_space, text};
    default: throw Failed{Errc::io, text};
  }
}

// Reads with `next` (puts octets at the start of the span, 0 at the end of the input) until the end.
template <class Next>
SecretBuffer read_all(const std::string& name, std::size_t limit, Next next) {
  SecretBuffer room{kFirstRoom};
  std::size_t size = 0;
  while (const std::size_t count = next(room.writable().subspan(size))) {
    size += count;
    if (size > limit) throw Failed{Errc::too_large, name + " has more than " + std::to_string(limit) + " octets"};
    if (size < room.size()) continue;
    SecretBuffer larger{2 * room.size()};
    std::copy(room.view().begin(), room.view().end(), larger.writable().begin());
    room = std::move(larger);
  }
  return SecretBuffer{room.view().first(size)};
}

SecretBuffer read_file(const std::string& path, std::size_t limit) {
  const UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (!fd) fail_file("cannot read", path, errno);
  return read_all(path, limit, [&](std::span<std::uint8_t> to) {
    const ssize_t count = ::read(fd.get(), to.data(), to.size());
    if (count < 0) fail_file("cannot read", path, errno);
    return static_cast<std::size_t>(count);
  });
}

void write_file(const std::string& path, BytesView bytes) {
  const UniqueFd fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
  if (!fd) fail_file("cannot write", path, errno);
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail_file("cannot write", path, errno);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
}

bool is_printable(BytesView bytes) {
  return std::all_of(bytes.begin(), bytes.end(),
                     [](std::uint8_t c) { return c == '\n' || c == '\t' || (c >= ' ' && c < 0x7f); });
}

bool is_stream(const std::string& path) { return path.empty() || path == "-"; }

}  // namespace

SecretBuffer read_input(Session& session, const std::string& path, std::size_t limit) {
  if (!is_stream(path)) return read_file(path, limit);
  if (session.io.in_is_terminal) session.progress("Reading from the terminal; Ctrl-D ends the input.");
  return read_all("the standard input", limit, [&](std::span<std::uint8_t> to) {
    session.io.in.read(reinterpret_cast<char*>(to.data()), static_cast<std::streamsize>(to.size()));
    if (session.io.in.bad()) throw Failed{Errc::io, "the standard input cannot be read"};
    return static_cast<std::size_t>(session.io.in.gcount());
  });
}

void write_output(Session& session, const Destination& destination, BytesView bytes) {
  const std::string digits = destination.hex ? to_hex(bytes) + "\n" : std::string{};
  if (destination.hex) bytes = as_bytes(digits);
  if (!is_stream(destination.path)) return write_file(destination.path, bytes);
  if (session.io.out_is_terminal && !destination.force && !is_printable(bytes)) {
    throw Failed{Errc::invalid_argument, std::to_string(bytes.size()) +
                                             " octets of binary data are not written to a terminal; use --hex, a "
                                             "file or a pipe, or --force"};
  }
  session.io.out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

}  // namespace signet::ctl
