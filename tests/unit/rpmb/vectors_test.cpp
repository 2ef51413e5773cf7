#include "rpmb/vectors/run_vectors.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/unit/random_octets.h"

namespace signet::rpmb {
namespace {

namespace json = boost::json;

std::string vector_file() {
  std::ifstream stream{SIGNET_SOURCE_DIR "/tests/vectors/rpmb.json"};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string reasons(const vectors::Report& report) {
  std::string text;
  for (const vectors::Check& check : report.failures) text += check.name + ": " + check.reason + "\n";
  return text;
}

// Whether a run of `document` finds a fault, be it a failed check or a document that is no longer well-formed.
bool fails(const json::value& document) {
  auto report = run_vectors(json::serialize(document));
  return !report || report->failed > 0;
}

TEST(Vectors, AllPass) {
  std::size_t seen = 0;

  auto report = run_vectors(vector_file(), [&seen](const vectors::Check& check) { seen += check.passed() ? 1u : 0u; });

  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->failed, 0u) << reasons(*report);
  EXPECT_EQ(report->passed, 194u);  // 13 codec entries both ways, 4 MACs, 112 steps, 52 answers
  EXPECT_EQ(seen, report->passed);
}

TEST(Vectors, AFailureNamesTheCaseTheStepAndWhatDiffers) {
  json::value document = json::parse(vector_file());
  document.at("cases").at(0).at("steps").at(8).at("counter_after") = 2;

  auto report = run_vectors(json::serialize(document));

  ASSERT_TRUE(report) << to_string(report.error());
  ASSERT_EQ(report->failures.size(), 1u) << reasons(*report);
  EXPECT_EQ(report->failures[0].name, "cases/fresh_chip_life/step 9");
  EXPECT_EQ(report->failures[0].reason, "the counter afterwards is 1 instead of 2");
}

TEST(Vectors, AnotherFormatIsUnsupported) {
  for (const char* text : {R"({"format": "rpmb-vectors/2"})", R"({"cases": []})", "[]", "17"}) {
    auto report = run_vectors(text);

    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, Errc::unsupported) << text;
  }
}

TEST(Vectors, WhatIsNotJsonIsRefused) {
  for (const char* text : {"", "{", "\xff\xfe", R"({"format": "rpmb-vectors/1",})"}) {
    auto report = run_vectors(text);

    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, Errc::invalid_argument) << text;
  }
}

TEST(Vectors, ADocumentWithoutVectorsDoesNotPass) {
  auto report = run_vectors(R"({"format": "rpmb-vectors/1", "codec": [], "host": []})");

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::invalid_argument);
}

TEST(Vectors, AMalformedValueIsNamedByItsPath) {
  json::value document = json::parse(vector_file());
  document.at("cases").at(2).at("steps").at(1).at("result") = "seven";

  auto report = run_vectors(json::serialize(document));

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::invalid_argument);
  EXPECT_EQ(report.error().context, "cases[2].steps[1].result is not a whole number from 0");
}

TEST(Vectors, AMissingExpectedValueIsNamedByItsPath) {
  json::value document = json::parse(vector_file());
  document.at("host").at(3).as_object().erase("expect");

  auto report = run_vectors(json::serialize(document));

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().context, "host[3].expect is missing");
}

TEST(Vectors, ATruncatedDocumentIsRefusedWhereverItEnds) {
  std::string text = vector_file();

  for (std::size_t size = 0; size < text.size(); size += 9973) {
    EXPECT_FALSE(run_vectors(std::string_view{text}.substr(0, size))) << size;
  }
}

// A report, or an error of the kind that is promised.
void expect_report_or_refusal(std::string_view text) {
  auto report = run_vectors(text);
  if (report) return;
  EXPECT_TRUE(report.error().code == Errc::invalid_argument || report.error().code == Errc::unsupported);
  EXPECT_FALSE(report.error().context.empty());
}

