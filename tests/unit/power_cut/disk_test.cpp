// The model must forget whatever a file system may forget: else nothing that is tested on it is tested.
#include "tests/unit/power_cut/disk.h"

#include <gmock/gmock.h>

namespace signet::power_cut {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::Not;
using testing::UnorderedElementsAre;

const Bytes kOld{1, 1};
const Bytes kNew{2, 2};

Tree files(std::map<std::string, Bytes> files) { return {.directories = {}, .files = std::move(files)}; }

struct DiskTest : testing::Test {
  // As it should be done, but for what is left out.
  void replace(bool sync_file, bool sync_directory) {
    const auto file = disk.create("file.new");
    disk.write(file, kNew);
    if (sync_file) disk.sync(file);
    disk.rename("file.new", "file");
    if (sync_directory) disk.sync_directory("");
  }
  [[nodiscard]] std::set<Bytes> contents() const {
    std::set<Bytes> found;
    for (const auto& tree : disk.after_cut()) found.insert(tree.files.at("file"));
    return found;
  }

  Disk disk{files({{"file", kOld}})};
};

TEST_F(DiskTest, WhatWasSyncedIsThere) {
  replace(true, true);

  EXPECT_THAT(disk.after_cut(), ElementsAre(files({{"file", kNew}})));
}

TEST_F(DiskTest, ARenameWithoutASyncOfTheDirectoryMayBeLost) {
  replace(true, false);

  EXPECT_THAT(contents(), UnorderedElementsAre(kOld, kNew));
}

TEST_F(DiskTest, AFileThatIsRenamedUnsyncedMayBeEmptyOrTorn) {
  replace(false, true);

  EXPECT_THAT(contents(), UnorderedElementsAre(Bytes{}, Bytes{2}, Bytes{0, 0}, kNew));
}

TEST_F(DiskTest, ARemovedNameMayComeBack) {
  disk.unlink("file");

  EXPECT_THAT(disk.after_cut(), UnorderedElementsAre(files({}), files({{"file", kOld}})));
}

TEST_F(DiskTest, ADirectoryThatWasNotSyncedTakesItsFilesAlong) {
  disk.make_directory("keys");
  disk.sync(disk.create("keys/a"));
  disk.sync_directory("keys");

  EXPECT_THAT(disk.after_cut(), Contains(files({{"file", kOld}})));
  disk.sync_directory("");
  EXPECT_THAT(disk.after_cut(), Not(Contains(files({{"file", kOld}}))));
}

TEST_F(DiskTest, NamesOfOneDirectoryAreLostIndependently) {
  disk.create("a");
  disk.create("b");

  EXPECT_EQ(disk.after_cut().size(), 4U);
}

}  // namespace
}  // namespace signet::power_cut
