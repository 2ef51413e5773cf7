#include "rpmb/transport/emulator/emulator_transport.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rpmb/session.h"
#include "tests/unit/transport/emulator_fixture.h"

namespace signet::rpmb {
namespace {

using testing::code;
using testing::kEmulatorKey;
using testing::kEmulatorNonce;
using testing::pattern;
using testing::ScratchDirectory;
using testing::signed_write;
using testing::write_file;

class Emulator : public ::testing::Test {
 protected:
  EmulatorOptions options() const { return {.file = file_, .size = 131072, .write_frames = 2, .faults = faults_}; }

  std::unique_ptr<EmulatorTransport> open() {
    auto chip = EmulatorTransport::open(options());
    EXPECT_TRUE(chip) << to_string(chip.error());
    return chip ? *std::move(chip) : nullptr;
  }

  static Result<Frame> program(Transport& chip, std::span<const Frame> request) {
    Frame response{};
    SIGNET_TRY(chip.program(request, response));
    return response;
  }
  static Result<Frame> read_counter(Transport& chip) {
    Frame response{};
    SIGNET_TRY(chip.read(counter_request(kEmulatorNonce), std::span{&response, 1}));
    return response;
  }

  // Replaces the fault file as an administrator should: by rename.
  void set_faults(std::string_view text) {
    write_file(faults_ + ".new", text);
    std::filesystem::rename(faults_ + ".new", faults_);
  }

