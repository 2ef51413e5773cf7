// The RPMB unit of a UFS device, in user space behind the kernel's SCSI stack (bed F): serves the ring of a TCMU
// backstore.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/hex.h"
#include "rpmb_unit.h"

namespace {

using namespace signet;

constexpr const char* kAbout =
    "Serves a TCMU backstore as the RPMB unit of a UFS device: INQUIRY (type 0x1e), TEST UNIT READY, SECURITY PROTOCOL "
    "IN and\n"
    "OUT with an emulated chip behind them. Prints READY CID, then serves until it is killed. The backstore is made "
    "with\n"
    "configfs (core/user_0/NAME), and looped back at LUN 49476 it is where a UFS device has it. sysfs tells neither "
    "identity\n"
    "nor size of it, so rpmbd has to be told: [chip] transport = \"ufs\", cid and size.";

struct Options {
  std::string node;
  std::string chip;
  std::uint32_t size = 131072;
  std::uint16_t write_frames = 32;
  std::string attention;
};

Options parse(int argc, char** argv) {
  Options options;
  CLI::App app{kAbout};
  app.add_option("UIO", options.node, "the backstore's node, /dev/uioN")->required();
  app.add_option("CHIP", options.chip, "chip file; made when it is missing")->required();
  app.add_option("--size", options.size, "octets of a new chip, a multiple of 131072")->capture_default_str();
  app.add_option("--write-frames", options.write_frames, "frames of the largest write of a new chip: 1, 2 or 32")
      ->capture_default_str();
  app.add_option(
      "--attention", options.attention,
      "file looked for before every command: a number N in it resets the device before the N-th SECURITY PROTOCOL "
      "command from then on, which is answered with UNIT ATTENTION; the file is removed when it has been read");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(app.exit(error));
  }
  return options;
}

void look_for_orders(const std::string& file, cards::RpmbUnit& unit) {
  if (file.empty()) return;
  std::ifstream order{file};
  if (std::uint64_t number = 0; order >> number) {
    std::filesystem::remove(file);
    unit.reset_before(number);
  }
}

Result<void> run(const Options& options) {
  SIGNET_ASSIGN(const auto card, cards::FileCard::open(options.chip, options.size, options.write_frames));
  SIGNET_ASSIGN(auto ring, cards::TcmuRing::open(options.node));
  std::printf("READY %s\n", to_hex(card->cid()).c_str());
  std::fflush(stdout);
  cards::RpmbUnit unit{*card};
  return ring.serve([&](const cards::ScsiCommand& command, BytesView data) {
    look_for_orders(options.attention, unit);
    return unit.execute(command, data);
  });
}

}  // namespace

int main(int argc, char** argv) {
  const auto options = parse(argc, argv);
  if (const auto done = run(options); !done) {
    std::fprintf(stderr, "tcmu_card: %s\n", to_string(done.error()).c_str());
    return 1;
  }
  return 0;
}
