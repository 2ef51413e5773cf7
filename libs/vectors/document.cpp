#include "vectors/document.h"

namespace signet::vectors {
namespace {

Result<boost::json::value> parse_json(std::string_view json) {
  boost::system::error_code error;
  boost::json::value document = boost::json::parse({json.data(), json.size()}, error);
  if (error) return fail(Errc::invalid_argument, "vectors: not JSON: " + error.message());
  return document;
}

Result<void> check_format(const JsonCursor& document, std::string_view known) {
  SIGNET_ASSIGN(const auto at, document.find("format"));
  if (!at) return fail(Errc::unsupported, "vectors: the document names no format, so it is not " + std::string{known});
  SIGNET_ASSIGN(const std::string format, at->text());
  if (format == known) return {};
  return fail(Errc::unsupported, "vectors: the format is '" + format + "', this program knows " + std::string{known});
}

}  // namespace

Result<boost::json::value> parse(std::string_view json, std::string_view format) {
  SIGNET_ASSIGN(boost::json::value value, parse_json(json));
  if (!value.is_object()) return fail(Errc::unsupported, "vectors: the document is not a JSON object");
  SIGNET_TRY(check_format(JsonCursor{value, ""}, format));
  return value;
}

std::string format_of(std::string_view json) {
  const auto value = parse_json(json);
  if (!value) return {};
  const auto format = JsonCursor{*value, ""}.member("format");
  if (!format) return {};
  return format->text().value_or("");
}

Result<Report> conclude(Recorder& recorder) {
  Report report = recorder.take();
  if (report.passed + report.failed == 0) {
    return fail(Errc::invalid_argument, "vectors: there are none in the document");
  }
  return report;
}

Result<std::string> text_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  return at.text();
}

Result<Bytes> octets_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  return at.octets();
}

Result<bool> boolean_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  return at.boolean();
}

}  // namespace signet::vectors
