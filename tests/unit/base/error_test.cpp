#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/error_by_name.h"

namespace signet {
namespace {

// The list anew, so that the table in error.cpp is checked against it and not against itself.
struct Row {
  int code;
  Errc errc;
  std::string_view name;
  std::string_view category;
  std::string_view summary;
};
constexpr Row kRows[] = {
#define SIGNET_ERROR(code, name, category, summary) {code, Errc::name, #name, #category, summary},
#include "base/errors.def"
#undef SIGNET_ERROR
};

TEST(Errors, NumbersAreUniqueAndLeaveTheShellIts) {
  std::set<int> codes;
  for (const Row& row : kRows) {
    EXPECT_GE(row.code, 3) << row.name;
    EXPECT_LE(row.code, 99) << row.name;
    EXPECT_TRUE(codes.insert(row.code).second) << row.name;
  }
}

// Once shipped a number never changes its meaning; these are the ends and a few that scripts are most likely to test.
TEST(Errors, NumbersStayWhatTheyAre) {
  EXPECT_EQ(static_cast<int>(Errc::invalid_argument), 3);
  EXPECT_EQ(static_cast<int>(Errc::not_found), 4);
  EXPECT_EQ(static_cast<int>(Errc::access_denied), 8);
  EXPECT_EQ(static_cast<int>(Errc::outcome_unknown), 15);
  EXPECT_EQ(static_cast<int>(Errc::no_chip), 17);
  EXPECT_EQ(static_cast<int>(Errc::not_provisioned), 20);
  EXPECT_EQ(static_cast<int>(Errc::wrong_key), 21);
  EXPECT_EQ(static_cast<int>(Errc::internal), 41);
}

TEST(Errors, NamesAreUniqueAndSnakeCase) {
  std::set<std::string_view> names;
  for (const Row& row : kRows) {
    EXPECT_EQ(name(row.errc), row.name);
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(row.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << row.name;
  }
}

TEST(Errors, BusNamesRoundTrip) {
  std::set<std::string> names;
  for (const Row& row : kRows) {
    std::string bus = bus_name(row.errc);

    EXPECT_TRUE(bus.starts_with("org.signet.Error.")) << bus;
    EXPECT_EQ(bus.find('_'), std::string::npos) << bus;
    EXPECT_TRUE(names.insert(bus).second) << bus;
    EXPECT_EQ(from_bus_name(bus), row.errc);
  }
  EXPECT_EQ(bus_name(Errc::wrong_key), "org.signet.Error.WrongKey");
  EXPECT_EQ(bus_name(Errc::io), "org.signet.Error.Io");
}

TEST(Errors, WhatIsNotInTheListHasNoCode) {
  EXPECT_FALSE(from_bus_name("org.signet.Error.Wrong_key"));
  EXPECT_FALSE(from_bus_name("org.freedesktop.DBus.Error.Failed"));
  EXPECT_FALSE(from_bus_name(""));
  for (int code : {-1, 0, 1, 2, 99, 256 + 3}) EXPECT_FALSE(from_code(code)) << code;
}

TEST(Errors, NamesRoundTrip) {
  for (const Row& row : kRows) EXPECT_EQ(error_by_name(row.name), row.errc);
  for (const char* none : {"", "Wrong_key", "wrong_key ", "success"}) EXPECT_FALSE(error_by_name(none)) << none;
}

TEST(Errors, NumbersRoundTrip) {
  for (const Row& row : kRows) EXPECT_EQ(from_code(row.code), row.errc);
}

TEST(Errors, EachHasACategoryAndASummaryOfOneClause) {
  for (const Row& row : kRows) {
    EXPECT_EQ(name(category(row.errc)), row.category);
    EXPECT_EQ(summary(row.errc), row.summary);
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_FALSE(row.summary.ends_with('.')) << row.name;
  }
}

TEST(Errors, TheTextNamesTheCodeTheSummaryAndTheContext) {
  EXPECT_EQ(to_string({Errc::wrong_key, "counter read of mmcblk0rpmb"}),
            "wrong_key: the chip holds another key (counter read of mmcblk0rpmb)");
  EXPECT_EQ(to_string({Errc::timeout, ""}), "timeout: no answer in time");
}

}  // namespace
}  // namespace signet