  ScratchDirectory directory_;
  std::string file_ = directory_.file("chip");
  std::string faults_ = directory_.file("faults");
};

TEST_F(Emulator, IsMadeWhenItIsMissingAndKeepsItsIdentity) {
  Cid first = open()->facts().cid;

  Cid second = open()->facts().cid;

  EXPECT_EQ(first, second);
  EXPECT_TRUE(is_emulated(first));
}

TEST_F(Emulator, NeverPassesForHardware) {
  auto chip = open();

  EXPECT_EQ(chip->facts().kind, Kind::emulator);
  EXPECT_FALSE(chip->facts().cid_from_hardware);
  EXPECT_EQ(chip->facts().node, file_);
  EXPECT_EQ(chip->facts().blocks, 512u);
  EXPECT_EQ(chip->facts().write_frames, 2);
  EXPECT_FALSE(chip->read_request_carries_count());
}

TEST_F(Emulator, ServesASessionAcrossARestart) {
  crypto::SystemRandom random;
  Key key{std::span<const std::uint8_t, kKeySize>{kEmulatorKey}};
  {
    auto chip = open();
    ASSERT_TRUE(program_key(*chip, key, random));
    Session session{*chip, key, random};
    ASSERT_TRUE(session.read_counter());
    ASSERT_TRUE(session.write(10, pattern(1, 2)));
  }
  auto chip = open();
  Session session{*chip, key, random};

  EXPECT_EQ(session.read_counter().value(), 1u);
  std::vector<Block> blocks(2);
  ASSERT_TRUE(session.read(10, blocks));
  EXPECT_EQ(blocks, pattern(1, 2));
}

TEST_F(Emulator, TwoDaemonsCannotOpenOneChip) {
  auto first = open();

  auto second = open_emulator(options());

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
}

TEST_F(Emulator, AnExistingChipOfAnotherSizeIsAGeometryErrorWithBoth) {
  open();
  EmulatorOptions other = options();
  other.size = 262144;

  auto chip = open_emulator(other);

  ASSERT_FALSE(chip);
  EXPECT_EQ(chip.error().code, Errc::geometry);
  EXPECT_NE(chip.error().context.find("131072"), std::string::npos);
  EXPECT_NE(chip.error().context.find("262144"), std::string::npos);
}

TEST_F(Emulator, AnExistingChipOfAnotherWriteSizeIsAGeometryError) {
  open();
  EmulatorOptions other = options();
  other.write_frames = 32;

  EXPECT_EQ(open_emulator(other).error().code, Errc::geometry);
}

TEST_F(Emulator, AnExistingChipNeedsNoGeometryInTheConfiguration) {
  open();

  auto chip = open_emulator({.file = file_});

  ASSERT_TRUE(chip);
  EXPECT_EQ((*chip)->facts().blocks, 512u);
}

TEST_F(Emulator, ASizeThatIsNoMultipleIsRefusedAndNothingIsMade) {
  for (std::uint32_t size : {0u, 1u, 131071u, 131073u, 16777216u + 131072u}) {
    EmulatorOptions wrong = options();
    wrong.size = size;

    EXPECT_EQ(open_emulator(wrong).error().code, Errc::geometry) << size;
  }
  EXPECT_EQ(directory_.files(), 0u);
}

TEST_F(Emulator, TheLargestChipWorks) {
  EmulatorOptions large = options();
  large.size = 16777216;

  auto chip = open_emulator(large);

  ASSERT_TRUE(chip) << to_string(chip.error());
  EXPECT_EQ((*chip)->facts().blocks, 65536u);
}

TEST_F(Emulator, CanBeAskedToBehaveAsQemus) {
  EmulatorOptions qemu = options();
  qemu.write_frames = 1;
  qemu.dialect = Dialect::qemu;
  auto chip = open_emulator(qemu).value();
  ASSERT_TRUE(program(*chip, std::vector{key_request(kEmulatorKey)}));

  EXPECT_EQ(code(program(*chip, signed_write(0, 0, pattern(1, 2))).value()), ResultCode::authentication_failure);
}

TEST_F(Emulator, AnExchangedFileIsAnExchangedChip) {
  auto chip = open();
  std::filesystem::rename(file_, directory_.file("away"));
  EXPECT_EQ(chip->check_identity().error().code, Errc::no_chip);
  auto other = open();

  EXPECT_EQ(chip->check_identity().error().code, Errc::chip_changed);
  EXPECT_TRUE(other->check_identity());
}

TEST_F(Emulator, FaultsAreReadAnewWhenTheirFileChanges) {
  auto chip = open();
  EXPECT_TRUE(read_counter(*chip));

  set_faults("read +1 drop");
  EXPECT_EQ(read_counter(*chip).error().code, Errc::io);
  EXPECT_TRUE(read_counter(*chip));
  set_faults("read +2 time-out");
  EXPECT_TRUE(read_counter(*chip));
  EXPECT_EQ(read_counter(*chip).error().code, Errc::timeout);
  set_faults("read * drop");
  EXPECT_FALSE(read_counter(*chip));
  std::filesystem::remove(faults_);
  EXPECT_TRUE(read_counter(*chip));
}

TEST_F(Emulator, AMistakeInTheFaultFileIsAnErrorWithItsLine) {
  set_faults("# a comment\nwrite 3 sabotage\n");

  auto chip = open_emulator(options());

  ASSERT_FALSE(chip);
  EXPECT_EQ(chip.error().code, Errc::config_invalid);
  EXPECT_EQ(chip.error().context, faults_ + ", line 2: there is no fault named 'sabotage'");
}

TEST_F(Emulator, AMistakeMadeLaterFailsOperationsUntilItIsMended) {
  auto chip = open();
  set_faults("nonsense");
  EXPECT_EQ(read_counter(*chip).error().code, Errc::config_invalid);
  EXPECT_EQ(read_counter(*chip).error().code, Errc::config_invalid);

  set_faults("");

  EXPECT_TRUE(read_counter(*chip));
}

// What the fault file says of a process that dies in mid-write, seen after its restart.
TEST_F(Emulator, DiesWhereTheFaultFileSaysAndTheFileIsWhole) {
  const std::pair<const char*, bool> points[] = {
      {"before", false}, {"torn-journal", false}, {"journalled", true}, {"half-applied", true}, {"after", true}};
  ASSERT_TRUE(program(*open(), std::vector{key_request(kEmulatorKey)}));
  std::uint32_t counter = 0;
  for (const auto& [point, kept] : points) {
    set_faults(std::string{"write 1 kill "} + point);
    pid_t child = ::fork();
    if (child == 0) {
      static_cast<void>(program(*open(), signed_write(counter, 5, pattern(counter, 2))));
      ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << point;
    std::vector<Block> before = counter == 0 ? std::vector<Block>(2) : pattern(counter - 1, 2);
    std::vector<Block> expected = kept ? pattern(counter, 2) : before;
    counter += kept ? 1 : 0;

    auto chip = open();

    EXPECT_EQ(write_counter(read_counter(*chip).value()), counter) << point;
    std::array<Frame, 2> response;
    ASSERT_TRUE(chip->read(read_request(kEmulatorNonce, 5, 0), response));
    EXPECT_TRUE(std::ranges::equal(payload(response[0]), expected[0])) << point;
    EXPECT_TRUE(std::ranges::equal(payload(response[1]), expected[1])) << point;
  }
}

}  // namespace
}  // namespace signet::rpmb