TEST(Vectors, RandomOctetsAreRefused) {
  RandomOctets random{1};

  EXPECT_FALSE(run_vectors(random.exactly(10'000)));
  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(run_vectors(random.text(100)));
    EXPECT_FALSE(run_vectors(random.text(30, R"({}[]",:0123e-.\utrfalsn )")));
  }
}

// ---- every expected value counts ----

json::value value_of(std::string_view text) { return json::value(json::string{text.data(), text.size()}); }

// A document with one entry of one section, and what the conventions say.
json::value alone(const json::value& whole, std::string_view section, std::size_t index) {
  return json::object{{"format", whole.at("format")},
                      {"conventions", whole.at("conventions")},
                      {section, json::array{whole.at(section).at(index)}}};
}

TEST(Vectors, ADamagedDocumentEndsInAReportOrIsRefused) {
  constexpr std::string_view kJson = R"({}[]",:0123456789abcdef-.\tn)";
  const json::value whole = json::parse(vector_file());
  RandomOctets random{2};

  for (const char* section : {"codec", "mac", "cases", "host"}) {
    for (std::size_t i = 0; i < whole.at(section).as_array().size(); ++i) {
      const std::string text = json::serialize(alone(whole, section, i));
      for (int n = 0; n < 100; ++n) expect_report_or_refusal(random.damaged(text, kJson));
    }
  }
}

// Changes every expected value of one entry, one at a time, and expects each change to be found.
class Mutation {
 public:
  explicit Mutation(json::value document) : document_(std::move(document)) {}  // braces would make an array of it

  json::value& document() { return document_; }
  [[nodiscard]] std::size_t count() const { return count_; }

  void change(json::value& at, json::value to, const std::string& what) {
    json::value original = std::exchange(at, std::move(to));
    ++count_;
    EXPECT_TRUE(fails(document_)) << what << " may become " << json::serialize(at).substr(0, 80) << " unnoticed";
    at = std::move(original);
  }

  void change_number(json::value& at, const std::string& what) {
    auto value = at.to_number<std::uint64_t>();
    change(at, value + 1, what);
    if (value > 0) change(at, value - 1, what);
    change(at, value ^ 0x80, what);
  }

  void change_text(json::value& at, const std::string& what) {
    std::string text{at.as_string()};
    change(at, value_of(text + "x"), what);
    change(at, value_of(text.substr(1)), what);
  }

  void change_hex_digit(json::value& at, std::size_t digit, const std::string& what) {
    std::string text{at.as_string()};
    text[digit] = text[digit] == '0' ? '1' : '0';
    change(at, value_of(text), what + " digit " + std::to_string(digit));
  }

  void change_hex(json::value& at, const std::string& what, auto skip) {
    std::size_t digits = at.as_string().size();
    for (std::size_t digit = 0; digit < digits; digit += step(digits, digit)) {
      if (!skip(digit / 2)) change_hex_digit(at, digit, what);
    }
    std::string text{at.as_string()};
    change(at, value_of(text.substr(2)), what + " shortened");
    change(at, value_of(text + "00"), what + " lengthened");
  }
  void change_hex(json::value& at, const std::string& what) {
    change_hex(at, what, [](std::size_t) { return false; });
  }

 private:
  // Every digit of short values; of frames every 37th, but every digit of the last 28 octets of each: the header.
  static std::size_t step(std::size_t digits, std::size_t digit) {
    if (digits <= 64) return 1;
    if (digits <= 2048) return digit % 1024 >= 968 ? 1 : 37;
    return digit % 1024 >= 968 && digit % 1024 < 1023 ? 11 : 331;
  }

  json::value document_;
  std::size_t count_ = 0;
};

TEST(Vectors, EveryExpectedValueOfTheCodecAndTheMacsCounts) {
  json::value whole = json::parse(vector_file());
  std::size_t count = 0;

  for (std::size_t i = 0; i < whole.at("codec").as_array().size(); ++i) {
    Mutation mutation(alone(whole, "codec", i));
    json::value& entry = mutation.document().at("codec").at(0);
    std::string what = "codec[" + std::to_string(i) + "].";
    mutation.change_hex(entry.at("frame"), what + "frame");
    for (auto& [key, value] : entry.at("fields").as_object()) {
      std::string name = what + std::string{key};
      value.is_string() ? mutation.change_hex(value, name) : mutation.change_number(value, name);
    }
    count += mutation.count();
  }
  for (std::size_t i = 0; i < whole.at("mac").as_array().size(); ++i) {
    Mutation mutation(alone(whole, "mac", i));
    json::value& entry = mutation.document().at("mac").at(0);
    std::string what = "mac[" + std::to_string(i) + "].";
    mutation.change_hex(entry.at("mac"), what + "mac");
    mutation.change_hex(entry.at("key"), what + "key");
    mutation.change_number(entry.at("count"), what + "count");
    count += mutation.count();
  }

  std::cout << count << " mutations of codec and mac\n";
}

bool failed(const json::value& step) { return (step.at("result").to_number<unsigned>() & 0x7f) != 0; }

// What the conventions leave to the chip and no MAC covers: data and block count of an unauthenticated failed read.
auto free_octets(const json::value& step, bool keyed) {
  bool applies = step.at("op") == "read" && failed(step) && !keyed;
  return [applies](std::size_t octet) {
    std::size_t at = octet % 512;
    return applies && ((at >= 228 && at < 484) || (at >= 506 && at < 508));
  };
}

void change_step(Mutation& mutation, json::value& step, const std::string& what, bool keyed) {
  mutation.change_number(step.at("counter_after"), what + "counter_after");
  mutation.change_number(step.at("request_frames"), what + "request_frames");
  if (step.at("op") == "power_cut") {
    mutation.change(step.at("took_effect"), !step.at("took_effect").as_bool(), what + "took_effect");
    mutation.change(step.at("response"), value_of(std::string(1024, '0')), what + "response");
    return;
  }
  mutation.change_hex(step.at("response"), what + "response", free_octets(step, keyed));
  mutation.change(step.at("response"), nullptr, what + "response");
  mutation.change_number(step.at("response_frames"), what + "response_frames");
  mutation.change_number(step.at("result"), what + "result");
  mutation.change_text(step.at("result_name"), what + "result_name");
  if (json::value* any_of = step.as_object().if_contains("result_any_of")) {
    for (json::value& code : any_of->as_array()) mutation.change_number(code, what + "result_any_of");
    mutation.change(*any_of, json::array{}, what + "result_any_of");
  }
}

TEST(Vectors, EveryExpectedValueOfTheCasesCounts) {
  json::value whole = json::parse(vector_file());
  std::size_t count = 0;

  for (std::size_t i = 0; i < whole.at("cases").as_array().size(); ++i) {
    Mutation mutation(alone(whole, "cases", i));
    json::value& entry = mutation.document().at("cases").at(0);
    bool keyed = !entry.at("device").at("key").is_null();
    json::array& steps = entry.at("steps").as_array();
    for (std::size_t step = 0; step < steps.size(); ++step) {
      std::string what = std::string{entry.at("name").as_string()} + " step " + std::to_string(step + 1) + " ";
      change_step(mutation, steps[step], what, keyed);
      bool programs_key = steps[step].at("op") == "program" &&
                          std::string_view{steps[step].at("request").as_string()}.ends_with("0001");
      keyed = keyed || (programs_key && !failed(steps[step]));
    }
    count += mutation.count();
  }

  std::cout << count << " mutations of cases\n";
}

TEST(Vectors, EveryExpectedVerdictCounts) {
  json::value whole = json::parse(vector_file());
  std::size_t count = 0;
  const char* verdicts[] = {"accept",
                            "short_response",
                            "type_mismatch",
                            "bad_result_field",
                            "mac_mismatch",
                            "device_result",
                            "nonce_mismatch",
                            "address_mismatch",
                            "block_count_mismatch",
                            "counter_mismatch",
                            ""};

  for (std::size_t i = 0; i < whole.at("host").as_array().size(); ++i) {
    Mutation mutation(alone(whole, "host", i));
    json::value& entry = mutation.document().at("host").at(0);
    for (const char* verdict : verdicts) {
      if (entry.at("expect") != verdict) {
        mutation.change(entry.at("expect"), verdict, std::string{entry.at("name").as_string()});
      }
    }
    count += mutation.count();
  }

  std::cout << count << " mutations of host\n";
}

}  // namespace
}  // namespace signet::rpmb
