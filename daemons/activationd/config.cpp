#include "activationd/config.h"

#include <algorithm>
#include <boost/asio/ip/address.hpp>

#include "config/toml_file.h"

namespace signet::activationd {
namespace {

using activation::PolicyConfig;
using activation::RegistrarConfig;
using config::config_error;
using config::read_section;
using config::TomlSection;

constexpr std::int64_t kDay = 86400;

void parse_seconds(TomlSection& section, const std::string& key, std::chrono::seconds& out, std::int64_t least,
                   std::int64_t most, std::int64_t unit = 1) {
  std::optional<std::int64_t> number;
  section.number(key, number, least, most);
  if (number) out = std::chrono::seconds{*number * unit};
}

Result<ListenConfig> parse_listen(TomlSection section) {
  ListenConfig listen;
  section.text("address", listen.address);
  boost::system::error_code error;
  boost::asio::ip::make_address(listen.address, error);
  if (error) section.reject("address", "must be an IPv4 or IPv6 address");
  section.number("port", listen.port, 0, 65535);
  section.flag("plain", listen.plain);
  section.path("certificate", listen.certificate);
  section.path("key", listen.key);
  section.text("address_field", listen.address_field);
  if (!listen.address_field.empty() && !listen.plain) {
    section.reject("address_field", "only with plain = true: otherwise anybody may send that field");
  }
  section.number("threads", listen.threads, 1, 64);
  SIGNET_TRY(section.finish());
  return listen;
}

Result<http::Limits> parse_limits(TomlSection section) {
  http::Limits limits;
  section.number("connections", limits.connections, 1, 65536);
  section.number("connections_per_address", limits.connections_per_address, 1, 65536);
  parse_seconds(section, "handshake_seconds", limits.handshake_time, 1, 600);
  parse_seconds(section, "idle_seconds", limits.idle_time, 1, 3600);
  parse_seconds(section, "head_seconds", limits.head_time, 1, 600);
  parse_seconds(section, "body_seconds", limits.body_time, 1, 600);
  parse_seconds(section, "write_seconds", limits.write_time, 1, 600);
  parse_seconds(section, "stop_seconds", limits.stop_time, 1, 600);
  SIGNET_TRY(section.finish());
  return limits;
}

void parse_rate(TomlSection& section, const std::string& who, http::Rate& rate) {
  section.number(who + "_per_second", rate.per_second, 0, 1'000'000);
  section.number(who + "_burst", rate.burst, 1, 1'000'000);
}

Result<RateConfig> parse_rates(TomlSection section) {
  RateConfig rates;
  parse_rate(section, "address", rates.address);
  parse_rate(section, "credential", rates.credential);
  SIGNET_TRY(section.finish());
  return rates;
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Result<RegistrarConfig> parse_registrar(TomlSection section) {
  RegistrarConfig registrar;
  section.require("url");
  section.text("url", registrar.base_url);
  const auto& url = registrar.base_url;
  const bool scheme = url.starts_with("https://") || url.starts_with("http://");
  if (!scheme || !printable(url) || url.size() > identity::kMaxAudience || url.ends_with('/')) {
    section.reject("url", fmt::format("must be an https URL of at most {} octets, without a / at the end",
                                      identity::kMaxAudience));
  }
  section.text("organization", registrar.organization);
  if (registrar.organization.size() > 64) section.reject("organization", "must have at most 64 octets");
  parse_seconds(section, "sn_ticket_seconds", registrar.sn_ticket_life, 10, kDay);
  parse_seconds(section, "reservation_days", registrar.reservation_life, 1, 365, kDay);
  parse_seconds(section, "nonce_seconds", registrar.nonce_life, 10, kDay);
  parse_seconds(section, "certificate_days", registrar.certificate_life, 1, 36500, kDay);
  parse_seconds(section, "crl_hours", registrar.revocation_list_life, 1, 8760, 3600);
  SIGNET_TRY(section.finish());
  return registrar;
}

void parse_reasons(TomlSection& section, std::set<activation::Reason>& reasons) {
  const auto* list = section.array("blocking");
  if (list == nullptr) return;
  reasons.clear();
  for (const auto& item : *list) {
    const auto text = item.value_exact<std::string>();
    const auto reason = text ? activation::parse_reason(*text) : std::nullopt;
    if (!reason || *reason == activation::Reason::blocked_by_operator || *reason == activation::Reason::emulated_chip) {
      return section.reject(item, "blocking",
                            R"(must be strings out of "serial_on_two_chips", "chip_with_other_serial", )"
                            R"("counter_backwards", "counter_interleaved")");
    }
    reasons.insert(*reason);
  }
}

Result<PolicyConfig> parse_policy(TomlSection section) {
  PolicyConfig policy;
  section.flag("allow_emulated", policy.allow_emulated);
  parse_reasons(section, policy.blocking);
  SIGNET_TRY(section.finish());
  return policy;
}

Result<std::string> parse_master(TomlSection section) {
  std::string file;
  section.require("file");
  section.path("file", file);
  SIGNET_TRY(section.finish());
  return file;
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& file) {
  SIGNET_ASSIGN(const auto table, config::parse_toml(text, file));
  Config config;
  TomlSection top{table, "", file};
  top.require("registrar");
  SIGNET_TRY(read_section(top, table, "listen", file, config.listen, parse_listen));
  SIGNET_TRY(read_section(top, table, "limits", file, config.limits, parse_limits));
  SIGNET_TRY(read_section(top, table, "rates", file, config.rates, parse_rates));
  SIGNET_TRY(read_section(top, table, "registrar", file, config.registrar, parse_registrar));
  SIGNET_TRY(read_section(top, table, "policy", file, config.registrar.policy, parse_policy));
  SIGNET_TRY(read_section(top, table, "master", file, config.master_file, parse_master));
  SIGNET_TRY(top.finish());
  return config;
}

Result<Config> load_config(const std::string& path) {
  SIGNET_ASSIGN(const auto text, config::read_file(path));
  return parse_config(text, path);
}

}  // namespace signet::activationd
