// What the Bluetooth bed does to the controllers of its guest beside BlueZ: adverts through the kernel's management
// socket, which takes them octet by octet, and marks in the capture of btmon.
//
//   hci_control features INDEX                    prints MAX_DATA MAX_INSTANCES SUPPORTED_FLAGS [INSTANCE...]
//   hci_control add INDEX INSTANCE FLAGS MS DATA  advertises the octets DATA (hex) every MS milliseconds; FLAGS as
//   below hci_control remove INDEX INSTANCE             0 removes all hci_control mark TEXT                         a
//   line in the capture
//
// Fails with the management status or errno in its message. Constants: BlueZ, doc/mgmt-api.txt.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace {

using Bytes = std::vector<std::uint8_t>;

// The kernel shows these to C programs in no header of its own.
constexpr int kHciProtocol = 1;
constexpr std::uint16_t kNoIndex = 0xffff;
constexpr std::uint16_t kControlChannel = 3;
constexpr std::uint16_t kLoggingChannel = 4;
struct HciAddress {
  sa_family_t family;
  std::uint16_t index;
  std::uint16_t channel;
};

constexpr std::uint16_t kReadAdvertisingFeatures = 0x003d;
constexpr std::uint16_t kRemoveAdvertising = 0x003f;
constexpr std::uint16_t kAddExtendedParameters = 0x0054;
constexpr std::uint16_t kAddExtendedData = 0x0055;
constexpr std::uint16_t kCommandComplete = 0x0001;
constexpr std::uint16_t kCommandStatus = 0x0002;
constexpr std::uint32_t kIntervalsGiven = 1u << 14;  // in FLAGS of "add"; 1 connectable, 1 << 7 secondary channel 1M

