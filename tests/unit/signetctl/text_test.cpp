#include "signetctl/text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace signet::ctl {
namespace {

TEST(Text, AlignsColumnsAndLeavesNoSpaceAtTheEnd) {
  std::ostringstream out;

  print_table(out, {{"SIZE", "NAME"}, {"5", "a"}, {"12345", ""}}, {0});

  EXPECT_EQ(out.str(), " SIZE  NAME\n    5  a\n12345\n");
}

TEST(Text, LeavesOutFactsThatAreNotKnown) {
  std::ostringstream out;

  print_facts(out, {{"a", "1"}, {"a very long label", ""}, {"bcd", "2"}});

  EXPECT_EQ(out.str(), "  a    1\n  bcd  2\n");
}

TEST(Text, BreaksLinesAtSpacesAndKeepsLongWords) {
  EXPECT_EQ(wrapped("one two three", "  ", 9), "one two\n  three");
  EXPECT_EQ(wrapped("extraordinary one", "", 5), "extraordinary\none");
  EXPECT_EQ(wrapped("", "  "), "");
}

TEST(Text, SaysSizesAsPeopleDo) {
  EXPECT_EQ(human_size(0), "0 octets");
  EXPECT_EQ(human_size(512), "512 octets");
  EXPECT_EQ(human_size(131072), "128 KiB");
  EXPECT_EQ(human_size(1048576), "1 MiB");
  EXPECT_EQ(human_size(1536), "1536 octets");
}

}  // namespace
}  // namespace signet::ctl
