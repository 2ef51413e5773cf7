#include "rpmb/transport/emulator/chip_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <set>

#include "base/endian.h"
#include "crypto/sha256.h"
#include "tests/unit/random_octets.h"
#include "tests/unit/transport/emulator_fixture.h"

namespace signet::rpmb {
namespace {

using testing::kEmulatorKey;
using testing::pattern;
using testing::read_file;
using testing::ScratchDirectory;
using testing::signed_write;
using testing::write_file;

constexpr std::uint32_t kBlocks = 512;
constexpr std::size_t kHeader = 4096;
constexpr std::size_t kSlot = 12288;
constexpr std::size_t kSize = kHeader + 2 * kSlot + kBlocks * kBlockSize;

// Makes the digests of the header and of the first journal record fit.
void mend(std::string& file) {
  const auto view = as_bytes(file);
  const auto put = [&](std::size_t at, const crypto::Digest& digest) {
    file.replace(at, digest.size(), as_text(digest));
  };
  put(kHeader - 32, crypto::sha256(view.first(kHeader - 32)));
  const std::size_t size = 52 + load_be<std::uint16_t>(view, kHeader + 50) * kBlockSize;
  if (size + 32 <= kSlot) put(kHeader + size, crypto::sha256({view.subspan(28, 16), view.subspan(kHeader, size)}));
}

class ChipFileTest : public ::testing::Test {
 protected:
  void create(const ChipFileSpec& spec = {.blocks = kBlocks, .write_frames = 32}) {
    auto created = create_chip_file(path_, spec, random_);
    ASSERT_TRUE(created) << to_string(created.error());
  }

  Error open_error() {
    auto file = ChipFile::open(path_);
    EXPECT_FALSE(file);
    return file ? Error{} : file.error();
  }

  // Runs the requests on the file as a transport would.
  static Result<void> run(ChipFile& file, ChipModel& chip, std::span<const Frame> request) {
    ChipModel::Decision decision = chip.decide(request, true);
    EXPECT_TRUE(decision.change);
    SIGNET_TRY(file.keep(*decision.change, {}));
    chip.commit(std::move(decision));
    return {};
  }