class Socket {
 public:
  explicit Socket(std::uint16_t channel) : fd_(socket(AF_BLUETOOTH, SOCK_RAW | SOCK_CLOEXEC, kHciProtocol)) {
    const HciAddress address{AF_BLUETOOTH, kNoIndex, channel};
    if (fd_ < 0 || bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::system_error(errno, std::generic_category(), "Bluetooth socket");
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() { close(fd_); }

  void send(const Bytes& packet) const {
    if (write(fd_, packet.data(), packet.size()) != static_cast<ssize_t>(packet.size()))
      throw std::system_error(errno, std::generic_category(), "write");
  }

  Bytes receive() const {
    Bytes packet(1024);
    const auto size = read(fd_, packet.data(), packet.size());
    if (size < 0) throw std::system_error(errno, std::generic_category(), "read");
    packet.resize(static_cast<std::size_t>(size));
    return packet;
  }

 private:
  int fd_;
};

void append(Bytes& bytes, std::uint32_t value, unsigned octets) {
  for (unsigned i = 0; i < octets; ++i) bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint32_t value_at(const Bytes& bytes, std::size_t offset, unsigned octets) {
  std::uint32_t value = 0;
  for (unsigned i = 0; i < octets; ++i) value |= std::uint32_t{bytes.at(offset + i)} << (8 * i);
  return value;
}

Bytes packet(std::uint32_t code, std::uint32_t index, const Bytes& content) {
  Bytes result;
  append(result, code, 2);
  append(result, index, 2);
  append(result, static_cast<std::uint32_t>(content.size()), 2);
  result.insert(result.end(), content.begin(), content.end());
  return result;
}

// The return parameters of a management command that succeeds.
Bytes command(const Socket& control, std::uint16_t code, std::uint16_t index, const Bytes& parameters) {
  control.send(packet(code, index, parameters));
  for (;;) {
    const auto answer = control.receive();
    const auto event = value_at(answer, 0, 2);
    if (event != kCommandComplete && event != kCommandStatus) continue;
    if (value_at(answer, 2, 2) != index || value_at(answer, 6, 2) != code) continue;
    if (const auto status = value_at(answer, 8, 1); status != 0) {
      std::array<char, 64> text{};
      std::snprintf(text.data(), text.size(), "management command 0x%04x: status 0x%02x", code, status);
      throw std::runtime_error(text.data());
    }
    return {answer.begin() + 9, answer.end()};
  }
}

std::uint32_t number(const char* text) { return static_cast<std::uint32_t>(std::stoul(text, nullptr, 0)); }

Bytes from_hex(std::string_view hex) {
  if (hex.size() % 2 != 0) throw std::invalid_argument("DATA: an odd number of digits");
  Bytes result;
  for (std::size_t i = 0; i < hex.size(); i += 2)
    result.push_back(static_cast<std::uint8_t>(std::stoul(std::string{hex.substr(i, 2)}, nullptr, 16)));
  return result;
}

void show_features(std::uint16_t index) {
  const auto features = command(Socket{kControlChannel}, kReadAdvertisingFeatures, index, {});
  std::printf("%u %u 0x%x", value_at(features, 4, 1), value_at(features, 6, 1), value_at(features, 0, 4));
  for (std::size_t i = 0; i < value_at(features, 7, 1); ++i) std::printf(" %u", value_at(features, 8 + i, 1));
  std::printf("\n");
}

void add(std::uint16_t index, std::uint32_t instance, std::uint32_t flags, std::uint32_t milliseconds,
         const Bytes& data) {
  const Socket control{kControlChannel};
  const auto interval = milliseconds * 8 / 5;  // in units of 0.625 ms
  Bytes parameters;
  append(parameters, instance, 1);
  append(parameters, flags | kIntervalsGiven, 4);
  append(parameters, 0, 2);  // duration
  append(parameters, 0, 2);  // timeout
  append(parameters, interval, 4);
  append(parameters, interval, 4);
  append(parameters, 0x7f, 1);  // no preference of transmission power
  command(control, kAddExtendedParameters, index, parameters);

  Bytes content;
  append(content, instance, 1);
  append(content, static_cast<std::uint32_t>(data.size()), 1);
  append(content, 0, 1);  // no scan response
  content.insert(content.end(), data.begin(), data.end());
  command(control, kAddExtendedData, index, content);
}

void remove(std::uint16_t index, std::uint32_t instance) {
  Bytes parameters;
  append(parameters, instance, 1);
  command(Socket{kControlChannel}, kRemoveAdvertising, index, parameters);
}

void mark(std::string_view text) {
  constexpr std::string_view kIdentity{"bed", 4};                 // with its NUL
  Bytes content{6, static_cast<std::uint8_t>(kIdentity.size())};  // 6: the priority "info"
  content.insert(content.end(), kIdentity.begin(), kIdentity.end());
  content.insert(content.end(), text.begin(), text.end());
  content.push_back(0);
  Socket{kLoggingChannel}.send(packet(0, kNoIndex, content));
}

bool run(const std::vector<const char*>& arguments) {
  const std::string_view what = arguments.empty() ? "" : arguments[0];
  const auto count = arguments.size();
  const auto index = [&arguments] { return static_cast<std::uint16_t>(number(arguments[1])); };
  if (what == "features" && count == 2) {
    show_features(index());
  } else if (what == "add" && count == 6) {
    add(index(), number(arguments[2]), number(arguments[3]), number(arguments[4]), from_hex(arguments[5]));
  } else if (what == "remove" && count == 3) {
    remove(index(), number(arguments[2]));
  } else if (what == "mark" && count == 2) {
    mark(arguments[1]);
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char* argv[]) try {
  if (run({argv + 1, argv + argc})) return EXIT_SUCCESS;
  std::fputs(
      "usage: hci_control features INDEX | add INDEX INSTANCE FLAGS MS DATA | remove INDEX INSTANCE | mark TEXT\n",
      stderr);
  return 2;
} catch (const std::exception& failure) {
  std::printf("error: %s\n", failure.what());
  return EXIT_FAILURE;
}
