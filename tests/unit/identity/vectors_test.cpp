#include "identity/vectors/run_vectors.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

#include "tests/unit/random_octets.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

std::string vector_file() {
  std::ifstream stream{SIGNET_SOURCE_DIR "/tests/vectors/identity.json"};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string reasons(const vectors::Report& report) {
  std::string text;
  for (const vectors::Check& check : report.failures) text += check.name + ": " + check.reason + "\n";
  return text;
}

TEST(IdentityVectors, AllPass) {
  std::size_t seen = 0;

  auto report = run_vectors(vector_file(), [&seen](const vectors::Check& check) { seen += check.passed() ? 1u : 0u; });

  ASSERT_TRUE(report) << to_string(report.error());
  EXPECT_EQ(report->failed, 0u) << reasons(*report);
  EXPECT_EQ(report->passed, 137u);  // 1 derivation, 2 digests, 2 thumbprints, 8 nonces, 124 tickets
  EXPECT_EQ(seen, report->passed);
}

TEST(IdentityVectors, AreWhatTheirProgramMakes) {
  if (std::system("/usr/bin/python3 -c 'import jwcrypto, cryptography' 2>/dev/null") != 0) {
    GTEST_SKIP() << "python3-jwcrypto is not installed";
  }
  EXPECT_EQ(
      std::system("/usr/bin/python3 -W ignore " SIGNET_SOURCE_DIR
                  "/tests/vectors/make_identity_vectors.py | cmp - " SIGNET_SOURCE_DIR "/tests/vectors/identity.json"),
      0);
}

TEST(IdentityVectors, AFailureNamesTheTicketAndWhatDiffers) {
  json::value document = json::parse(vector_file());
  document.at("tickets").at(0).at("expect").at("claims").at("generation") = 4;

  auto report = run_vectors(json::serialize(document));

  ASSERT_TRUE(report) << to_string(report.error());
  ASSERT_EQ(report->failures.size(), 1u) << reasons(*report);
  EXPECT_EQ(report->failures[0].name, "tickets/challenge, everything in it");
  EXPECT_EQ(report->failures[0].reason, "generation is '3' instead of '4'");
}

TEST(IdentityVectors, AnotherFormatIsUnsupported) {
  for (const char* text : {R"({"format": "rpmb-vectors/1"})", R"({"tickets": []})", "[]", "17"}) {
    auto report = run_vectors(text);

    ASSERT_FALSE(report) << text;
    EXPECT_EQ(report.error().code, Errc::unsupported) << text;
  }
}

TEST(IdentityVectors, ADocumentWithoutVectorsDoesNotPass) {
  EXPECT_EQ(run_vectors(R"({"format": "identity-vectors/1", "tickets": []})").error().code, Errc::invalid_argument);
  EXPECT_EQ(run_vectors("{").error().code, Errc::invalid_argument);
}

TEST(IdentityVectors, AMissingOrMalformedValueIsNamedByItsPath) {
  const json::value whole = json::parse(vector_file());
  auto refusal = [](const json::value& document) {
    auto report = run_vectors(json::serialize(document));
    return report ? "taken" : report.error().context;
  };

  json::value document = whole;
  document.at("tickets").at(1).at("expect").as_object().erase("rpmb");
  EXPECT_EQ(refusal(document), "tickets[1].expect.rpmb is missing");
  document = whole;
  document.at("tickets").at(1).at("anchors").at(0) = "nobody";
  EXPECT_EQ(refusal(document), "tickets[1].anchors[0] names nothing in the document");
  document = whole;
  document.at("certificates").at("no_ca") = "AAAA";
  EXPECT_EQ(refusal(document), "certificates.no_ca is no X.509 certificate in DER");
}

// ---- every expected value counts ----

// The members of `all` that `names` names.
json::object named(const json::value& all, const json::value* names) {
  json::object some;
  if (names == nullptr) return some;
  for (const json::value& name : names->as_array()) some[name.as_string()] = all.at(name.as_string());
  return some;
}

// A document with one entry of one section, and what it refers to.
json::value alone(const json::value& whole, std::string_view section, std::size_t index) {
  const json::value& entry = whole.at(section).at(index);
  const json::object& members = entry.as_object();
  return json::object{{"format", whole.at("format")},
                      {"certificates", named(whole.at("certificates"), members.if_contains("anchors"))},
                      {"revocation_lists", named(whole.at("revocation_lists"), members.if_contains("revoked"))},
                      {section, json::array{entry}}};
}

bool fails(const json::value& document) {
  auto report = run_vectors(json::serialize(document));
  return !report || report->failed > 0;
}

// Changes the value in several ways, one at a time, and expects each change to be found.
std::size_t change_value(json::value& document, json::value& at, const std::string& what) {
  std::vector<json::value> others;
  if (const json::string* text = at.if_string()) {
    const std::string good{text->data(), text->size()};
    others.emplace_back(json::string{good + "0"});
    if (!good.empty()) others.emplace_back(json::string{good.substr(1)});
    if (!good.empty()) {
      std::string other = good;
      char& digit = other[what.size() * 131 % good.size()];  // here and there
      digit = digit == '0' ? '1' : '0';
      others.emplace_back(json::string{other});
    }
    others.emplace_back(nullptr);
  } else if (at.is_number()) {
    others = {at.to_number<std::uint64_t>() + 1, nullptr};
  } else {
    others.emplace_back(json::string{"null"});
  }
  for (const json::value& other : others) {
    json::value original = std::exchange(at, other);
    EXPECT_TRUE(fails(document)) << what << " may become " << json::serialize(other).substr(0, 80) << " unnoticed";
    at = std::move(original);
  }
  return others.size();
}

std::size_t change_members(json::value& document, json::object& object, const std::string& what) {
  std::size_t count = 0;
  for (auto& [name, value] : object) {
    const std::string path = what + "." + std::string{name};
    count +=
        value.is_object() ? change_members(document, value.as_object(), path) : change_value(document, value, path);
  }
  return count;
}

TEST(IdentityVectors, EveryExpectedValueOfATicketCounts) {
  const json::value whole = json::parse(vector_file());
  std::size_t count = 0;

  for (std::size_t i = 0; i < whole.at("tickets").as_array().size(); ++i) {
    json::value document = alone(whole, "tickets", i);
    json::value& entry = document.at("tickets").at(0);
    ASSERT_FALSE(fails(document)) << entry.at("name");
    count += change_members(document, entry.at("expect").as_object(), std::string{entry.at("name").as_string()});
  }

  std::cout << count << " mutations of tickets\n";
}

TEST(IdentityVectors, EveryValueOfTheOtherSectionsCounts) {
  const json::value whole = json::parse(vector_file());
  std::size_t count = 0;

  for (const char* section : {"derivations", "identity_digests", "thumbprints", "nonces"}) {
    for (std::size_t i = 0; i < whole.at(section).as_array().size(); ++i) {
      json::value document = alone(whole, section, i);
      count += change_members(document, document.at(section).at(0).as_object(), section + std::to_string(i));
    }
  }

  std::cout << count << " mutations of derivations\n";
}

TEST(IdentityVectors, RandomAndDamagedDocumentsEndInAReportOrAreRefused) {
  RandomOctets random{1};
  const json::value whole = json::parse(vector_file());
  const std::string ticket = json::serialize(alone(whole, "tickets", 1));
  const std::string nonce = json::serialize(alone(whole, "nonces", 0));

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(run_vectors(random.text(100)));
    for (const std::string& good : {ticket, nonce}) {
      if (i % 20 != 0) continue;
      auto report = run_vectors(random.damaged(good, R"({}[]",:0123456789abcdef-.\tn)"));
      EXPECT_TRUE(report || report.error().code == Errc::invalid_argument || report.error().code == Errc::unsupported);
    }
  }
}

}  // namespace
}  // namespace signet::identity
