#include "rpmbd/config.h"

#include <algorithm>
#include <filesystem>
#include <iterator>

#include "base/hex.h"
#include "base/loopback.h"
#include "config/toml_file.h"
#include "rpmbd/names.h"

namespace signet::rpmbd {
namespace {

namespace fs = std::filesystem;
using config::config_error;
using config::parse_toml;
using config::read_file;
using config::read_section;
using config::TomlSection;

constexpr std::uint32_t kUnit = 128 * 1024;  // RPMB partitions come in units of 128 KiB
constexpr std::uint32_t kMaxPartition = 16 * 1024 * 1024;

template <class Number>
void parse_size(TomlSection& section, std::optional<Number>& size) {
  section.number("size", size, kUnit, kMaxPartition);
  if (size && *size % kUnit != 0) section.reject("size", "must be a multiple of 131072");
}

void parse_cid(TomlSection& section, std::optional<rpmb::Cid>& cid) {
  std::string text;
  section.text("cid", text);
  if (text.empty()) return;
  const auto octets = from_hex(text);
  if (!octets || octets->size() != rpmb::Cid{}.size()) return section.reject("cid", "must be 32 hexadecimal digits");
  std::copy(octets->begin(), octets->end(), cid.emplace().begin());
}

void parse_path(TomlSection& section, const std::string& key, std::filesystem::path& path) {
  std::string text;
  section.path(key, text);
  if (!text.empty()) path = text;
}

Result<rpmb::TransportOptions> parse_chip(TomlSection section) {
  rpmb::TransportOptions options;
  std::string transport = "auto";
  section.text("transport", transport);
  if (const auto choice = rpmb::parse_transport_choice(transport)) {
    options.transport = *choice;
  } else {
    section.reject("transport", R"(must be "auto", "mmc", "ufs" or "emulator")");
  }
  parse_path(section, "node", options.chip.node);
  parse_cid(section, options.chip.cid);
  parse_size(section, options.chip.size);
  SIGNET_TRY(section.finish());
  return options;
}

Result<rpmb::EmulatorOptions> parse_emulator(TomlSection section) {
  rpmb::EmulatorOptions emulator;
  section.path("file", emulator.file);
  parse_size(section, emulator.size);
  section.number("write_frames", emulator.write_frames, 1, 32);
  if (const auto frames = emulator.write_frames.value_or(1); frames != 1 && frames != 2 && frames != 32) {
    section.reject("write_frames", "must be 1, 2 or 32");
  }
  section.path("faults", emulator.faults);
  SIGNET_TRY(section.finish());
  return emulator;
}

Result<RootConfig> parse_root(TomlSection section) {
  RootConfig root;
  section.path("file", root.file);
  section.flag("survives_reflash", root.survives_reflash);
  SIGNET_TRY(section.finish());
  return root;
}

Result<WearConfig> parse_wear(TomlSection section) {
  WearConfig wear;
  section.number("budget", wear.budget, 1, 0xffffffff);
  section.number("writes_per_day", wear.writes_per_day, 1, 100'000'000);
  SIGNET_TRY(section.finish());
  return wear;
}

// The host of "http://HOST:PORT/PATH" or of https; nothing where a user, a query or a fragment stands in it.
std::optional<std::string> host_of(std::string_view url, std::string_view scheme) {
  if (!url.starts_with(scheme) || url.find_first_of("@?#") != std::string_view::npos) return std::nullopt;
  const auto place = url.substr(scheme.size(), url.find('/', scheme.size()) - scheme.size());
  const auto bracket = place.find(']');
  const auto port = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
  return std::string{place.substr(0, port)};
}

bool is_base_url(std::string_view url) {
  const auto encrypted = host_of(url, "https://");
  const auto plain = host_of(url, "http://");
  const bool may = encrypted ? !encrypted->empty() : plain && is_loopback_host(*plain);
  return may && url.size() <= 200 && !url.ends_with('/') &&
         std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 0x7f && c != '"' && c != '\\'; });
}

void parse_audiences(TomlSection& section, std::vector<std::string>& audiences) {
  const auto* list = section.array("sn_audiences");
  if (list == nullptr) return;
  for (const auto& item : *list) {
    const auto text = item.value_exact<std::string>();
    if (!text) return section.reject(item, "sn_audiences", "must be strings");
    audiences.push_back(*text);
  }
}

Result<std::optional<RegistrarConfig>> parse_registrar(TomlSection section) {
  RegistrarConfig registrar;
  section.require("url");
  section.text("url", registrar.url);
  if (section.ok() && !is_base_url(registrar.url)) {
    section.reject("url",
                   "must be https://HOST or https://HOST:PORT, without a slash at its end (http:// to loopback only)");
  }
  section.require("ca");
  section.path("ca", registrar.ca);
  section.require("escrow");
  section.text("escrow", registrar.escrow);
  if (section.ok() && registrar.escrow != "none" && !registrar.escrow.starts_with('/')) {
    section.reject("escrow", R"(must be an absolute path, or "none")");
  }
  section.path("tls_ca", registrar.tls_ca);
  parse_audiences(section, registrar.sn_audiences);
  SIGNET_TRY(section.finish());
  return std::optional{registrar};
}

