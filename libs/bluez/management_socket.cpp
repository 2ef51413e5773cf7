#include "bluez/management_socket.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/endian.h"

namespace signet::bluez {
namespace {

// <bluetooth/hci.h> belongs to a library that nothing else here needs.
constexpr int kProtocolHci = 1;
constexpr std::uint16_t kAnyDevice = 0xffff;
constexpr std::uint16_t kControlChannel = 3;
struct HciAddress {
  sa_family_t family;
  std::uint16_t device;
  std::uint16_t channel;
};

constexpr std::size_t kLongestRead = 4096;  // what is longer is cut off, fails to decode and is none of ours
constexpr int kFramesInATurn = 16;          // so that a flood keeps neither timers nor the bus waiting

Failure system_failure(const char* what) {
  const int number = errno;
  const auto code = number == EPERM || number == EACCES                                       ? Errc::access_denied
                    : number == EAFNOSUPPORT || number == EPROTONOSUPPORT || number == ENODEV ? Errc::no_service
                                                                                              : Errc::io;
  return fail(code, std::string{"management socket: "} + what + ": " + std::strerror(number));
}

management::Opcode opcode_of(BytesView frame) { return management::Opcode{load_le<std::uint16_t>(frame, 0)}; }
std::uint16_t index_of(BytesView frame) { return load_le<std::uint16_t>(frame, 2); }

}  // namespace

Result<UniqueFd> open_management_socket() {
  UniqueFd fd{::socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, kProtocolHci)};
  if (!fd) return system_failure("open");
  const HciAddress address{AF_BLUETOOTH, kAnyDevice, kControlChannel};
  if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) return system_failure("bind");
  return fd;
}

ManagementSocket::ManagementSocket(boost::asio::io_context& loop, UniqueFd socket, std::chrono::milliseconds patience)
    : socket_{loop, socket.release()}, timer_{loop}, patience_{patience}, buffer_(kLongestRead) {
  wait();
}

ManagementSocket::~ManagementSocket() { *alive_ = false; }

void ManagementSocket::command(Bytes frame, Reply reply) {
  commands_.push_back({std::move(frame), std::move(reply)});
  if (!under_way_) send_next();
}

void ManagementSocket::shout(const Bytes& frame) {
  (void)::send(socket_.native_handle(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

// The kernel takes a command whole and at once; a socket that does not is gone. Whoever asked hears of it later, by the
// timer, never out of his own call.
void ManagementSocket::send_next() {
  if (commands_.empty()) return;
  under_way_ = true;
  const auto& frame = commands_.front().frame;
  const auto sent = ::send(socket_.native_handle(), frame.data(), frame.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  const bool good = sent == static_cast<ssize_t>(frame.size());
  timer_.expires_after(good ? patience_ : std::chrono::milliseconds{0});
  timer_.async_wait([this, good, number = ++number_, alive = alive_](const boost::system::error_code& cancelled) {
    if (cancelled || !*alive || !under_way_ || number != number_) return;
    finish(good ? fail(Errc::timeout, "management socket: no answer") : fail(Errc::io, "management socket: send"));
  });
}

void ManagementSocket::finish(const Result<management::CommandDone>& outcome) {
  timer_.cancel();
  const auto command = std::move(commands_.front());
  commands_.pop_front();
  under_way_ = false;
  const auto alive = alive_;
  command.reply(outcome);
  if (*alive && !under_way_) send_next();
}

void ManagementSocket::wait() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read,
                     [this, alive = alive_](const boost::system::error_code& cancelled) {
                       if (cancelled || !*alive) return;
                       for (int frames = 0; frames < kFramesInATurn; ++frames) {
                         const bool more = receive();
                         if (!*alive) return;
                         if (!more) break;
                       }
                       if (!lost_) return wait();
                       if (when_lost_) when_lost_({Errc::io, "management socket: the kernel has ended it"});
                     });
}

// False: nothing there. Frames that make no sense are passed over: the next one is on its own.
bool ManagementSocket::receive() {
  const auto got = ::recv(socket_.native_handle(), buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got <= 0) {
    lost_ = got == 0 || (errno != EAGAIN && errno != EINTR);  // commands will time out
    return false;
  }
  const auto event = management::decode(BytesView{buffer_}.first(static_cast<std::size_t>(got)));
  if (event) take(*event);
  return true;
}

void ManagementSocket::take(const management::Event& event) {
  const auto* done = std::get_if<management::CommandDone>(&event);
  if (done == nullptr) {
    if (listener_) listener_(event);
    return;
  }
  if (!under_way_) return;
  const auto& frame = commands_.front().frame;
  // An answer that came too late may meet the next command: only what fits counts.
  if (done->opcode != opcode_of(frame) || done->index != index_of(frame)) return;
  finish(*done);
}

}  // namespace signet::bluez
