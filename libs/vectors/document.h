// What every file of known answers is: a JSON object that names its format, with sections of entries.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "vectors/json_cursor.h"
#include "vectors/report.h"

namespace signet::vectors {

// Errors: invalid_argument: no JSON; unsupported: no object, or not of `format`.
Result<boost::json::value> parse(std::string_view json, std::string_view format);

// The format that a document names; empty when it names none or is not JSON.
std::string format_of(std::string_view json);

// Calls `run(entry, "section/i")` for every entry of a section; a section that is not there is empty.
template <class Run>
Result<void> for_each_entry(const JsonCursor& document, std::string_view section, Run run) {
  SIGNET_ASSIGN(const auto at, document.find(section));
  if (!at) return {};
  SIGNET_ASSIGN(const auto entries, at->elements());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SIGNET_TRY(run(entries[i], std::string{section} + "/" + std::to_string(i)));
  }
  return {};
}

// Runs a section of which each entry ends in what differs in it.
template <class Run>
Result<void> run_section(const JsonCursor& document, std::string_view section, Recorder& recorder, Run run) {
  return for_each_entry(document, section, [&](const JsonCursor& entry, std::string name) -> Result<void> {
    SIGNET_ASSIGN(std::string difference, run(entry));
    recorder.record(std::move(name), std::move(difference));
    return {};
  });
}

// The report; invalid_argument when nothing was checked.
Result<Report> conclude(Recorder& recorder);

// Members by name.
Result<std::string> text_of(const JsonCursor& entry, std::string_view name);
Result<Bytes> octets_of(const JsonCursor& entry, std::string_view name);
template <std::size_t Size>
Result<std::array<std::uint8_t, Size>> octets_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  std::array<std::uint8_t, Size> octets{};
  SIGNET_TRY(at.octets_into(octets));
  return octets;
}
template <class Integer>
Result<Integer> number_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  return at.number<Integer>();
}
Result<bool> boolean_of(const JsonCursor& entry, std::string_view name);

}  // namespace signet::vectors
