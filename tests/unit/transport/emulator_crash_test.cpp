// SIGKILL and power cuts: after each, the chip file holds all of the last change that was acknowledged, and all or
// nothing of the one after it.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <random>

#include "rpmb/transport/emulator/chip_file.h"
#include "tests/unit/transport/emulator_fixture.h"

namespace signet::rpmb {
namespace {

using testing::kEmulatorKey;
using testing::keyed_chip;
using testing::pattern;
using testing::read_file;
using testing::ScratchDirectory;
using testing::signed_write;
using testing::write_file;

// The workload: write i goes to a place and has a length and contents that depend on i alone.
std::vector<Frame> request_of(std::uint32_t i) {
  constexpr std::size_t kFrames[] = {32, 1, 2};
  std::size_t frames = kFrames[i % 3];
  auto address = static_cast<std::uint16_t>(i * 97 % (512 - 32));
  return signed_write(i, address, pattern(i, frames));
}

// The chip once `count` of the writes are on it.
class Reference {
 public:
  const ChipState& after(std::uint32_t count) {
    if (count < chip_.state().registers.write_counter) chip_.restore(keyed_chip(1, 32));
    while (chip_.state().registers.write_counter < count) {
      chip_.program(request_of(chip_.state().registers.write_counter), true);
    }
    return chip_.state();
  }

 private:
  ChipModel chip_{keyed_chip(1, 32)};
};

class Crash : public ::testing::Test {
 protected:
  Crash() {
    crypto::SystemRandom random;
    EXPECT_TRUE(create_chip_file(path_, {.blocks = 512, .write_frames = 32}, random));
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    EXPECT_TRUE(keep(*file, chip, std::vector{key_request(kEmulatorKey)}));
  }

  static Result<void> keep(ChipFile& file, ChipModel& chip, std::span<const Frame> request,
                           std::optional<CrashPoint> crash = {}) {
    ChipModel::Decision decision = chip.decide(request, true);
    EXPECT_TRUE(decision.change);
    SIGNET_TRY(file.keep(*decision.change, crash));
    chip.commit(std::move(decision));
    return {};
  }

  // A child that goes on writing where the file stands and tells `pipe` of every write that is done.
  pid_t start_writer(int pipe) const {
    pid_t child = ::fork();
    if (child != 0) return child;
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    for (;;) {
      std::uint32_t next = chip.state().registers.write_counter;
      if (!keep(*file, chip, request_of(next)) || ::write(pipe, &next, sizeof next) != sizeof next) ::_exit(1);
    }
  }

  // Kills a writer once it has acknowledged `writes` of them; returns how many it had acknowledged by then.
  std::uint32_t kill_writer_after(int writes, std::uint32_t acknowledged) const {
    int pipe[2];
    EXPECT_EQ(::pipe(pipe), 0);
    pid_t child = start_writer(pipe[1]);
    ::close(pipe[1]);
    std::uint32_t done = 0;
    for (int i = 0; i < writes; ++i) {
      EXPECT_EQ(::read(pipe[0], &done, sizeof done), static_cast<ssize_t>(sizeof done));
      acknowledged = done + 1;
    }
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    while (::read(pipe[0], &done, sizeof done) == sizeof done) acknowledged = done + 1;
    ::close(pipe[0]);
    EXPECT_TRUE(WIFSIGNALED(status));
    return acknowledged;
  }

