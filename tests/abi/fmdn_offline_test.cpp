// What libsignet-fmdn computes without a handle, against the known answers; and each bad argument with its error.
#include <gtest/gtest.h>
#include <signet/fmdn.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

namespace signet {
namespace {

using boost::json::value;

const value& vectors() {
  static const value whole = [] {
    std::ostringstream text;
    text << std::ifstream{SIGNET_SOURCE_DIR "/tests/vectors/fmdn.json"}.rdbuf();
    return boost::json::parse(text.str());
  }();
  return whole;
}
const boost::json::array& group(const char* name) { return vectors().at("groups").at(name).as_array(); }
Bytes octets(const value& entry, const char* member) { return from_hex(entry.at(member).as_string().c_str()).value(); }
int curve(const value& entry) {
  return entry.at("curve") == "secp160r1" ? SIGNET_FMDN_SECP160R1 : SIGNET_FMDN_SECP256R1;
}
std::uint32_t number(const value& entry, const char* member) { return entry.at(member).to_number<std::uint32_t>(); }

signet_fmdn_report report_in(const value& entry) {
  signet_fmdn_report report{};
  const Bytes urx = octets(entry, "urx");
  const Bytes sx = octets(entry, "sx");
  const Bytes tag = octets(entry, "tag");
  std::copy_n(urx.begin(), std::min(urx.size(), sizeof report.urx), report.urx);
  std::copy_n(sx.begin(), std::min(sx.size(), sizeof report.sx), report.sx);
  std::copy_n(tag.begin(), std::min(tag.size(), sizeof report.tag), report.tag);
  report.sx_size = sx.size();
  return report;
}

constexpr std::array<std::uint8_t, SIGNET_FMDN_EIK_SIZE> kEik{1, 2, 3};

TEST(FmdnAbi, EidsAreTheKnownAnswers) {
  for (const auto& entry : group("eid")) {
    Bytes eid(SIGNET_FMDN_EID_MAX);
    std::size_t size = eid.size();

    ASSERT_EQ(signet_fmdn_eid(octets(entry, "eik").data(), curve(entry), number(entry, "clock"), eid.data(), &size),
              SIGNET_OK);

    eid.resize(size);
    EXPECT_EQ(eid, octets(entry, "eid")) << entry.at("id");
  }
}

TEST(FmdnAbi, FramesAreTheKnownAnswers) {
  const std::map<std::string, unsigned> batteries{{"unsupported", SIGNET_FMDN_BATTERY_UNSUPPORTED},
                                                  {"normal", SIGNET_FMDN_BATTERY_NORMAL},
                                                  {"low", SIGNET_FMDN_BATTERY_LOW},
                                                  {"critical", SIGNET_FMDN_BATTERY_CRITICAL}};
  for (const auto& entry : group("frames")) {
    Bytes frame(SIGNET_FMDN_FRAME_MAX);
    std::size_t size = frame.size();
    const unsigned flags = (entry.at("utp").as_bool() ? SIGNET_FMDN_UNWANTED_TRACKING : 0u) |
                           (entry.at("omit_flags").as_bool() ? SIGNET_FMDN_OMIT_FLAGS : 0u);

    ASSERT_EQ(signet_fmdn_frame(octets(entry, "eik").data(), curve(entry), number(entry, "clock"),
                                batteries.at(entry.at("battery").as_string().c_str()), flags, frame.data(), &size),
              SIGNET_OK);

    frame.resize(size);
    EXPECT_EQ(frame, octets(entry, "frame")) << entry.at("id");
  }
}

TEST(FmdnAbi, ReportsAreOpenedAndThoseThatDoNotFitAreNot) {
  for (const auto& entry : group("reports")) {
    const auto report = report_in(entry);
    const Bytes ciphertext = octets(entry, "ciphertext");
    Bytes message(ciphertext.size());

    EXPECT_EQ(signet_fmdn_open(octets(entry, "eik").data(), curve(entry), number(entry, "clock"), &report,
                               ciphertext.data(), ciphertext.size(), message.data()),
              SIGNET_OK)
        << entry.at("id");
    EXPECT_EQ(message, octets(entry, "message")) << entry.at("id");
  }
  for (const auto& entry : group("report_failures")) {
    const auto report = report_in(entry);
    const Bytes ciphertext = octets(entry, "ciphertext");
    if (octets(entry, "tag").size() != sizeof report.tag) continue;  // cannot be said in the structure
    Bytes message(ciphertext.size(), 0xaa);

    EXPECT_NE(signet_fmdn_open(octets(entry, "eik").data(), curve(entry), number(entry, "clock"), &report,
                               ciphertext.data(), ciphertext.size(), message.data()),
              SIGNET_OK)
        << entry.at("id");
    EXPECT_EQ(message, Bytes(ciphertext.size(), 0xaa)) << "nothing of it is given away";
  }
}

TEST(FmdnAbi, IdentifiersAreFoundInTheirWindow) {
  for (const auto& entry : group("resolve_urx")) {
    std::uint32_t clock = 0;
    const Bytes urx = octets(entry, "urx");

    const int status = signet_fmdn_resolve(octets(entry, "eik").data(), curve(entry), urx.data(), urx.size(),
                                           number(entry, "estimate"), number(entry, "window_s"), &clock);

    if (entry.at("found").is_null()) {
      EXPECT_EQ(status, SIGNET_E_NOT_FOUND) << entry.at("id");
    } else {
      EXPECT_EQ(status, SIGNET_OK) << entry.at("id");
      EXPECT_EQ(clock, number(entry, "found")) << entry.at("id");
    }
  }
}

TEST(FmdnAbi, WhatIsSealedForAnIdentifierItsKeyOpens) {
  const Bytes message{'4', '8', '.', '1'};
  for (const int on : {SIGNET_FMDN_SECP160R1, SIGNET_FMDN_SECP256R1}) {
    for (const int profile : {SIGNET_FMDN_SPEC80, SIGNET_FMDN_DEPLOYED64}) {
      std::array<std::uint8_t, SIGNET_FMDN_EID_MAX> eid{};
      std::size_t size = eid.size();
      ASSERT_EQ(signet_fmdn_eid(kEik.data(), on, 7000, eid.data(), &size), SIGNET_OK);
      signet_fmdn_report report;
      Bytes text = message;
      ASSERT_EQ(signet_fmdn_seal(eid.data(), size, profile, text.data(), text.size(), &report, text.data()), SIGNET_OK);
      EXPECT_NE(text, message);

      EXPECT_EQ(signet_fmdn_open(kEik.data(), on, 7000, &report, text.data(), text.size(), text.data()), SIGNET_OK);
      EXPECT_EQ(text, message);

      report.tag[0] ^= 1;
      EXPECT_EQ(signet_fmdn_open(kEik.data(), on, 7000, &report, text.data(), text.size(), text.data()),
                SIGNET_E_BAD_SIGNATURE);
    }
  }
}

TEST(FmdnAbi, AFrameIsDecodedAndItsFlagsAreReadWithTheKey) {
  std::array<std::uint8_t, SIGNET_FMDN_FRAME_MAX> frame{};
  std::size_t size = frame.size();
  ASSERT_EQ(signet_fmdn_frame(kEik.data(), SIGNET_FMDN_SECP256R1, 5000, SIGNET_FMDN_BATTERY_LOW,
                              SIGNET_FMDN_UNWANTED_TRACKING, frame.data(), &size),
            SIGNET_OK);
  signet_result* result = nullptr;

  ASSERT_EQ(signet_fmdn_decode(frame.data(), size, &result), SIGNET_OK);

  ASSERT_EQ(signet_result_rows(result), 1u);
  EXPECT_STREQ(signet_result_string(result, 0, "service"), "FMDN");
  EXPECT_STREQ(signet_result_string(result, 0, "curve"), "secp256r1");
  std::uint64_t flags = 0;
  std::uint64_t hidden = 0;
  EXPECT_EQ(signet_result_uint(result, 0, "flags", &flags), SIGNET_OK);
  EXPECT_EQ(flags, 6u);
  ASSERT_EQ(signet_result_uint(result, 0, "hidden_flags", &hidden), SIGNET_OK);
  unsigned battery = 0;
  int protection = 0;
  EXPECT_EQ(signet_fmdn_flags(kEik.data(), SIGNET_FMDN_SECP256R1, 5000, static_cast<std::uint8_t>(hidden), &battery,
                              &protection),
            SIGNET_OK);
  EXPECT_EQ(battery, SIGNET_FMDN_BATTERY_LOW);
  EXPECT_EQ(protection, 1);
  EXPECT_EQ(signet_fmdn_flags(kEik.data(), SIGNET_FMDN_SECP256R1, 5000, static_cast<std::uint8_t>(hidden ^ 0x80),
                              &battery, &protection),
            SIGNET_E_NOT_FOUND);
  signet_result_free(result);
}

TEST(FmdnAbi, FastPairAndDultAreDecodedAndWhatIsDamagedSaysWhy) {
  const Bytes advert = from_hex("02010606162cfe1234560616b2fc0201aa0316aafe").value();
  signet_result* result = nullptr;

  ASSERT_EQ(signet_fmdn_decode(advert.data(), advert.size(), &result), SIGNET_OK);

  ASSERT_EQ(signet_result_rows(result), 3u);
  std::size_t size = 0;
  EXPECT_NE(signet_result_bytes(result, 0, "model_id", &size), nullptr);
  EXPECT_EQ(size, SIGNET_FMDN_MODEL_ID_SIZE);
  EXPECT_STREQ(signet_result_string(result, 1, "network"), "Google");
  EXPECT_NE(signet_result_string(result, 2, "problem"), nullptr);
  signet_result_free(result);
}

TEST(FmdnAbi, DecodeTakesOrRefusesRandomOctets) {
  RandomOctets random{2};
  int taken = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto text = i % 2 == 0 ? random.text(300) : random.damaged("\x02\x01\x06\x06\x16\x2c\xfe\x12\x34\x56");
    signet_result* result = nullptr;
    const auto* data = reinterpret_cast<const std::uint8_t*>(text.data());
    taken += signet_fmdn_decode(data, text.size(), &result) == SIGNET_OK ? 1 : 0;
    signet_result_free(result);
  }
  EXPECT_GT(taken, 10);
}

TEST(FmdnAbi, ABufferIsAskedForItsSizeAndNotWrittenToWhenTooSmall) {
  std::size_t size = 0;
  EXPECT_EQ(signet_fmdn_eid(kEik.data(), SIGNET_FMDN_SECP256R1, 0, nullptr, &size), SIGNET_OK);
  EXPECT_EQ(size, 32u);
  Bytes small(31, 0xaa);
  size = small.size();

  EXPECT_EQ(signet_fmdn_eid(kEik.data(), SIGNET_FMDN_SECP256R1, 0, small.data(), &size), SIGNET_E_TOO_LARGE);

  EXPECT_EQ(size, 32u);
  EXPECT_EQ(small, Bytes(31, 0xaa));
}

TEST(FmdnAbi, EveryBadArgumentHasItsError) {
  const int kCurve = SIGNET_FMDN_SECP160R1;
  std::array<std::uint8_t, 64> room{};
  std::size_t size = room.size();
  signet_fmdn_report report{};
  report.sx_size = 20;

  EXPECT_EQ(signet_fmdn_eid(nullptr, kCurve, 0, room.data(), &size), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_eid(kEik.data(), 2, 0, room.data(), &size), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_eid(kEik.data(), kCurve, 0, room.data(), nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_frame(kEik.data(), kCurve, 0, 4, 0, room.data(), &size), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_frame(kEik.data(), kCurve, 0, 0, 4, room.data(), &size), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_decode(nullptr, 0, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_decode(room.data(), 0, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_flags(nullptr, kCurve, 0, 0, nullptr, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_resolve(kEik.data(), kCurve, room.data(), 11, 0, 0, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_resolve(kEik.data(), kCurve, nullptr, 10, 0, 0, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_resolve(kEik.data(), kCurve, room.data(), 10, 0, SIGNET_FMDN_WINDOW_MAX + 1, nullptr),
            SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_seal(room.data(), 10, SIGNET_FMDN_SPEC80, room.data(), 1, &report, room.data()),
            SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_seal(room.data(), 20, 2, room.data(), 1, &report, room.data()), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_seal(room.data(), 20, SIGNET_FMDN_SPEC80, nullptr, 1, &report, room.data()),
            SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_seal(room.data(), 20, SIGNET_FMDN_SPEC80, room.data(), SIGNET_FMDN_MESSAGE_MAX + 1, &report,
                             room.data()),
            SIGNET_E_TOO_LARGE);
  EXPECT_EQ(signet_fmdn_open(kEik.data(), kCurve, 0, nullptr, room.data(), 1, room.data()), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_fmdn_open(kEik.data(), kCurve, 0, &report, room.data(), 1, nullptr), SIGNET_E_INVALID_ARGUMENT);
  report.sx_size = 21;
  EXPECT_EQ(signet_fmdn_open(kEik.data(), kCurve, 0, &report, room.data(), 1, room.data()), SIGNET_E_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace signet
