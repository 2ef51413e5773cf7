#include "rpmb/transport/emulator/emulator_transport.h"

#include <cerrno>
#include <fstream>
#include <iterator>

namespace signet::rpmb {
namespace {

constexpr std::uint32_t kDefaultSize = 1024 * 1024;  // as much as the store uses of any chip
constexpr std::uint16_t kDefaultWriteFrames = 2;

// Whether an existing chip is the one that the configuration describes.
Result<void> check_geometry(const ChipFileSpec& spec, const EmulatorOptions& options) {
  auto size = std::uint64_t{spec.blocks} * kBlockSize;
  if (options.size && *options.size != size) {
    return fail(Errc::geometry, "the emulated chip " + options.file + " has " + std::to_string(size) +
                                    " octets, the configuration says " + std::to_string(*options.size) +
                                    "; change the configuration or name another file");
  }
  if (options.write_frames && *options.write_frames != spec.write_frames) {
    return fail(Errc::geometry, "the emulated chip " + options.file + " writes " + std::to_string(spec.write_frames) +
                                    " frames at once, the configuration says " + std::to_string(*options.write_frames) +
                                    "; change the configuration or name another file");
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Transport>> open_emulator(const EmulatorOptions& options) {
  SIGNET_ASSIGN(std::unique_ptr<Transport> transport, EmulatorTransport::open(options));
  return transport;
}

Result<std::unique_ptr<EmulatorTransport>> EmulatorTransport::open(const EmulatorOptions& options) {
  auto file = ChipFile::open(options.file);
  if (!file && file.error().code == Errc::no_chip) {
    std::uint32_t size = options.size.value_or(kDefaultSize);
    // 0 is refused, with the rule.
    auto blocks = static_cast<std::uint32_t>(size % kBlockSize == 0 ? size / kBlockSize : 0);
    crypto::SystemRandom random;
    SIGNET_TRY(create_chip_file(options.file,
                                {blocks, options.write_frames.value_or(kDefaultWriteFrames), options.dialect}, random));
    file = ChipFile::open(options.file);
  }
  if (!file) return fail(std::move(file).error());
  SIGNET_TRY(check_geometry((*file)->spec(), options));
  SIGNET_ASSIGN(ChipState state, (*file)->load());
  std::unique_ptr<EmulatorTransport> transport{new EmulatorTransport{*std::move(file), std::move(state), options}};
  SIGNET_TRY(transport->refresh_faults());
  return transport;
}

EmulatorTransport::EmulatorTransport(std::unique_ptr<ChipFile> file, ChipState state, const EmulatorOptions& options)
    : file_{std::move(file)}, chip_{std::move(state)}, bus_{chip_, file_.get()} {
  facts_.kind = Kind::emulator;
  facts_.node = options.file;
  facts_.cid = file_->cid();
  facts_.cid_from_hardware = false;
  facts_.blocks = file_->spec().blocks;
  facts_.write_frames = file_->spec().write_frames;
  if (!options.faults.empty()) faults_.emplace(options.faults);
  bus_.keep_answers(faults_.has_value());
}

Result<void> EmulatorTransport::refresh_faults() {
  if (!faults_) return {};
  return faults_->refresh(bus_.plan(), bus_.numbers());
}

Result<void> EmulatorTransport::program(std::span<const Frame> request, Frame& response) {
  SIGNET_TRY(refresh_faults());
  return bus_.program(request, response);
}

Result<void> EmulatorTransport::read(const Frame& request, std::span<Frame> response) {
  SIGNET_TRY(refresh_faults());
  return bus_.read(request, response);
}

Result<void> FaultFile::refresh(FaultPlan& plan, const OperationNumbers& now) {
  struct stat status {};
  Version version;
  if (::stat(path_.c_str(), &status) == 0) {
    version = {status.st_dev, status.st_ino, status.st_size, status.st_mtim};
  } else if (errno != ENOENT) {
    return fail(Errc::io, "the fault file " + path_ + " cannot be read");
  }
  if (version == version_) return {};

  std::string text;
  if (version.size >= 0) {
    std::ifstream stream{path_};
    text.assign(std::istreambuf_iterator<char>{stream}, {});
    if (!stream) return fail(Errc::io, "the fault file " + path_ + " cannot be read");
  }
  SIGNET_ASSIGN(plan, parse_faults(text, path_, now));
  version_ = version;
  return {};
}

}  // namespace signet::rpmb