void parse_rights(TomlSection& section, std::uint8_t& rights) {
  const auto* list = section.array("rights");
  if (list == nullptr) return;
  for (const auto& item : *list) {
    const auto text = item.value_exact<std::string>();
    const auto* right = std::find_if(std::begin(kRights), std::end(kRights), [&](Right r) { return text == name(r); });
    if (right == std::end(kRights)) {
      return section.reject(
          item, "rights",
          R"(must be strings out of "store", "keys", "counters", "evidence", "registration", "tickets", "admin")");
    }
    rights = static_cast<std::uint8_t>(rights | static_cast<std::uint8_t>(*right));
  }
}

Result<ClientRule> parse_client(TomlSection section) {
  ClientRule rule;
  section.require("user");
  section.text("user", rule.user);
  section.text("unit", rule.unit);
  section.text("selinux", rule.selinux);
  section.require("namespace");
  section.text("namespace", rule.grant.space);
  if (const auto allowed = check_namespace(rule.grant.space); section.ok() && !allowed) {
    section.reject("namespace", allowed.error().context);
  }
  section.require("rights");
  parse_rights(section, rule.grant.rights);
  auto& quota = rule.grant.quota;
  section.number("objects", quota.objects, 0, 65536);
  section.number("bytes", quota.bytes, 0, kMaxPartition);
  section.number("keys", quota.keys, 0, 65536);
  section.number("writes_per_day", quota.writes_per_day, 1, 100'000'000);
  SIGNET_TRY(section.finish());
  return rule;
}

// What one client's entry must not say beside another's.
Result<void> check_beside(const ClientRule& rule, const std::vector<ClientRule>& others, const std::string& file,
                          std::uint32_t line) {
  for (const auto& other : others) {
    if (other.user == rule.user && other.unit == rule.unit && other.selinux == rule.selinux) {
      return fail(config_error(
          file, line, fmt::format("client.user: a second entry for user '{}' with the same conditions", rule.user)));
    }
    if (other.grant.space == rule.grant.space && other.grant.quota != rule.grant.quota) {
      return fail(
          config_error(file, line,
                       fmt::format("client.namespace: '{}' has other quotas in the entry of user '{}'; entries of one "
                                   "namespace must agree",
                                   rule.grant.space, other.user)));
    }
  }
  return {};
}

Result<void> parse_clients(TomlSection& top, const std::string& file, std::vector<ClientRule>& clients) {
  const auto* list = top.array("client");
  if (list == nullptr) return {};
  for (const auto& item : *list) {
    const auto line = item.source().begin.line;
    if (!item.is_table()) return fail(config_error(file, line, "client: must be [[client]] tables"));
    SIGNET_ASSIGN(auto rule, parse_client({*item.as_table(), "client", file}));
    SIGNET_TRY(check_beside(rule, clients, file, line));
    clients.push_back(std::move(rule));
  }
  return {};
}

Result<StoreConfig> parse_store(TomlSection section) {
  StoreConfig store;
  section.number("cache", store.cache, 0, 64 * 1024 * 1024);
  SIGNET_TRY(section.finish());
  return store;
}

Result<void> check_whole(const Config& config, const std::string& file) {
  if (config.transport.transport == rpmb::TransportChoice::emulator && config.transport.emulator.file.empty()) {
    return fail(config_error(file, 1, "emulator.file: is required with chip.transport = \"emulator\""));
  }
  return {};
}

Result<std::vector<fs::path>> drop_ins(const std::string& path) {
  std::vector<fs::path> found;
  std::error_code none;
  const fs::path directory = fs::path{path}.replace_extension(".d");
  for (const auto& entry : fs::directory_iterator{directory, none}) {
    if (entry.path().extension() == ".toml") found.push_back(entry.path());
  }
  if (none && none != std::errc::no_such_file_or_directory) {
    return fail(Errc::config_invalid, fmt::format("{}: cannot be read: {}", directory.string(), none.message()));
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<void> add_drop_in(const fs::path& path, Config& config) {
  const auto file = path.string();
  SIGNET_ASSIGN(const auto text, read_file(path));
  SIGNET_ASSIGN(const auto table, parse_toml(text, file));
  TomlSection top{table, "", file};
  SIGNET_TRY(parse_clients(top, file, config.clients));
  return top.finish();
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& file) {
  SIGNET_ASSIGN(const auto table, parse_toml(text, file));
  Config config;
  TomlSection top{table, "", file};
  SIGNET_TRY(read_section(top, table, "chip", file, config.transport, parse_chip));
  SIGNET_TRY(read_section(top, table, "emulator", file, config.transport.emulator, parse_emulator));
  SIGNET_TRY(read_section(top, table, "root", file, config.root, parse_root));
  SIGNET_TRY(read_section(top, table, "wear", file, config.wear, parse_wear));
  SIGNET_TRY(read_section(top, table, "store", file, config.store, parse_store));
  SIGNET_TRY(read_section(top, table, "registrar", file, config.registrar, parse_registrar));
  SIGNET_TRY(parse_clients(top, file, config.clients));
  SIGNET_TRY(top.finish());
  SIGNET_TRY(check_whole(config, file));
  return config;
}

Result<Config> load_config(const std::string& path) {
  SIGNET_ASSIGN(const auto text, read_file(path));
  SIGNET_ASSIGN(auto config, parse_config(text, path));
  SIGNET_ASSIGN(const auto more, drop_ins(path));
  for (const auto& file : more) SIGNET_TRY(add_drop_in(file, config));
  return config;
}

}  // namespace signet::rpmbd
