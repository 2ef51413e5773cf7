// Changes every expected value of a file of known answers, one at a time: a run must notice each.
#pragma once

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "vectors/report.h"

namespace signet::vectors {

class ChangedVectors {
 public:
  using Run = Result<Report> (*)(std::string_view json, const Progress& progress);

  ChangedVectors(std::string_view json, Run run) : whole_(boost::json::parse({json.data(), json.size()})), run_{run} {}

  // Of every case of a group, the members named; those that a case does not have are no expectation of it.
  void expect_noticed(std::string_view group, const std::vector<std::string_view>& members) {
    const auto& cases = whole_.at("groups").at(group).as_array();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      boost::json::value document = document_of(group, cases[i]);
      change_members(document, document.at("groups").at(group).at(0), members,
                     std::string{group} + "[" + std::to_string(i) + "]");
    }
  }

  // The same for the members of each step of the cases: what else a step has is what is put in.
  void expect_noticed_in_steps(std::string_view group, const std::vector<std::string_view>& members) {
    const auto& cases = whole_.at("groups").at(group).as_array();
    for (std::size_t i = 0; i < cases.size(); ++i) {
      boost::json::value document = document_of(group, cases[i]);
      auto& steps = document.at("groups").at(group).at(0).at("steps").as_array();
      for (std::size_t step = 0; step < steps.size(); ++step) {
        change_members(document, steps[step], members,
                       std::string{group} + "[" + std::to_string(i) + "].steps[" + std::to_string(step) + "]");
      }
    }
  }

  [[nodiscard]] std::size_t count() const { return count_; }

 private:
  using Value = boost::json::value;

  [[nodiscard]] Value document_of(std::string_view group, const Value& entry) const {
    return boost::json::object{{"format", whole_.at("format")}, {"groups", {{group, boost::json::array{entry}}}}};
  }

  void change_members(Value& document, Value& entry, const std::vector<std::string_view>& members,
                      const std::string& what) {
    for (const auto member : members) {
      if (auto* value = entry.as_object().if_contains(member)) {
        change(document, *value, what + "." + std::string{member});
      }
    }
  }

  void change(Value& document, Value& value, const std::string& what) {
    if (auto* object = value.if_object()) {
      for (auto& member : *object) change(document, member.value(), what + "." + std::string{member.key()});
    } else if (auto* array = value.if_array()) {
      for (auto& element : *array) change(document, element, what + "[]");
      with(document, value, boost::json::array{1, 2, 3, 4, 5, 6}, what);
    } else if (value.is_bool()) {
      with(document, value, !value.as_bool(), what);
    } else if (value.is_number()) {
      with(document, value, value.to_number<std::int64_t>() ^ 1, what);
    } else if (value.is_null()) {
      with(document, value, "80", what);
    } else {
      change_text(document, value, what);
    }
  }

  void change_text(Value& document, Value& value, const std::string& what) {
    const std::string text{value.as_string()};
    for (std::size_t i = 0; i<text.size(); i += text.size()> 80 ? 7U : 1U) {
      std::string changed = text;
      changed[i] = changed[i] == '0' ? '1' : '0';
      with(document, value, boost::json::string{changed}, what + " digit " + std::to_string(i));
    }
    with(document, value, boost::json::string{text + "00"}, what + " lengthened");
  }

  void with(Value& document, Value& value, Value other, const std::string& what) {
    std::swap(value, other);
    ++count_;
    const auto report = run_(boost::json::serialize(document), {});
    EXPECT_TRUE(!report || report->failed > 0)
        << what << " may become " << boost::json::serialize(value) << " unnoticed";
    std::swap(value, other);
  }

  boost::json::value whole_;
  Run run_;
  std::size_t count_ = 0;
};

}  // namespace signet::vectors
