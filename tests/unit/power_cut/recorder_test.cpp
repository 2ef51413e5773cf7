#include "tests/unit/power_cut/recorder.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/durable_file.h"

namespace signet::power_cut {
namespace {

struct RecorderTest : testing::Test {
  Recorder recorder;
  std::string path = recorder.path() + "/file";
};

TEST_F(RecorderTest, SeesWhatReplacingAFileDoes) {
  recorder.put({.directories = {}, .files = {{"file", {1}}}});
  int calls = 0;
  recorder.listen([&] { ++calls; });

  ASSERT_TRUE(replace_file(path, Bytes{2, 3}));

  EXPECT_EQ(calls, 5) << "create, write, fsync, rename, fsync of the directory";
  EXPECT_THAT(recorder.disk().after_cut(), testing::ElementsAre(Tree{.directories = {}, .files = {{"file", {2, 3}}}}));
}

TEST_F(RecorderTest, AFileIsReplacedWhollyOrNotAtAllWheneverThePowerGoes) {
  const Bytes old(100, 'o');
  const Bytes fresh(200, 'n');
  const Bytes stale(50, 's');
  recorder.put({.directories = {}, .files = {{"file", old}, {"file.new", stale}}});
  std::set<Tree> trees;
  recorder.listen([&] { trees.merge(recorder.disk().after_cut()); });

  ASSERT_TRUE(replace_file(path, fresh));

  std::set<Bytes> found;
  for (const auto& tree : trees) found.insert(tree.files.at("file"));
  EXPECT_THAT(found, testing::UnorderedElementsAre(old, fresh));
  EXPECT_GT(trees.size(), 6U) << "and what lies beside it was seen in all its states";
}

}  // namespace
}  // namespace signet::power_cut
