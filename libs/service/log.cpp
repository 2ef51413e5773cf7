#include "service/log.h"

#include <fmt/format.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/sinks/systemd_sink.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <cstdlib>

namespace signet::service {
namespace {

bool journal = false;
std::string identifier = "signet";

// "device:inode" of the journal's stream; a daemon whose standard error was redirected still has the variable.
bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status {};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) != 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::error: return spdlog::level::err;
    case Severity::warning: return spdlog::level::warn;
    case Severity::notice:
    case Severity::info: return spdlog::level::info;
    case Severity::debug: return spdlog::level::debug;
  }
  return spdlog::level::info;
}

void send_to_journal(Severity severity, const std::string& message, const std::vector<Field>& fields) {
  std::vector<std::string> entries{"MESSAGE=" + message, fmt::format("PRIORITY={}", static_cast<int>(severity)),
                                   "SYSLOG_IDENTIFIER=" + identifier};
  for (const auto& field : fields) entries.push_back(fmt::format("{}={}", field.name, field.value));
  std::vector<iovec> vectors;
  vectors.reserve(entries.size());
  for (auto& entry : entries) vectors.push_back({entry.data(), entry.size()});
  ::sd_journal_sendv(vectors.data(), static_cast<int>(vectors.size()));
}

}  // namespace

void start_logging(const std::string& daemon, bool verbose) {
  identifier = daemon;
  journal = stderr_is_journal();
  spdlog::sink_ptr sink;
  if (journal) {
    sink = std::make_shared<spdlog::sinks::systemd_sink_mt>(daemon);
  } else {
    sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  }
  auto logger = std::make_shared<spdlog::logger>(daemon, std::move(sink));
  logger->set_level(verbose ? spdlog::level::debug : spdlog::level::info);
  if (!journal) logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %n %l: %v");
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

void log_event(Severity severity, const std::string& message, const std::vector<Field>& fields) {
  if (!spdlog::default_logger_raw()->should_log(level_of(severity))) return;
  if (journal) return send_to_journal(severity, message, fields);
  std::string line = message;
  for (const auto& field : fields) line += fmt::format(" {}={}", field.name, field.value);
  spdlog::log(level_of(severity), "{}", line);
}

void log_error(const Error& error, const std::string& what, std::vector<Field> fields) {
  fields.push_back({"SIGNET_ERROR", std::string{name(error.code)}});
  log_event(Severity::error, fmt::format("{}: {}: {}", what, summary(error.code), error.context), fields);
}

}  // namespace signet::service
