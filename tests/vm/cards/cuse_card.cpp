// A character device /dev/NAME that behaves as the kernel's RPMB device of an eMMC, served from user space by CUSE. The
// chip is in a file, or at the other end of a byte stream such as a virtio serial port (card_host).
//
// CUSE hands an ioctl over in steps, because only the program behind the device knows where its pointers lead: the
// handler asks for more of the caller's memory until it has all of it, and then answers.
#define FUSE_USE_VERSION 31
#include <cuse_lowlevel.h>
#include <fcntl.h>
#include <linux/mmc/ioctl.h>
#include <sys/ioctl.h>
#include <termios.h>

#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include "card_stream.h"

namespace {

using namespace signet;
using rpmb::Frame;

constexpr unsigned kReadMultipleBlock = 18;
constexpr unsigned kWriteMultipleBlock = 25;
constexpr unsigned kReliable = 1U << 31;

constexpr const char* kAbout =
    "Makes /dev/NAME, which answers MMC_IOC_MULTI_CMD and MMC_IOC_CMD as the RPMB device of an eMMC does, with an "
    "emulated\n"
    "chip behind it. Needs /dev/cuse. Stays in the foreground; ends at SIGTERM. sysfs knows nothing of the card, so "
    "rpmbd\n"
    "has to be told: [chip] transport = \"mmc\", node = \"/dev/NAME\", cid (card_host --show) and size.";

struct Options {
  std::string name;
  std::string stream;
  std::string file;
  std::uint32_t size = 131072;
  std::uint16_t write_frames = 2;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{kAbout};
  app.add_option("--name", options.name, "name of the device below /dev")->required();
  auto* stream = app.add_option("--stream", options.stream, "byte stream to a card_host, such as /dev/vport0p1");
  auto* file = app.add_option("--file", options.file, "chip file, instead of a stream; made when it is missing");
  stream->excludes(file);
  app.add_option("--size", options.size, "octets of a new chip file")->capture_default_str();
  app.add_option("--write-frames", options.write_frames, "frames of the largest write of a new chip file")
      ->capture_default_str();
  try {
    app.parse(argc, argv);
    if (options.stream.empty() && options.file.empty()) throw CLI::RequiredError("--stream or --file");
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

Result<std::unique_ptr<cards::Card>> open_card(const Options& options) {
  if (!options.file.empty()) {
    SIGNET_ASSIGN(auto card, cards::FileCard::open(options.file, options.size, options.write_frames));
    return std::unique_ptr<cards::Card>{std::move(card)};
  }
  UniqueFd stream{::open(options.stream.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)};
  if (!stream) {
    return fail(Errc::io, "opening " + options.stream + ": " + std::generic_category().message(errno));
  }
  termios terminal{};
  if (::tcgetattr(stream.get(), &terminal) == 0) {  // a serial line must not interpret the frames
    ::cfmakeraw(&terminal);
    ::tcsetattr(stream.get(), TCSANOW, &terminal);
  }
  return std::unique_ptr<cards::Card>{std::make_unique<cards::StreamCard>(std::move(stream))};
}

// What the caller's memory holds at this step of an ioctl, and what is still to be fetched.
class IoctlRequest {
 public:
  IoctlRequest(unsigned command, const char* argument, const void* input, std::size_t input_size,
               std::size_t output_size)
      : argument_{const_cast<char*>(argument)},
        input_{static_cast<const std::uint8_t*>(input), input_size},
        output_size_{output_size},
        head_{command == MMC_IOC_MULTI_CMD ? sizeof(std::uint64_t) : 0} {}

  // The steps, in order: each is true once its part has arrived.
  bool has_count() {
    if (input_.size() < head_) return want({argument_, head_});
    if (head_ != 0) std::memcpy(&count_, input_.data(), head_);
    return true;
  }
  [[nodiscard]] bool too_many() const { return count_ > MMC_IOC_MAX_CMDS; }
  bool has_commands() {
    if (input_.size() < commands_end()) return want({argument_, commands_end()});
    for (std::size_t at = head_; at < commands_end(); at += sizeof(mmc_ioc_cmd)) {
      std::memcpy(&commands_.emplace_back(), input_.data() + at, sizeof(mmc_ioc_cmd));
    }
    return true;
  }
  // An errno for a command that the device does not take.
  [[nodiscard]] int refusal() const {
    for (const auto& command : commands_) {
      if (command.opcode != kReadMultipleBlock && command.opcode != kWriteMultipleBlock) return EINVAL;
      if (command.blksz != rpmb::kFrameSize || command.blocks == 0) return EINVAL;
      if (size_of(command) > MMC_IOC_MAX_BYTES) return EOVERFLOW;
    }
    return 0;
  }
  bool has_data() {
    wanted_in_ = {{argument_, commands_end()}};
    std::size_t in = commands_end();
    std::size_t out = 0;
    for (const auto& command : commands_) {
      const iovec data{reinterpret_cast<void*>(static_cast<std::uintptr_t>(command.data_ptr)), size_of(command)};
      const bool writes = command.opcode == kWriteMultipleBlock;
      (writes ? wanted_in_ : wanted_out_).push_back(data);
      (writes ? in : out) += data.iov_len;
    }
    return input_.size() >= in && output_size_ >= out;
  }

  void ask(fuse_req_t request) const {
    fuse_reply_ioctl_retry(request, wanted_in_.data(), wanted_in_.size(), wanted_out_.data(), wanted_out_.size());
  }

  // Carries the commands out, in order; nothing when one failed, which ends the list. Returns what the read commands
  // read.
  [[nodiscard]] std::optional<Bytes> execute(cards::Card& card) const {
    Bytes output;
    auto input = input_.subspan(commands_end());
    for (const auto& command : commands_) {
      std::vector<Frame> frames(command.blocks);
      const std::span octets{frames.front().data(), size_of(command)};
      if (command.opcode == kWriteMultipleBlock) {
        std::memcpy(octets.data(), input.data(), octets.size());
        input = input.subspan(octets.size());
        if (!card.write(frames, (static_cast<unsigned>(command.write_flag) & kReliable) != 0)) return {};
      } else {
        if (!card.read(frames)) return {};
        append(output, octets);
      }
    }
    return output;
  }

 private:
  static std::size_t size_of(const mmc_ioc_cmd& command) { return std::size_t{command.blksz} * command.blocks; }
  [[nodiscard]] std::size_t commands_end() const { return head_ + count_ * sizeof(mmc_ioc_cmd); }
  bool want(iovec memory) {
    wanted_in_ = {memory};
    return false;
  }

  char* argument_;
  BytesView input_;
  std::size_t output_size_;
  std::size_t head_;
  std::uint64_t count_ = 1;
  std::vector<mmc_ioc_cmd> commands_;
  std::vector<iovec> wanted_in_;
  std::vector<iovec> wanted_out_;
};

void answer_open(fuse_req_t request, fuse_file_info* file) { fuse_reply_open(request, file); }

void answer_ioctl(fuse_req_t request, int command, void* argument, fuse_file_info*, unsigned, const void* input,
                  std::size_t input_size, std::size_t output_size) {
  const auto number = static_cast<unsigned>(command);
  if (number != MMC_IOC_MULTI_CMD && number != MMC_IOC_CMD) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  IoctlRequest ioctl{number, static_cast<const char*>(argument), input, input_size, output_size};
  if (!ioctl.has_count()) return ioctl.ask(request);
  if (ioctl.too_many()) {
    fuse_reply_err(request, EINVAL);
    return;
  }
  if (!ioctl.has_commands()) return ioctl.ask(request);
  if (const int refusal = ioctl.refusal(); refusal != 0) {
    fuse_reply_err(request, refusal);
    return;
  }
  if (!ioctl.has_data()) return ioctl.ask(request);

  const auto output = ioctl.execute(*static_cast<cards::Card*>(fuse_req_userdata(request)));
  if (output) {
    fuse_reply_ioctl(request, 0, output->data(), output->size());
  } else {
    fuse_reply_err(request, EIO);
  }
}

int serve(const std::string& name, cards::Card& card) {
  const auto device = "DEVNAME=" + name;
  const char* description[] = {device.c_str()};
  cuse_info info{};
  info.dev_info_argc = 1;
  info.dev_info_argv = description;
  info.flags = CUSE_UNRESTRICTED_IOCTL;
  cuse_lowlevel_ops operations{};
  operations.open = answer_open;
  operations.ioctl = answer_ioctl;
  std::string program = "cuse_card", foreground = "-f", one_thread = "-s";
  char* arguments[] = {program.data(), foreground.data(), one_thread.data(), nullptr};
  return cuse_lowlevel_main(3, arguments, &info, &operations, &card);
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  const auto card = open_card(options);
  if (!card) {
    std::fprintf(stderr, "cuse_card: %s\n", to_string(card.error()).c_str());
    return 1;
  }
  return serve(options.name, **card);
}
