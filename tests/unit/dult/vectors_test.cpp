#include "dult/vectors/run_vectors.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "tests/unit/changed_vectors.h"
#include "tests/unit/random_octets.h"

namespace signet::dult {
namespace {

namespace json = boost::json;

std::string vector_file() {
  std::ifstream stream{SIGNET_SOURCE_DIR "/tests/vectors/dult.json"};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string reasons(const vectors::Report& report) {
  std::string text;
  for (const vectors::Check& check : report.failures) text += check.name + ": " + check.reason + "\n";
  return text;
}

bool fails(const json::value& document) {
  auto report = run_vectors(json::serialize(document));
  return !report || report->failed > 0;
}

std::string refusal(const json::value& document) {
  auto report = run_vectors(json::serialize(document));
  return report ? "taken" : report.error().context;
}

// A document with one entry of one group.
json::value alone(const json::value& whole, std::string_view group, std::size_t index) {
  return json::object{{"format", whole.at("format")},
                      {"groups", json::object{{group, json::array{whole.at("groups").at(group).at(index)}}}}};
}

json::value& entry_of(json::value& document, std::string_view group) { return document.at("groups").at(group).at(0); }

TEST(DultVectors, AllPass) {
  std::size_t seen = 0;

  auto report = run_vectors(vector_file(), [&seen](const vectors::Check& check) { seen += check.passed() ? 1u : 0u; });

  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->failed, 0u) << reasons(*report);
  EXPECT_EQ(report->passed, 52u);  // 4 identifiers, 4 addresses, 29 opcodes, 12 steps of sounds, 3 encodings
  EXPECT_EQ(seen, report->passed);
}

TEST(DultVectors, AFailureNamesTheCaseAndWhatDiffers) {
  json::value document = json::parse(vector_file());
  document.at("groups").at("opcodes").at(24).at("indicate") = "020301030000";
  document.at("groups").at("sound_sequences").at(1).at("steps").at(1).at("indicate").at("1").at(0) = "0302";

  auto report = run_vectors(json::serialize(document));

  ASSERT_TRUE(report) << to_string(report.error());
  ASSERT_EQ(report->failures.size(), 2u) << reasons(*report);
  EXPECT_EQ(report->failures[0].name, "opcodes/op-0301-sep-0001");
  EXPECT_EQ(report->failures[0].reason, "indicate is '1: 020301030100' instead of '1: 020301030000'");
  EXPECT_EQ(report->failures[1].name, "sound_sequences/snd-stop/step 2");
  EXPECT_EQ(report->failures[1].reason, "indicate is '1: 0303' instead of '1: 0302'");
}

TEST(DultVectors, AnotherFormatIsUnsupported) {
  for (const char* text : {R"({"format": "fmdn-vectors/1"})", R"({"groups": {}})", "[]", "17"}) {
    auto report = run_vectors(text);

    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, Errc::unsupported) << text;
  }
}

TEST(DultVectors, ADocumentWithoutVectorsDoesNotPass) {
  EXPECT_EQ(run_vectors(R"({"format": "dult-vectors/1", "groups": {}})").error().code, Errc::invalid_argument);
  EXPECT_EQ(run_vectors(R"({"format": "dult-vectors/1"})").error().code, Errc::invalid_argument);
  EXPECT_EQ(run_vectors("{").error().code, Errc::invalid_argument);
}

TEST(DultVectors, AGroupThatNobodyRunsIsRefused) {
  json::value document = json::parse(vector_file());
  document.at("groups").as_object()["opcode"] = json::array{};

  EXPECT_EQ(refusal(document), "groups.opcode is no group that this program knows");
}

TEST(DultVectors, AMissingOrMalformedValueIsNamedByItsPath) {
  const json::value whole = json::parse(vector_file());

  json::value document = whole;
  document.at("groups").at("identifier").at(1).as_object().erase("payload");
  EXPECT_EQ(refusal(document), "groups.identifier[1].payload is missing");
  document = whole;
  document.at("groups").at("nfc_url").at(0).at("eid") = "00";
  EXPECT_EQ(refusal(document), "groups.nfc_url[0].eid is neither 20 nor 32 octets");
  document = whole;
  document.at("groups").at("opcodes").at(0).at("config").at("firmware") = json::array{1, 2};
  EXPECT_EQ(refusal(document), "groups.opcodes[0].config.firmware is not major, minor and revision");
  document = whole;
  document.at("groups").at("opcodes").at(0).at("config").at("category") = 2;
  EXPECT_EQ(refusal(document), "groups.opcodes[0].config category: 2 is reserved");
  document = whole;
  document.at("groups").at("sound_sequences").at(0).at("steps").at(0).at("indicate") = json::object{{"x", nullptr}};
  EXPECT_EQ(refusal(document),
            "groups.sound_sequences[0].steps[0].indicate.x is not named by the number of a connection");
  document = whole;
  document.at("groups").at("encodings").at(0).at("what") = "version 1.0";
  EXPECT_EQ(refusal(document), "groups.encodings[0] is none of a version, a model ID and capabilities");
}

// ---- every expected value counts ----

// Changes the value in several ways, one at a time, and expects each change to be found.
class Mutation {
 public:
  explicit Mutation(json::value& document) : document_{document} {}
  [[nodiscard]] std::size_t count() const { return count_; }

