#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "../transport/fake_sysfs.h"
#include "base/unique_fd.h"
#include "command_line.h"
#include "signetctl/doctor/gather.h"

namespace signet::ctl {
namespace {

namespace fs = std::filesystem;

// A machine in a directory.
class Gather : public CommandLine {
 protected:
  void write(const fs::path& path, const std::string& text, mode_t mode = 0600) {
    fs::create_directories((directory_ / path).parent_path());
    std::ofstream{directory_ / path} << text;
    ::chmod((directory_ / path).c_str(), mode);
  }
};

TEST_F(Gather, FindsRpmbNodesAndNoOthers) {
  write("dev/mmcblk0rpmb", "");
  write("dev/mmcblk0", "");

  const auto facts = gather_local(directory_);

  ASSERT_EQ(facts.nodes.size(), 1u);
  EXPECT_EQ(facts.nodes[0].path, "/dev/mmcblk0rpmb");
  EXPECT_EQ(facts.nodes[0].kind, PathFacts::Kind::file);
}

TEST_F(Gather, TakesNodeChipFileAndRootSecretFromTheConfiguration) {
  write("etc/signet/rpmbd.toml",
        "[chip]\ntransport = \"emulator\"\nnode = \"/dev/x\"\n[emulator]\nfile = \"/chips/a\"\n[root]\nfile = "
        "\"/root-secret\"\n");
  write("chips/a", "");
  write("root-secret", "", 0644);

  const auto facts = gather_local(directory_);

  EXPECT_EQ(facts.transport, "emulator");
  ASSERT_TRUE(facts.node);
  EXPECT_EQ(facts.node->kind, PathFacts::Kind::missing);
  ASSERT_TRUE(facts.chip_file);
  EXPECT_EQ(facts.chip_file->kind, PathFacts::Kind::file);
  EXPECT_EQ(facts.roots.back().path, "/root-secret");
  EXPECT_EQ(facts.roots.back().mode, 0644u);
  EXPECT_EQ(facts.disks.size(), 2u);
}

TEST_F(Gather, TellsAnRpmbNodeFromOtherDevicesByItsDriver) {
  write("etc/signet/rpmbd.toml", "[chip]\nnode = \"/dev/node\"\n");
  fs::create_directories(directory_ / "dev");
  fs::create_symlink("/dev/null", directory_ / "dev/node");  // major 1
  write("proc/devices", "Character devices:\n  1 mem\n246 rpmb\n\nBlock devices:\n  1 rpmb\n");
  EXPECT_EQ(gather_local(directory_).node->kind, PathFacts::Kind::character_device);

  write("proc/devices", "Character devices:\n  1 rpmb\n\nBlock devices:\n259 blkext\n");
  EXPECT_EQ(gather_local(directory_).node->kind, PathFacts::Kind::rpmb_device);
}

TEST_F(Gather, SurvivesAConfigurationThatIsNone) {
  write("etc/signet/rpmbd.toml", "[chip\n");

  const auto facts = gather_local(directory_);

  EXPECT_EQ(facts.transport, "auto");
  EXPECT_FALSE(facts.node);
}

// A machine with sysfs as the kernel lays it out.
class GatherUfs : public Gather {
 protected:
  LocalFacts gather() { return gather_local(machine_.scratch()); }

  rpmb::FakeSysfs machine_;
};

TEST_F(GatherUfs, FindsTheRpmbUnitOfAUfsDevice) {
  machine_.add(rpmb::FakeUfs{.index = 0, .lun = "0", .type = "0"});
  machine_.add(rpmb::FakeUfs{.index = 3});
  rpmb::write_file(machine_.devices() / "sg3", "");

  const auto facts = gather();

  ASSERT_EQ(facts.nodes.size(), 1u);
  EXPECT_EQ(facts.nodes[0].path, "/dev/sg3");
  EXPECT_EQ(facts.nodes[0].kind, PathFacts::Kind::file);
}

TEST_F(GatherUfs, TakesAnEmmcFirstUnlessTheConfigurationSaysUfs) {
  machine_.add(rpmb::FakeUfs{.index = 3});
  rpmb::write_file(machine_.devices() / "mmcblk0rpmb", "");
  EXPECT_EQ(gather().nodes.at(0).path, "/dev/mmcblk0rpmb");

  rpmb::write_file(machine_.scratch() / "etc/signet/rpmbd.toml", "[chip]\ntransport = \"ufs\"\n");
  const auto facts = gather();

  ASSERT_EQ(facts.nodes.size(), 1u);
  EXPECT_EQ(facts.nodes[0].path, "/dev/sg3");
  EXPECT_EQ(facts.nodes[0].kind, PathFacts::Kind::missing);
}

// Programs of the test's own.
class GatherService : public Gather {
 protected:
  GatherService() { ::setenv("PATH", ((directory_ / "bin").string() + ":" + path_).c_str(), 1); }
  ~GatherService() override { ::setenv("PATH", path_.c_str(), 1); }

 private:
  const std::string path_ = ::getenv("PATH");
};

TEST_F(GatherService, TakesStateAndProcessFromSystemd) {
  write("bin/systemctl",
        "#!/bin/sh\nprintf 'Result=success\\nMainPID=4711\\nLoadState=loaded\\nActiveState=active\\n'\n", 0700);

  const auto facts = gather_local(directory_);

  EXPECT_EQ(facts.unit_load, "loaded");
  EXPECT_EQ(facts.unit_active, "active");
  EXPECT_EQ(facts.unit_result, "success");
  EXPECT_EQ(facts.unit_pid, 4711u);
}

TEST_F(GatherService, TakesTheDaemonsWordForTheConfiguration) {
  write("bin/rpmbd", "#!/bin/sh\necho \"2026 rpmbd error: config_invalid: $3:3: chip.size: must be\"\nexit 1\n", 0700);

  const auto facts = gather_local(directory_);

  EXPECT_EQ(facts.config_valid, false);
  EXPECT_EQ(facts.config_text,
            "config_invalid: " + (directory_ / "etc/signet/rpmbd.toml").string() + ":3: chip.size: must be");
}

TEST_F(GatherService, DoesNotCallAConfigurationInvalidThatThisUserMayNotRead) {
  write("bin/rpmbd", "#!/bin/sh\nexit 1\n", 0755);
  write("etc/signet/rpmbd.toml", "", 0000);
  ::chmod(directory_.c_str(), 0755);

  const auto as_ordinary_user = [this] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setresuid(kNobody, kNobody, kNobody) != 0) std::_Exit(2);
    std::_Exit(gather_local(directory_).config_valid ? 1 : 0);
  };
  EXPECT_EXIT(as_ordinary_user(), ::testing::ExitedWithCode(0), "");
}

TEST_F(Gather, TellsWhoHoldsTheLockOfAChip) {
  write("run/signet/rpmbd/chip-00.lock", "4711\n");
  EXPECT_FALSE(gather_local(directory_).lock);

  const auto path = directory_ / "run/signet/rpmbd/chip-00.lock";
  const UniqueFd owner{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  ASSERT_EQ(::flock(owner.get(), LOCK_EX), 0);
  const auto facts = gather_local(directory_);

  ASSERT_TRUE(facts.lock);
  EXPECT_EQ(facts.lock->pid, 4711u);
  EXPECT_EQ(facts.lock->path, path);
}

}  // namespace
}  // namespace signet::ctl