  ScratchDirectory directory_;
  std::string path_ = directory_.file("chip");
  Reference reference_;
};

TEST_F(Crash, SigkillAtAnyMomentLosesNoAcknowledgedWriteAndTearsNone) {
  std::mt19937 random{1};
  std::uint32_t acknowledged = 0;
  int interrupted = 0;
  for (int kill = 0; kill < 150; ++kill) {
    acknowledged = kill_writer_after(static_cast<int>(random() % 6), acknowledged);

    ChipState state = ChipFile::open(path_).value()->load().value();

    std::uint32_t count = state.registers.write_counter;
    ASSERT_TRUE(count == acknowledged || count == acknowledged + 1) << count << " after " << acknowledged;
    ASSERT_EQ(state.memory, reference_.after(count).memory) << "torn at write " << count;
    interrupted += count != acknowledged ? 1 : 0;
    acknowledged = count;
  }
  std::cout << acknowledged << " writes, 150 kills, " << interrupted << " of them between commit and acknowledgement\n";
}

TEST_F(Crash, EveryCrashPointLeavesTheChangeWholeOrAbsent) {
  const std::pair<CrashPoint, bool> points[] = {
      {CrashPoint::torn_journal, false}, {CrashPoint::journalled, true}, {CrashPoint::half_applied, true}};
  std::uint32_t count = 0;
  for (int round = 0; round < 3; ++round) {
    for (const auto& [point, kept] : points) {
      pid_t child = ::fork();
      if (child == 0) {
        auto file = ChipFile::open(path_).value();
        ChipModel chip{file->load().value()};
        static_cast<void>(keep(*file, chip, request_of(count), point));
        ::_exit(0);
      }
      int status = 0;
      ::waitpid(child, &status, 0);
      ASSERT_TRUE(WIFSIGNALED(status)) << "the process outlived its crash point";
      count += kept ? 1 : 0;

      ChipState state = ChipFile::open(path_).value()->load().value();

      EXPECT_EQ(state.registers.write_counter, count);
      EXPECT_EQ(state.memory, reference_.after(count).memory);
    }
  }
}

// ---- power cuts: any subset of the sectors written since the last sync may be on the disk ----

constexpr std::size_t kSector = 512;

// `base` with a random choice of the sectors in which `target` differs.
std::string torn(const std::string& base, const std::string& target, std::size_t begin, std::size_t end,
                 std::mt19937& random) {
  std::string result = base;
  for (std::size_t at = begin; at < end; at += kSector) {
    if (random() % 2 == 0) result.replace(at, kSector, target, at, kSector);
  }
  return result;
}

class PowerCut : public Crash {
 protected:
  static constexpr std::size_t kJournal = 4096;
  static constexpr std::size_t kSlot = 12288;
  static constexpr std::size_t kBlocksAt = kJournal + 2 * kSlot;

  // The file after `count` further writes, each image with all of its writes complete.
  std::vector<std::string> images(std::uint32_t count) {
    std::vector<std::string> result{read_file(path_)};
    auto file = ChipFile::open(path_).value();
    ChipModel chip{file->load().value()};
    for (std::uint32_t i = 0; i < count; ++i) {
      EXPECT_TRUE(keep(*file, chip, request_of(i)));
      result.push_back(read_file(path_));
    }
    return result;
  }

  // Which slot a change went to: the one in which the two images differ.
  static std::size_t slot_of_change(const std::string& before, const std::string& after) {
    return before.compare(kJournal, kSlot, after, kJournal, kSlot) != 0 ? kJournal : kJournal + kSlot;
  }

  std::uint32_t open_and_check(const std::string& image) {
    write_file(path_, image);
    auto file = ChipFile::open(path_);
    EXPECT_TRUE(file) << to_string(file.error());
    ChipState state = (*file)->load().value();
    EXPECT_EQ(state.memory, reference_.after(state.registers.write_counter).memory);
    return state.registers.write_counter;
  }
};

TEST_F(PowerCut, InTheJournalLeavesTheChangeBeforeWhateverItsBlocksLookLike) {
  std::mt19937 random{2};
  std::vector<std::string> image = images(12);
  for (std::uint32_t n = 1; n + 1 < image.size(); ++n) {
    for (int round = 0; round < 20; ++round) {
      // Change n is synced in the journal, its blocks in place are not; the record of n + 1 is being written.
      std::string disk = image[n - 1];
      std::size_t synced = slot_of_change(image[n - 1], image[n]);
      disk.replace(synced, kSlot, image[n], synced, kSlot);
      disk = torn(disk, image[n], kBlocksAt, disk.size(), random);
      std::size_t written = slot_of_change(image[n], image[n + 1]);
      disk = torn(disk, image[n + 1], written, written + kSlot, random);

      std::uint32_t count = open_and_check(disk);

      ASSERT_TRUE(count == n || count == n + 1);
    }
  }
}

TEST_F(PowerCut, InPlaceLeavesTheChangeThatTheJournalHolds) {
  std::mt19937 random{3};
  std::vector<std::string> image = images(12);
  for (std::uint32_t n = 1; n < image.size(); ++n) {
    for (int round = 0; round < 20; ++round) {
      std::string disk = image[n - 1];
      std::size_t synced = slot_of_change(image[n - 1], image[n]);
      disk.replace(synced, kSlot, image[n], synced, kSlot);
      disk = torn(disk, image[n], kBlocksAt, disk.size(), random);

      ASSERT_EQ(open_and_check(disk), n);
    }
  }
}

}  // namespace
}  // namespace signet::rpmb
