// A phone's end of a service over RFCOMM, as plain sockets of the kernel: finds the channel in the other's service
// records, connects, and passes octets on.
//
//   rfcomm_seeker FROM TO UUID
//
// FROM and TO: addresses of a controller of this machine and of the other. Prints "channel N" and "connected"; then
// what it hears as "heard HEX", and at the end "closed" with the reason. Lines of hexadecimal digits on standard input
// are sent; "flood N" sends N octets without reading anything meanwhile. Ends with its input.
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;
using Address = std::array<std::uint8_t, 6>;  // least significant octet first

// The kernel shows these to C programs in no header of its own.
constexpr int kL2cap = 0;
constexpr int kRfcomm = 3;
struct L2capAddress {
  sa_family_t family;
  std::uint16_t psm;
  Address address;
  std::uint16_t channel;
  std::uint8_t type;
};
struct RfcommAddress {
  sa_family_t family;
  Address address;
  std::uint8_t channel;
};

constexpr std::uint16_t kServiceDiscovery = 1;  // PSM
constexpr int kPatience = 30'000;               // milliseconds

[[noreturn]] void fail(const char* what) { throw std::system_error(errno, std::generic_category(), what); }

template <class SocketAddress>
class Socket {
 public:
  Socket(int type, int protocol, const SocketAddress& from, const SocketAddress& to)
      : fd_(socket(AF_BLUETOOTH, type | SOCK_CLOEXEC, protocol)) {
    if (fd_ < 0) fail("socket");
    if (bind(fd_, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) fail("bind");
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) fail("connect");
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
};

Bytes from_hex(std::string_view hex) {
  Bytes result;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
    result.push_back(static_cast<std::uint8_t>(std::stoul(std::string{hex.substr(i, 2)}, nullptr, 16)));
  return result;
}

Address address_of(std::string text) {
  std::erase(text, ':');
  const auto octets = from_hex(text);
  if (octets.size() != 6) throw std::invalid_argument("an address has 6 octets");
  Address address{};
  std::reverse_copy(octets.begin(), octets.end(), address.begin());
  return address;
}

// One Service Search Attribute transaction for the protocols of the service (Bluetooth Core specification, "Service
// Discovery Protocol"); the record is short enough for one answer.
std::uint8_t find_channel(const Address& from, const Address& to, std::string uuid) {
  std::erase(uuid, '-');
  Bytes parameters{0x35, 0x11, 0x1c};  // a sequence of one UUID of 128 bits
  const auto octets = from_hex(uuid);
  parameters.insert(parameters.end(), octets.begin(), octets.end());
  for (const int octet : {0x02, 0x00, 0x35, 0x03, 0x09, 0x00, 0x04, 0x00}) {  // 512 octets at most; protocols; no rest
    parameters.push_back(static_cast<std::uint8_t>(octet));
  }
  Bytes request{0x06, 0x00, 0x01, 0x00, static_cast<std::uint8_t>(parameters.size())};
  request.insert(request.end(), parameters.begin(), parameters.end());

  const Socket<L2capAddress> server{
      SOCK_SEQPACKET, kL2cap, {AF_BLUETOOTH, 0, from, 0, 0}, {AF_BLUETOOTH, kServiceDiscovery, to, 0, 0}};
  if (write(server.fd(), request.data(), request.size()) < 0) fail("service discovery");
  // Linux 6.1 holds the socket's lock in a read that waits, and the octets that it waits for want the same lock.
  pollfd waiting{server.fd(), POLLIN, 0};
  if (poll(&waiting, 1, kPatience) < 1) fail("service discovery");
  Bytes answer(1024);
  const auto size = recv(server.fd(), answer.data(), answer.size(), MSG_DONTWAIT);
  if (size < 0) fail("service discovery");
  answer.resize(static_cast<std::size_t>(size));
  constexpr std::array<std::uint8_t, 4> kChannelOf{0x19, 0x00, 0x03, 0x08};  // RFCOMM, and a number of 8 bits
  const auto at = std::search(answer.begin(), answer.end(), kChannelOf.begin(), kChannelOf.end());
  if (answer.end() - at < 5) throw std::runtime_error("there is no such service");
  return at[4];
}

void send_all(int fd, const Bytes& octets) {
  for (std::size_t sent = 0; sent < octets.size();) {
    const auto size = send(fd, octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
    if (size < 0) fail("send");
    sent += static_cast<std::size_t>(size);
  }
}

void obey(int fd, const std::string& line) {
  if (line.starts_with("flood ")) return send_all(fd, Bytes(std::stoul(line.substr(6)), 0x55));
  send_all(fd, from_hex(line));
}

// False: the other has closed.
bool hear(int fd) {
  std::array<std::uint8_t, 1024> piece{};
  const auto size = read(fd, piece.data(), piece.size());
  if (size <= 0) {
    std::printf("closed %s\n", size == 0 ? "" : std::strerror(errno));
    return false;
  }
  std::printf("heard ");
  for (const auto octet : std::basic_string_view{piece.data(), static_cast<std::size_t>(size)})
    std::printf("%02x", octet);
  std::printf("\n");
  return true;
}

void run(const Address& from, const Address& to, const std::string& uuid) {
  const auto channel = find_channel(from, to, uuid);
  std::printf("channel %u\n", channel);
  const Socket<RfcommAddress> peer{SOCK_STREAM, kRfcomm, {AF_BLUETOOTH, from, 0}, {AF_BLUETOOTH, to, channel}};
  std::printf("connected\n");
  std::string line;
  for (;;) {
    std::array<pollfd, 2> waiting{pollfd{peer.fd(), POLLIN, 0}, pollfd{STDIN_FILENO, POLLIN, 0}};
    if (poll(waiting.data(), waiting.size(), -1) < 0) fail("poll");
    if (waiting[0].revents != 0 && !hear(peer.fd())) return;
    if (waiting[1].revents == 0) continue;
    char octet = 0;  // one at a time: what is in no buffer of ours is seen by poll()
    if (read(STDIN_FILENO, &octet, 1) != 1) return;
    if (octet != '\n') {
      line += octet;
      continue;
    }
    if (line == "end") return;
    obey(peer.fd(), line);
    line.clear();
  }
}

}  // namespace

int main(int argc, char* argv[]) try {
  std::setvbuf(stdout, nullptr, _IOLBF, 0);
  if (argc != 4) {
    std::fputs("usage: rfcomm_seeker FROM TO UUID\n", stderr);
    return 2;
  }
  run(address_of(argv[1]), address_of(argv[2]), argv[3]);
  return EXIT_SUCCESS;
} catch (const std::exception& failure) {
  std::printf("error: %s\n", failure.what());
  return EXIT_FAILURE;
}
