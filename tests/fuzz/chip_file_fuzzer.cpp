// Arbitrary octets as a chip file: as they are, or laid over a good file whose digests are then made to fit, so that
// what lies behind them is reached. Whatever opens must hold a change and show it after the next opening.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

#include "base/endian.h"
#include "crypto/sha256.h"
#include "rpmb/transport/emulator/chip_file.h"

namespace {

using namespace signet;
using namespace signet::rpmb;

constexpr std::size_t kHeader = 4096;
constexpr std::size_t kSlot = 12288;
constexpr std::size_t kRecordHead = 52;

class NoRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{7}); }
};

void require(bool holds) {
  if (!holds) std::abort();
}

Bytes read_file(int fd, std::size_t size) {
  Bytes content(size);
  require(::pread(fd, content.data(), size, 0) == static_cast<ssize_t>(size));
  return content;
}

// The beginning of a new chip file of 128 KiB: header and journal.
const Bytes& good_file() {
  static const Bytes content = [] {
    NoRandom random;
    std::string path = "/tmp/signet-chip-file-fuzzer." + std::to_string(::getpid());
    require(create_chip_file(path, {.blocks = 512, .write_frames = 2}, random).has_value());
    UniqueFd fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    ::unlink(path.c_str());
    return read_file(fd.get(), kHeader + 2 * kSlot);
  }();
  return content;
}

void mend_header(Bytes& file) {
  std::ranges::copy(crypto::sha256(BytesView{file}.first(kHeader - 32)), file.begin() + kHeader - 32);
}

void mend_slot(Bytes& file, std::size_t at) {
  BytesView cid = BytesView{file}.subspan(28, 16);
  std::size_t size = kRecordHead + std::size_t{load_be<std::uint16_t>(file, at + 50)} * kBlockSize;
  if (size + 32 > kSlot) return;
  std::ranges::copy(crypto::sha256({cid, BytesView{file}.subspan(at, size)}),
                    file.begin() + static_cast<std::ptrdiff_t>(at + size));
}

// Input: pairs of a place and an octet, over the good file.
Bytes overlaid(BytesView input) {
  Bytes file = good_file();
  while (input.size() >= 3) {
    std::size_t place = load_be<std::uint16_t>(input, 0) % file.size();
    file[place] = input[2];
    input = input.subspan(3);
  }
  mend_header(file);
  mend_slot(file, kHeader);
  mend_slot(file, kHeader + kSlot);
  return file;
}

void use(const std::string& path) {
  auto file = ChipFile::open(path);
  if (!file) return;
  ChipModel chip{(*file)->load().value()};
  ChipChange change;
  change.registers = chip.state().registers;
  change.registers.write_counter ^= 5;
  change.address = 3;
  change.blocks.resize(2);
  change.blocks[1].fill(0x77);
  require((*file)->keep(change, {}).has_value());
  file->reset();

  ChipState state = ChipFile::open(path).value()->load().value();
  require(state.registers == change.registers && state.memory[4] == change.blocks[1]);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  BytesView input{data + 1, size - 1};
  UniqueFd fd{::memfd_create("chip", MFD_CLOEXEC)};
  Bytes content = data[0] % 4 == 0 ? Bytes{input.begin(), input.end()} : overlaid(input);
  require(::write(fd.get(), content.data(), content.size()) == static_cast<ssize_t>(content.size()));
  std::size_t whole = kHeader + 2 * kSlot + 512 * kBlockSize;
  if (data[0] % 4 != 0) require(::ftruncate(fd.get(), static_cast<off_t>(whole)) == 0);
  use("/proc/self/fd/" + std::to_string(fd.get()));
  return 0;
}
