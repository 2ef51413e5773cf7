#include "signetctl/chip_text.h"

#include <gtest/gtest.h>

namespace signet::ctl {
namespace {

TEST(UeidText, IsBase64urlOfTheOctetsOnTheWire) { EXPECT_EQ(ueid_text("01fbff"), "Afv_"); }

TEST(UeidText, LeavesWhatIsNotHexadecimal) {
  EXPECT_EQ(ueid_text(""), "");
  EXPECT_EQ(ueid_text("Afv_"), "Afv_");
}

TEST(UeidText, ReplacesTheMemberOnlyWhereThereIsOne) {
  boost::json::object with{{"ueid", "01fbff"}, {"cid", "01"}};
  boost::json::object without{{"cid", "01"}};

  spell_ueid(with);
  spell_ueid(without);

  EXPECT_EQ(with.at("ueid"), "Afv_");
  EXPECT_EQ(without.size(), 1U);
}

}  // namespace
}  // namespace signet::ctl