  ScratchDirectory directory_;
  std::string path_ = directory_.file("chip");
  crypto::SystemRandom random_;
};

TEST_F(ChipFileTest, ANewChipIsBlankAndAllocated) {
  create({.blocks = kBlocks, .write_frames = 2});

  auto file = ChipFile::open(path_);

  ASSERT_TRUE(file) << to_string(file.error());
  ChipState state = (*file)->load().value();
  EXPECT_EQ(state.registers, ChipRegisters{});
  EXPECT_EQ(state.memory, std::vector<Block>(kBlocks));
  EXPECT_EQ(state.write_frames, 2);
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_EQ(static_cast<std::size_t>(status.st_size), kSize);
  EXPECT_GE(static_cast<std::size_t>(status.st_blocks) * 512, kSize);
  EXPECT_EQ(status.st_mode & 0777u, 0600u);  // it holds the key
  EXPECT_EQ(directory_.files(), 1u);
}

TEST_F(ChipFileTest, TheFileSaysWhatItIs) {
  create();

  std::string content = read_file(path_);

  EXPECT_TRUE(content.starts_with("SIGNET-EMU-RPMB\n"));
  EXPECT_NE(content.find("This file is an emulated RPMB chip."), std::string::npos);
}

TEST_F(ChipFileTest, TheCidIsNotThatOfHardwareAndDiffersFromChipToChip) {
  std::set<Cid> cids;
  for (int i = 0; i < 8; ++i) {
    path_ = directory_.file("chip" + std::to_string(i));
    create();
    cids.insert(ChipFile::open(path_).value()->cid());
  }

  EXPECT_EQ(cids.size(), 8u);
  for (const Cid& cid : cids) {
    EXPECT_TRUE(is_emulated(cid));
    EXPECT_EQ(as_text(cid).substr(3, 6), "SIGEMU");
  }
  EXPECT_FALSE(is_emulated(Cid{0x15, 0x01, 0x00, '4', 'F', 'T', 'E', '4', 'R'}));
}

TEST_F(ChipFileTest, EveryChangeIsThereAfterReopening) {
  create();
  ChipModel expected{blank_chip(1, 32)};
  {
    auto file = ChipFile::open(path_).value();
    ASSERT_TRUE(run(*file, expected, std::vector{key_request(kEmulatorKey)}));
    for (std::uint32_t i = 0; i < 9; ++i) {
      std::size_t frames = i % 3 == 0 ? 1 : i % 3 == 1 ? 2 : 32;
      ASSERT_TRUE(run(*file, expected, signed_write(i, static_cast<std::uint16_t>(i * 32), pattern(i, frames))));
    }
    Frame config = encode(Fields{.data = {}, .write_counter = 9, .address = 1, .block_count = 1, .type = 6});
    config[at::kData + 255] = 0x5a;
    authenticate(testing::emulator_key(), std::span{&config, 1});
    ASSERT_TRUE(run(*file, expected, std::vector{config}));
  }

  ChipState state = ChipFile::open(path_).value()->load().value();

  EXPECT_EQ(state.registers, expected.state().registers);
  EXPECT_EQ(state.registers.secure_wp_enable, 0x5a);
  EXPECT_EQ(state.memory, expected.state().memory);
}

TEST_F(ChipFileTest, TheDialectIsKept) {
  create({.blocks = kBlocks, .write_frames = 1, .dialect = Dialect::qemu});

  EXPECT_EQ(ChipFile::open(path_).value()->load().value().dialect, Dialect::qemu);
}

TEST_F(ChipFileTest, CreatingLeavesAFileThatIsThereAlone) {
  write_file(path_, "precious");

  EXPECT_TRUE(create_chip_file(path_, {.blocks = kBlocks, .write_frames = 2}, random_));

  EXPECT_EQ(read_file(path_), "precious");
  EXPECT_EQ(directory_.files(), 1u);
}

TEST_F(ChipFileTest, AnImpossibleGeometryIsRefusedWithTheRule) {
  const ChipFileSpec specs[] = {{0, 2}, {511, 2}, {65536 + 512, 2}, {512, 0}, {512, 3}, {512, 64}};
  for (const ChipFileSpec& spec : specs) {
    auto created = create_chip_file(path_, spec, random_);

    ASSERT_FALSE(created);
    EXPECT_EQ(created.error().code, Errc::geometry);
    EXPECT_NE(created.error().context.find("multiple of 131072"), std::string::npos);
  }
  EXPECT_EQ(directory_.files(), 0u);
}

TEST_F(ChipFileTest, AMissingFileIsNoChip) { EXPECT_EQ(open_error().code, Errc::no_chip); }

TEST_F(ChipFileTest, AMissingDirectoryIsNoChip) {
  auto created = create_chip_file(directory_.file("none/chip"), {.blocks = kBlocks, .write_frames = 2}, random_);

  ASSERT_FALSE(created);
  EXPECT_EQ(created.error().code, Errc::no_chip);
}

TEST_F(ChipFileTest, ASecondOpenerIsToldThatTheChipIsBusy) {
  create();
  auto first = ChipFile::open(path_);

  Error error = open_error();

  EXPECT_EQ(error.code, Errc::busy);
  EXPECT_NE(error.context.find("in use by another process"), std::string::npos);
}

TEST_F(ChipFileTest, TheLockEndsWithItsHolder) {
  create();
  { auto first = ChipFile::open(path_); }

  EXPECT_TRUE(ChipFile::open(path_));
}

TEST_F(ChipFileTest, AForeignFileIsNoChipAndStaysAsItIs) {
  for (std::string content : {std::string{}, std::string{"SIGNET"}, std::string(kSize, 'x')}) {
    write_file(path_, content);

    EXPECT_EQ(open_error().code, Errc::not_rpmb);
    EXPECT_EQ(read_file(path_), content);
  }
}

TEST_F(ChipFileTest, WhatIsNoRegularFileIsNoChip) {
  path_ = directory_.path();
  EXPECT_EQ(open_error().code, Errc::not_rpmb);
  path_ = "/dev/null";
  EXPECT_EQ(open_error().code, Errc::not_rpmb);
  path_ = directory_.file("fifo");
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_EQ(open_error().code, Errc::not_rpmb);
}

TEST_F(ChipFileTest, ATruncatedOrGrownFileIsAGeometryErrorWithBothSizes) {
  create();
  std::string content = read_file(path_);
  for (std::size_t size : {std::size_t{16}, kHeader - 1, kHeader, kHeader + 100, kSize - 1, kSize + 1}) {
    std::string changed = content;
    changed.resize(size);
    write_file(path_, changed);

    Error error = open_error();

    EXPECT_EQ(error.code, Errc::geometry) << size;
    EXPECT_NE(error.context.find(std::to_string(size)), std::string::npos) << error.context;
  }
}

TEST_F(ChipFileTest, ADamagedHeaderIsFoundWhereverTheDamageIs) {
  create();
  std::string content = read_file(path_);
  for (std::size_t offset = 20; offset < kHeader; offset += 97) {
    std::string changed = content;
    changed[offset] = static_cast<char>(changed[offset] ^ 0x10);
    write_file(path_, changed);

    EXPECT_EQ(open_error().code, Errc::not_rpmb) << offset;
  }
}

TEST_F(ChipFileTest, AnyOctetsAreAChipOrANamedError) {
  create();
  const std::string content = read_file(path_).substr(0, kHeader + 2 * kSlot);
  RandomOctets random{5};
  const auto code_of = [&](const std::string& octets) {
    write_file(path_, octets);
    auto file = ChipFile::open(path_);
    return file ? std::nullopt : std::optional{file.error().code};
  };
  for (int i = 0; i < kRandomStrings; ++i) {
    ASSERT_EQ(code_of(random.text(kHeader + 100)), Errc::not_rpmb) << i;
    const auto magic = code_of(content.substr(0, 16) + random.text(kHeader));
    ASSERT_TRUE(magic == Errc::unsupported_format || magic == Errc::geometry) << i;
  }
}

// What only the digests keep out: they are made to fit the damage, as an attacker or a broken program would.
TEST_F(ChipFileTest, ADamagedFileWithFittingDigestsIsAChipOrANamedError) {
  create();
  const std::string good = read_file(path_);
  RandomOctets random{6};
  for (int i = 0; i < 1000; ++i) {
    std::string head = good.substr(0, 100);
    head[16 + random.below(12)] = static_cast<char>(random.below(256));  // format, blocks, frames, dialect
    std::string record = good.substr(kHeader, 100);
    record[random.below(52)] = static_cast<char>(random.below(256));
    std::string file = good;
    file.replace(0, head.size(), head).replace(kHeader, record.size(), record);
    mend(file);
    write_file(path_, file);

    auto opened = ChipFile::open(path_);

    if (opened) {
      ASSERT_TRUE((*opened)->load()) << i;
    } else {
      const auto code = opened.error().code;
      ASSERT_TRUE(code == Errc::not_rpmb || code == Errc::geometry || code == Errc::unsupported_format)
          << to_string(opened.error());
    }
  }
}

TEST_F(ChipFileTest, AnotherFormatIsNamedWithBothNumbers) {
  create();
  std::string content = read_file(path_);
  content[19] = 2;
  write_file(path_, content);

  Error error = open_error();

  EXPECT_EQ(error.code, Errc::unsupported_format);
  EXPECT_NE(error.context.find("format 2"), std::string::npos);
}

TEST_F(ChipFileTest, AChipWithoutAWholeJournalRecordIsDamaged) {
  create();
  std::string content = read_file(path_);
  content[kHeader + 9] ^= 1;
  write_file(path_, content);

  EXPECT_EQ(open_error().code, Errc::not_rpmb);
}

TEST_F(ChipFileTest, ARecordOfAnotherChipIsNotTaken) {
  create();
  std::string mine = read_file(path_);
  path_ = directory_.file("other");
  create();
  std::string other = read_file(path_);
  other.replace(kHeader, kSlot, mine, kHeader, kSlot);
  write_file(path_, other);

  EXPECT_EQ(open_error().code, Errc::not_rpmb);
}

TEST_F(ChipFileTest, AFileUnderAnotherNameIsAChangedChip) {
  create();
  auto file = ChipFile::open(path_).value();
  EXPECT_TRUE(file->check_identity());

  std::filesystem::rename(path_, directory_.file("away"));
  EXPECT_EQ(file->check_identity().error().code, Errc::no_chip);
  create();
  EXPECT_EQ(file->check_identity().error().code, Errc::chip_changed);
}

// ---- a full disk ----

// Runs `test` in a child; true when it returned true. Signals and failed expectations are false.
bool in_child(const std::function<bool()>& test) {
  pid_t child = ::fork();
  if (child == 0) ::_exit(test() ? 0 : 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

// A journal record that cannot be written is no_space, and the chip is as it was.
TEST_F(ChipFileTest, AJournalThatCannotBeWrittenChangesNothing) {
  create();
  {
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    ASSERT_TRUE(run(*file, chip, std::vector{key_request(kEmulatorKey)}));
  }

  bool refused = in_child([this] {
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit limit{kHeader + 100, kHeader + 100};  // in the middle of the record
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto kept = run(*file, chip, signed_write(0, 3, pattern(1, 2)));
    return !kept && kept.error().code == Errc::no_space && chip.state().registers.write_counter == 0;
  });

  EXPECT_TRUE(refused);
  ChipState state = ChipFile::open(path_).value()->load().value();
  EXPECT_EQ(state.registers.key, kEmulatorKey);
  EXPECT_EQ(state.registers.write_counter, 0u);
  EXPECT_EQ(state.memory[3], Block{});
}

// Mounts a tmpfs of `octets` on `path`, in a mount namespace that only the calling process sees.
bool mount_small_disk(const std::string& path, const char* size) {
  if (::unshare(CLONE_NEWNS) != 0 && ::unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
  if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  return ::mount("signet", path.c_str(), "tmpfs", 0, size) == 0;
}

class SmallDisk : public ChipFileTest {
 protected:
  void SetUp() override {
    bool permitted = in_child([this] { return mount_small_disk(directory_.path(), "size=1m"); });
    if (!permitted) GTEST_SKIP() << "a private mount namespace with a tmpfs is not permitted here";
  }

  // As much of a file as the disk takes.
  void fill_up() {
    UniqueFd fd{::open(directory_.file("ballast").c_str(), O_WRONLY | O_CREAT, 0600)};
    const std::string page(4096, 'x');
    while (::write(fd.get(), page.data(), page.size()) > 0) {
    }
  }
};

TEST_F(SmallDisk, AChipThatDoesNotFitIsNotMadeAndLeavesNothingBehind) {
  EXPECT_TRUE(in_child([this] {
    if (!mount_small_disk(directory_.path(), "size=1m")) return false;
    auto created = create_chip_file(path_, {.blocks = 4096, .write_frames = 2}, random_);
    return !created && created.error().code == Errc::no_space && directory_.files() == 0;
  }));
}

TEST_F(SmallDisk, AnAllocatedChipWorksOnAFullDisk) {
  EXPECT_TRUE(in_child([this] {
    if (!mount_small_disk(directory_.path(), "size=1m")) return false;
    create();
    fill_up();
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    bool written = run(*file, chip, std::vector{key_request(kEmulatorKey)}) &&
                   run(*file, chip, signed_write(0, 100, pattern(1, 32)));
    file.reset();
    return written && ChipFile::open(path_).value()->load().value().memory == chip.state().memory;
  }));
}

// A copy with holes in it has lost its allocation. Opening asks for it again, and says so when there is no room.
TEST_F(SmallDisk, ASparseCopyOnAFullDiskIsNoSpaceAtOpening) {
  EXPECT_TRUE(in_child([this] {
    if (!mount_small_disk(directory_.path(), "size=1m")) return false;
    create();
    UniqueFd fd{::open(path_.c_str(), O_RDWR)};
    if (::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 65536, 65536) != 0) return false;
    fill_up();
    auto file = ChipFile::open(path_);
    return !file && file.error().code == Errc::no_space;
  }));
}

// The same, punched while the chip is in use: the journal has room, the blocks have not. The write is kept; the next
// one is refused until there is room, and nothing is lost.
TEST_F(SmallDisk, BlocksThatCannotBeWrittenInPlaceAreKeptInTheJournal) {
  EXPECT_TRUE(in_child([this] {
    if (!mount_small_disk(directory_.path(), "size=1m")) return false;
    create();
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    if (!run(*file, chip, std::vector{key_request(kEmulatorKey)})) return false;
    UniqueFd fd{::open(path_.c_str(), O_RDWR)};
    if (::fallocate(fd.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 65536, 65536) != 0) return false;
    fill_up();

    bool kept = run(*file, chip, signed_write(0, 200, pattern(1, 2))).has_value();
    auto refused = run(*file, chip, signed_write(1, 400, pattern(2, 2)));
    std::filesystem::remove(directory_.file("ballast"));
    bool again = run(*file, chip, signed_write(1, 400, pattern(2, 2))).has_value();
    file.reset();
    ChipState state = ChipFile::open(path_).value()->load().value();
    return kept && !refused && refused.error().code == Errc::no_space && again && state.memory == chip.state().memory &&
           state.registers.write_counter == 2;
  }));
}

}  // namespace
}  // namespace signet::rpmb
