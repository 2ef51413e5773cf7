// Results that others than a daemon make.
#include <gtest/gtest.h>
#include <signet/make_result.h>

namespace {

TEST(MakeResult, WhatIsAddedIsReadAgain) {
  signet_result* result = signet_result_new();
  const char* const items[] = {"left", "case"};
  const uint8_t octets[] = {1, 2};
  EXPECT_EQ(signet_result_add_row(result), SIGNET_OK);
  EXPECT_EQ(signet_result_add_bool(result, "owner", 2), SIGNET_OK);
  EXPECT_EQ(signet_result_add_uint(result, "clock", UINT64_MAX), SIGNET_OK);
  EXPECT_EQ(signet_result_add_double(result, "power", -20.5), SIGNET_OK);
  EXPECT_EQ(signet_result_add_string(result, "name", "bag"), SIGNET_OK);
  EXPECT_EQ(signet_result_add_bytes(result, "eid", octets, sizeof octets), SIGNET_OK);
  EXPECT_EQ(signet_result_add_strings(result, "ringing", items, 2), SIGNET_OK);

  int owner = 0;
  uint64_t clock = 0;
  double power = 0;
  size_t size = 0;
  EXPECT_EQ(signet_result_rows(result), 1u);
  EXPECT_EQ(signet_result_bool(result, 0, "owner", &owner), SIGNET_OK);
  EXPECT_EQ(owner, 1);
  EXPECT_EQ(signet_result_uint(result, 0, "clock", &clock), SIGNET_OK);
  EXPECT_EQ(clock, UINT64_MAX);
  EXPECT_EQ(signet_result_double(result, 0, "power", &power), SIGNET_OK);
  EXPECT_EQ(power, -20.5);
  EXPECT_STREQ(signet_result_string(result, 0, "name"), "bag");
  EXPECT_NE(signet_result_bytes(result, 0, "eid", &size), nullptr);
  EXPECT_EQ(size, 2u);
  EXPECT_STREQ(signet_result_item(result, 0, "ringing", 1), "case");
  EXPECT_EQ(signet_result_item(result, 0, "ringing", 2), nullptr);
  signet_result_free(result);
}

TEST(MakeResult, EveryBadArgumentHasItsErrorAndAddsNothing) {
  signet_result* result = signet_result_new();
  const char* const items[] = {nullptr};
  EXPECT_EQ(signet_result_add_row(nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_result_add_bool(result, "early", 1), SIGNET_E_INVALID_ARGUMENT) << "there is no row";
  ASSERT_EQ(signet_result_add_row(result), SIGNET_OK);

  EXPECT_EQ(signet_result_add_uint(nullptr, "x", 1), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_result_add_uint(result, nullptr, 1), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_result_add_string(result, "x", nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_result_add_bytes(result, "x", nullptr, 1), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_result_add_strings(result, "x", nullptr, 1), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_result_add_strings(result, "x", items, 1), SIGNET_E_INVALID_ARGUMENT);

  EXPECT_EQ(signet_result_field(result, 0, 0), nullptr);
  signet_result_free(result);
}

}  // namespace
