// A GPIO chip for a guest that has none: Debian's kernels have neither gpio-sim nor gpio-mockup, but the driver of the
// CP2112, a USB bridge with eight lines. This is its device, made in user space (Linux, Documentation/hid/uhid.rst;
// Silicon Labs AN495). The driver looks at the inputs 25 times a second, since this chip has no interrupts.
//
//   in:  line NUMBER VALUE   0 or 1: what is wired to an input
//   out: line NUMBER VALUE   an output has changed
#include <fcntl.h>
#include <linux/uhid.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

// Feature reports; the lengths are with the number of the report.
enum Report : std::uint8_t { kConfig = 0x02, kGet = 0x03, kSet = 0x04, kVersion = 0x05, kSmbus = 0x06, kLock = 0x20 };

// Vendor-defined, with one feature report; that suffices for the kernel.
constexpr std::array<std::uint8_t, 22> kDescriptor{0x06, 0x00, 0xff, 0x09, 0x01, 0xa1, 0x01, 0x85, 0x02, 0x09, 0x02,
                                                   0x15, 0x00, 0x25, 0x7f, 0x75, 0x08, 0x95, 0x04, 0xb1, 0x02, 0xc0};

int checked(int result, const char* what) {
  if (result < 0) throw std::system_error(errno, std::generic_category(), what);
  return result;
}

class Chip {
 public:
  Chip() : device_{checked(open("/dev/uhid", O_RDWR | O_CLOEXEC), "/dev/uhid")} {
    uhid_event event{};
    event.type = UHID_CREATE2;
    auto& create = event.u.create2;
    std::strcpy(reinterpret_cast<char*>(create.name), "signet test chip");
    create.bus = 0x03;  // USB
    create.vendor = 0x10c4;
    create.product = 0xea90;
    create.rd_size = kDescriptor.size();
    std::memcpy(create.rd_data, kDescriptor.data(), create.rd_size);
    send(event);
  }

  [[nodiscard]] int descriptor() const { return device_; }

  void drive(unsigned line, bool level) {
    const auto bit = static_cast<std::uint8_t>(1U << line);
    wired_ = static_cast<std::uint8_t>(level ? wired_ | bit : wired_ & ~bit);
  }

  // Answers one request of the kernel.
  void serve() {
    uhid_event event{};
    checked(static_cast<int>(read(device_, &event, sizeof event)), "read");
    uhid_event answer{};
    if (event.type == UHID_GET_REPORT) {
      answer.type = UHID_GET_REPORT_REPLY;
      answer.u.get_report_reply.id = event.u.get_report.id;
      const auto report = content(event.u.get_report.rnum);
      answer.u.get_report_reply.err = report.empty() ? EIO : 0;
      answer.u.get_report_reply.size = static_cast<std::uint16_t>(report.size());
      std::memcpy(answer.u.get_report_reply.data, report.data(), report.size());
      send(answer);
    } else if (event.type == UHID_SET_REPORT) {
      take(event.u.set_report.data);
      answer.type = UHID_SET_REPORT_REPLY;
      answer.u.set_report_reply.id = event.u.set_report.id;
      send(answer);
    }
  }

 private:
  void send(const uhid_event& event) {
    if (write(device_, &event, sizeof event) != sizeof event)
      throw std::system_error(errno, std::generic_category(), "write");
  }

  [[nodiscard]] std::vector<std::uint8_t> content(std::uint8_t report) const {
    const auto inputs = static_cast<unsigned>(wired_) & ~static_cast<unsigned>(outputs_);
    const auto levels = static_cast<std::uint8_t>((levels_ & outputs_) | inputs);
    switch (report) {
      case kConfig: return {kConfig, outputs_, 0xff, 0, 0};
      case kGet: return {kGet, levels};
      case kVersion: return {kVersion, 0x0c, 0x02};
      case kSmbus: return {kSmbus, 0, 1, 0x86, 0xa0, 2, 0, 0, 0, 0, 0, 0, 0, 0};
      case kLock: return {kLock, 0};
      default: return {};
    }
  }

  void take(const std::uint8_t* report) {
    if (report[0] == kConfig) outputs_ = report[1];
    if (report[0] != kSet) return;
    const auto before = levels_;
    levels_ = static_cast<std::uint8_t>((levels_ & ~report[2]) | (report[1] & report[2]));
    for (unsigned line = 0; line < 8; ++line)
      if (((before ^ levels_) >> line & 1U) != 0) std::printf("line %u %u\n", line, levels_ >> line & 1U);
  }

  int device_;
  std::uint8_t outputs_ = 0;   // a bit per line: which are outputs
  std::uint8_t levels_ = 0;    // of the outputs
  std::uint8_t wired_ = 0xff;  // of the inputs, pulled up
};

// The lines that are complete in what can be read at once.
void read_commands(Chip& chip, std::string& pending) {
  std::array<char, 512> octets{};
  const auto size = checked(static_cast<int>(read(STDIN_FILENO, octets.data(), octets.size())), "read");
  if (size == 0) std::exit(EXIT_SUCCESS);
  pending.append(octets.data(), static_cast<std::size_t>(size));
  for (auto end = pending.find('\n'); end != std::string::npos; end = pending.find('\n')) {
    std::istringstream words{pending.substr(0, end)};
    pending.erase(0, end + 1);
    std::string what;
    unsigned line = 8;
    bool level = false;
    if (!(words >> what >> line >> level) || what != "line" || line > 7) throw std::runtime_error("not a command");
    chip.drive(line, level);
  }
}

}  // namespace

int main() try {
  Chip chip;
  std::string pending;
  for (;;) {
    std::fflush(stdout);
    std::array<pollfd, 2> sources{{{STDIN_FILENO, POLLIN, 0}, {chip.descriptor(), POLLIN, 0}}};
    checked(poll(sources.data(), sources.size(), -1), "poll");
    if (sources[0].revents != 0) read_commands(chip, pending);
    if (sources[1].revents != 0) chip.serve();
  }
} catch (const std::exception& failure) {
  std::printf("error: %s\n", failure.what());
  return EXIT_FAILURE;
}