  void change(json::value& at, json::value other, const std::string& what) {
    std::swap(at, other);
    EXPECT_TRUE(fails(document_)) << what << " may become " << json::serialize(at) << " unnoticed";
    std::swap(at, other);
    ++count_;
  }

  // Every character, one more, one less.
  void change_text(json::value& at, const std::string& what) {
    const std::string good{at.as_string()};
    for (std::size_t i = 0; i < good.size(); ++i) {
      std::string other = good;
      other[i] = other[i] == '0' ? '1' : '0';
      change(at, json::string{other}, what);
    }
    change(at, json::string{good + "00"}, what);
    if (!good.empty()) change(at, json::string{good.substr(0, good.size() - 2)}, what);
    change(at, nullptr, what);
  }

 private:
  json::value& document_;
  std::size_t count_ = 0;
};

TEST(DultVectors, EveryExpectedValueOfOneQuestionCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("identifier", {"recovery_key", "payload", "indication"});
  changed.expect_noticed("nfc_url", {"url"});
  changed.expect_noticed("opcodes", {"indicate"});
  changed.expect_noticed("encodings", {"uint32", "le_octets", "octets"});

  EXPECT_GT(changed.count(), 800U);
}

// In one step: each value, each connection, one indication more, none at all.
void change_step(Mutation& mutation, json::value& indicate, const std::string& what) {
  for (auto& [connection, list] : indicate.as_object()) {
    for (json::value& value : list.as_array()) mutation.change_text(value, what);
    json::array more = list.as_array();
    more.emplace_back("0303");
    mutation.change(list, more, what);
    mutation.change(list, json::array{}, what);
    mutation.change(indicate, json::object{{"3", list}}, what);
  }
  json::object more = indicate.as_object();
  more["3"] = json::array{"0303"};
  mutation.change(indicate, more, what);
  mutation.change(indicate, json::object{}, what);
}

TEST(DultVectors, EveryIndicationOfASoundCounts) {
  const json::value whole = json::parse(vector_file());
  std::size_t count = 0;

  for (std::size_t i = 0; i < whole.at("groups").at("sound_sequences").as_array().size(); ++i) {
    json::value document = alone(whole, "sound_sequences", i);
    json::array& steps = entry_of(document, "sound_sequences").at("steps").as_array();
    Mutation mutation{document};
    for (json::value& step : steps) change_step(mutation, step.at("indicate"), "sound " + std::to_string(i));
    count += mutation.count();
  }

  EXPECT_GT(count, 200U);
}

TEST(DultVectors, ASoundLastsToTheSecond) {
  json::value document = json::parse(vector_file());
  document.at("groups").at("sound_sequences").at(0).at("steps").at(1).at("elapse_s") = 11;

  EXPECT_TRUE(fails(document));
}

TEST(DultVectors, RandomAndDamagedDocumentsEndInAReportOrAreRefused) {
  RandomOctets random{1};
  const json::value whole = json::parse(vector_file());
  const std::string documents[] = {
      json::serialize(alone(whole, "opcodes", 0)), json::serialize(alone(whole, "sound_sequences", 4)),
      json::serialize(alone(whole, "encodings", 0)), json::serialize(alone(whole, "identifier", 0))};

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(run_vectors(random.text(100)));
    for (const std::string& good : documents) {
      if (i % 10 != 0) continue;
      auto report = run_vectors(random.damaged(good, R"({}[]",:0123456789abcdef-.\tn)"));
      EXPECT_TRUE(report || report.error().code == Errc::invalid_argument || report.error().code == Errc::unsupported);
    }
  }
}

}  // namespace
}  // namespace signet::dult
