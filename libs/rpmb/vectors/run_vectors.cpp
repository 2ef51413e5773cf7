#include "rpmb/vectors/run_vectors.h"

#include "rpmb/vectors/sections.h"

namespace signet::rpmb {
namespace {

constexpr std::string_view kFormat = "rpmb-vectors/1";

Result<boost::json::value> parse(std::string_view json) {
  boost::system::error_code error;
  boost::json::value document = boost::json::parse({json.data(), json.size()}, error);
  if (error) return fail(Errc::invalid_argument, "vectors: not JSON: " + error.message());
  return document;
}

Result<void> check_format(const JsonCursor& document) {
  SIGNET_ASSIGN(auto format_at, document.find("format"));
  if (!format_at)
    return fail(Errc::unsupported, "vectors: the document names no format, so it is not " + std::string{kFormat});
  SIGNET_ASSIGN(std::string format, format_at->text());
  if (format == kFormat) return {};
  return fail(Errc::unsupported, "vectors: the format is '" + format + "', this program knows " + std::string{kFormat});
}

Result<VectorConventions> read_conventions(const JsonCursor& document) {
  VectorConventions conventions;
  SIGNET_ASSIGN(auto at, document.find("conventions"));
  if (!at) return conventions;
  SIGNET_ASSIGN(auto failed_read, at->find("failed_read"));
  conventions.failed_read = failed_read.has_value();
  return conventions;
}

// Calls `run(entry, "section[i]")` for every entry of a section; a section that is not there is empty.
Result<void> for_each(const JsonCursor& document, std::string_view section, auto run) {
  SIGNET_ASSIGN(auto at, document.find(section));
  if (!at) return {};
  SIGNET_ASSIGN(auto entries, at->elements());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    SIGNET_TRY(run(entries[i], std::string{section} + "/" + std::to_string(i)));
  }
  return {};
}

}  // namespace

std::string vector_format(std::string_view json) {
  const auto value = parse(json);
  if (!value) return {};
  const auto format = JsonCursor{*value, ""}.member("format");
  if (!format) return {};
  return format->text().value_or("");
}

Result<VectorReport> run_vectors(std::string_view json, const VectorProgress& progress) {
  SIGNET_ASSIGN(boost::json::value value, parse(json));
  JsonCursor document{value, ""};
  if (!value.is_object()) return fail(Errc::unsupported, "vectors: the document is not a JSON object");
  SIGNET_TRY(check_format(document));
  SIGNET_ASSIGN(VectorConventions conventions, read_conventions(document));

  Recorder recorder{progress};
  SIGNET_TRY(for_each(document, "codec", [&](const JsonCursor& entry, const std::string& name) {
    return run_codec(entry, name, recorder);
  }));
  SIGNET_TRY(for_each(document, "mac", [&](const JsonCursor& entry, const std::string& name) {
    return run_mac(entry, name, recorder);
  }));
  SIGNET_TRY(for_each(document, "cases", [&](const JsonCursor& entry, const std::string&) {
    return run_case(entry, conventions, recorder);
  }));
  SIGNET_TRY(for_each(document, "host",
                      [&](const JsonCursor& entry, const std::string&) { return run_host(entry, recorder); }));
  VectorReport report = recorder.take();
  if (report.passed + report.failed == 0)
    return fail(Errc::invalid_argument, "vectors: there are none in the document");
  return report;
}

}  // namespace signet::rpmb
