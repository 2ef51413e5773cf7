// The disk under the daemon is full: it says so by name, loses nothing, and goes on when there is room again.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>

#include <array>
#include <csignal>
#include <fstream>

#include "base/endian.h"
#include "base/unique_fd.h"
#include "tests/bus/rpmbd_process.h"

namespace signet::testing {
namespace {

using ::testing::HasSubstr;
using Objects = std::vector<sdbus::Struct<std::string, std::uint32_t>>;

// Where things stand in a chip file: chip_file.h.
constexpr off_t kSlots[] = {4096, 16384};
constexpr off_t kSlotSize = 12288;
constexpr off_t kBlocks = 28672;

// Larger than one record, so that it could be there by half.
Bytes version(std::uint8_t number) { return Bytes(3000, number); }

class RpmbdDisk : public RpmbdTest {
 protected:
  void limit_files_to(rlim_t size) const {
    const rlimit limit{size, RLIM_INFINITY};
    ASSERT_EQ(::prlimit(daemon_.pid(), RLIMIT_FSIZE, &limit, nullptr), 0);
  }
  // Puts one version of "x" after the other until it is refused, and returns the last one that was acknowledged.
  Bytes put_until_refused(Bytes acknowledged) {
    auto user = client();
    for (std::uint8_t step = 0; step < 4; ++step) {
      const auto next = version(static_cast<std::uint8_t>(acknowledged[0] + 1));
      const auto error = error_of([&] { user.put("x", next); });
      if (!error.empty()) {
        EXPECT_EQ(error, "NoSpace");
        return acknowledged;
      }
      acknowledged = next;
    }
    ADD_FAILURE() << "the disk is not full";
    return acknowledged;
  }
  void expect_whole(const Bytes& acknowledged) {
    auto user = client();
    EXPECT_EQ(user.get("x"), acknowledged);
    EXPECT_EQ(user.get("other"), Bytes{1});
    EXPECT_EQ(user.call<Objects>(kStore, "List", std::string{}).size(), 2U);
    EXPECT_EQ(user.property<std::string>("State"), "ready");
    EXPECT_FALSE(user.property<Dictionary>("Health").at("unsettled").get<bool>());
  }
};

// --- a limit to the size of files, which everybody can set

class RpmbdFileSizeLimit : public RpmbdDisk, public ::testing::WithParamInterface<off_t> {};

TEST_P(RpmbdFileSizeLimit, IsAFullDiskInMidWrite) {
  start_ready();
  auto acknowledged = version(1);
  client().put("x", acknowledged);
  client().put("other", {1});

  limit_files_to(static_cast<rlim_t>(GetParam()));
  acknowledged = put_until_refused(acknowledged);
  expect_whole(acknowledged);
  EXPECT_TRUE(daemon_.running());

  limit_files_to(RLIM_INFINITY);
  acknowledged = version(100);
  client().put("x", acknowledged);
  expect_whole(acknowledged);

  limit_files_to(static_cast<rlim_t>(GetParam()));
  acknowledged = put_until_refused(acknowledged);
  kill_and_restart();
  expect_whole(acknowledged);
}

TEST_F(RpmbdDisk, ALogThatIsFullEndsNothing) {
  start_ready();
  limit_files_to(1);

  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(::kill(daemon_.pid(), SIGHUP), 0);  // is answered by a line of the main thread
    client().run(kName, "Refresh");
  }

  EXPECT_TRUE(daemon_.running());
}

INSTANTIATE_TEST_SUITE_P(AtEachPlace, RpmbdFileSizeLimit,
                         ::testing::Values(kSlots[0], kSlots[0] + 100, kSlots[1], kSlots[1] + 100, kBlocks,
                                           kBlocks + 2000));

// --- a small disk of the test's own

class RpmbdFullDisk : public RpmbdDisk {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to mount a small file system";
    const auto disk = path("state");
    if (::unshare(CLONE_NEWNS) != 0 || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
        ::mount("tmpfs", disk.c_str(), "tmpfs", 0, "size=1m") != 0) {
      GTEST_SKIP() << "this machine lets nobody mount a file system";
    }
    mounted_ = true;
    chip_ = disk / "chip";
    configure();
  }
  void TearDown() override {
    stop();
    if (mounted_) ::umount2(path("state").c_str(), MNT_DETACH);
  }
  void fill_disk() const {
    const UniqueFd file{::open(path("state/ballast").c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    const Bytes octets(4096);
    while (::write(file.get(), octets.data(), octets.size()) > 0) {
    }
    ASSERT_EQ(errno, ENOSPC);
  }
  void make_room() const { std::filesystem::remove(path("state/ballast")); }

  // Takes the disk's blocks away from the journal slot that is written next, as a file system does that writes
  // everything to a new place.
  void take_back_next_slot() const {
    const UniqueFd file{::open(chip_.c_str(), O_RDWR | O_CLOEXEC)};
    std::array<std::uint8_t, 8> sequences[2]{};
    for (int i : {0, 1}) ASSERT_EQ(::pread(file.get(), sequences[i].data(), 8, kSlots[i]), 8);
    const bool first_is_older = load_be<std::uint64_t>(sequences[0], 0) < load_be<std::uint64_t>(sequences[1], 0);
    ASSERT_EQ(
        ::fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kSlots[first_is_older ? 0 : 1], kSlotSize),
        0);
  }

 private:
  bool mounted_ = false;
};

TEST_F(RpmbdFullDisk, BeforeThereIsAChipIsNamedAndOverWhenThereIsRoom) {
  fill_disk();
  start();
  wait_for_problem("no_space");
  EXPECT_THAT(client().property<std::string>("Remedy"), HasSubstr("Free space"));
  EXPECT_EQ(error_of([&] { client().put("x", {1}); }), "NoSpace");
  EXPECT_FALSE(std::filesystem::exists(chip_));

  make_room();
  wait_for_problem("not_provisioned");  // by itself

  provision();
  client().put("x", {1});
  EXPECT_EQ(client().get("x"), Bytes{1});
}

TEST_F(RpmbdFullDisk, BurnsNoKeyWithoutARecordOfIt) {
  start();
  wait_for_problem("not_provisioned");
  fill_disk();

  EXPECT_EQ(error_of([&] { provision(); }), "NoSpace");

  EXPECT_EQ(client().property<std::string>("Problem"), "not_provisioned");
  make_room();
  provision();
  wait_for_problem("");
}

TEST_F(RpmbdFullDisk, LeavesAChipItsPlace) {
  start();
  provision();
  fill_disk();

  client().put("other", {1});
  for (std::uint8_t i = 0; i < 20; ++i) client().put("x", version(i));

  kill_and_restart();
  expect_whole(version(19));
}

TEST_F(RpmbdFullDisk, InMidWriteLosesNothing) {
  start();
  provision();
  auto acknowledged = version(1);
  client().put("x", acknowledged);
  client().put("other", {1});
  take_back_next_slot();
  fill_disk();

  acknowledged = put_until_refused(acknowledged);

  expect_whole(acknowledged);
  make_room();
  client().put("x", version(50));
  expect_whole(version(50));
  kill_and_restart();
  expect_whole(version(50));
}

}  // namespace
}  // namespace signet::testing
