#include "activationd/config.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::activationd {
namespace {

using activation::Reason;

const std::string kUrl = "[registrar]\nurl = \"https://registrar.example\"\n";

std::string error_of(const std::string& text) {
  const auto config = parse_config(text, "f.toml");
  if (config) return "no error";
  EXPECT_EQ(config.error().code, Errc::config_invalid);
  return config.error().context;
}

TEST(ActivationdConfig, NeedsTheUrlAndNothingElse) {
  const auto config = parse_config(kUrl, "f.toml");

  ASSERT_TRUE(config) << config.error().context;
  EXPECT_EQ(config->registrar.base_url, "https://registrar.example");
  EXPECT_EQ(config->listen.port, 8443);
  EXPECT_FALSE(config->listen.plain);
  EXPECT_EQ(config->limits.head, 16U * 1024);
  EXPECT_EQ(config->limits.body, 64U * 1024);
  EXPECT_FALSE(config->registrar.policy.allow_emulated);
  EXPECT_EQ(config->registrar.policy.blocking.size(), 4U);
  EXPECT_EQ(error_of(""), "f.toml:1: registrar: is required");
  EXPECT_EQ(error_of("[registrar]\n"), "f.toml:1: registrar.url: is required");
}

TEST(ActivationdConfig, TakesEveryKey) {
  const auto config = parse_config(R"(
[registrar]
url = "https://r.example:8443/signet"
organization = "Example"
sn_ticket_seconds = 60
reservation_days = 1
nonce_seconds = 61
certificate_days = 2
crl_hours = 3
[listen]
address = "127.0.0.1"
port = 80
plain = true
certificate = "/c"
key = "/k"
address_field = "X-Forwarded-For"
threads = 8
[limits]
connections = 1
connections_per_address = 2
handshake_seconds = 3
idle_seconds = 4
head_seconds = 5
body_seconds = 6
write_seconds = 7
stop_seconds = 8
[rates]
address_per_second = 0
address_burst = 1
credential_per_second = 2
credential_burst = 3
[policy]
allow_emulated = true
blocking = ["counter_backwards"]
[master]
file = "/m"
)",
                                   "f.toml");

  ASSERT_TRUE(config) << config.error().context;
  EXPECT_EQ(config->registrar.base_url, "https://r.example:8443/signet");
  EXPECT_EQ(config->registrar.organization, "Example");
  EXPECT_EQ(config->registrar.sn_ticket_life, std::chrono::seconds{60});
  EXPECT_EQ(config->registrar.reservation_life, std::chrono::hours{24});
  EXPECT_EQ(config->registrar.nonce_life, std::chrono::seconds{61});
  EXPECT_EQ(config->registrar.certificate_life, std::chrono::hours{48});
  EXPECT_EQ(config->registrar.revocation_list_life, std::chrono::hours{3});
  EXPECT_EQ(config->listen.address, "127.0.0.1");
  EXPECT_EQ(config->listen.port, 80);
  EXPECT_TRUE(config->listen.plain);
  EXPECT_EQ(config->listen.certificate, "/c");
  EXPECT_EQ(config->listen.key, "/k");
  EXPECT_EQ(config->listen.address_field, "X-Forwarded-For");
  EXPECT_EQ(config->listen.threads, 8U);
  EXPECT_EQ(config->limits.connections, 1U);
  EXPECT_EQ(config->limits.connections_per_address, 2U);
  EXPECT_EQ(config->limits.handshake_time, std::chrono::seconds{3});
  EXPECT_EQ(config->limits.idle_time, std::chrono::seconds{4});
  EXPECT_EQ(config->limits.head_time, std::chrono::seconds{5});
  EXPECT_EQ(config->limits.body_time, std::chrono::seconds{6});
  EXPECT_EQ(config->limits.write_time, std::chrono::seconds{7});
  EXPECT_EQ(config->limits.stop_time, std::chrono::seconds{8});
  EXPECT_EQ(config->rates.address.per_second, 0);
  EXPECT_EQ(config->rates.address.burst, 1);
  EXPECT_EQ(config->rates.credential.per_second, 2);
  EXPECT_EQ(config->rates.credential.burst, 3);
  EXPECT_TRUE(config->registrar.policy.allow_emulated);
  EXPECT_EQ(config->registrar.policy.blocking, std::set<Reason>{Reason::counter_backwards});
  EXPECT_EQ(config->master_file, "/m");
}

TEST(ActivationdConfig, RefusesWhatDoesNotKeepTheRules) {
  const std::pair<std::string, const char*> cases[] = {
      {"[registrar]\nurl = \"ftp://r\"", "f.toml:2: registrar.url: must be an https URL"},
      {"[registrar]\nurl = \"https://r/\"", "without a / at the end"},
      {"[registrar]\nurl = \"https://r x\"", "must be an https URL"},
      {"[registrar]\nurl = \"https://" + std::string(300, 'x') + "\"", "at most 256 octets"},
      {kUrl + "organization = \"" + std::string(65, 'x') + "\"", "registrar.organization: must have at most 64"},
      {kUrl + "sn_ticket_seconds = 0", "registrar.sn_ticket_seconds: must be from 10"},
      {kUrl + "[listen]\naddress = \"localhost\"", "f.toml:4: listen.address: must be an IPv4 or IPv6 address"},
      {kUrl + "[listen]\nport = 65536", "listen.port: must be from 0 to 65535"},
      {kUrl + "[listen]\nkey = \"k\"", "listen.key: must be an absolute path"},
      {kUrl + "[listen]\naddress_field = \"X-Real-IP\"", "listen.address_field: only with plain = true"},
      {kUrl + "[listen]\nthreads = 0", "listen.threads: must be from 1"},
      {kUrl + "[listen]\nbody = 1", "listen.body: unknown key"},
      {kUrl + "[limits]\nconnections = 0", "limits.connections: must be from 1"},
      {kUrl + "[limits]\nhead_seconds = 0", "limits.head_seconds: must be from 1"},
      {kUrl + "[rates]\naddress_burst = 0", "rates.address_burst: must be from 1"},
      {kUrl + "[policy]\nblocking = [\"everything\"]", "policy.blocking: must be strings out of"},
      {kUrl + "[policy]\nblocking = [\"emulated_chip\"]", "policy.blocking: must be strings out of"},
      {kUrl + "[policy]\nblocking = [1]", "policy.blocking: must be strings out of"},
      {kUrl + "[master]\n", "master.file: is required"},
      {kUrl + "[master]\nfile = \"m\"", "master.file: must be an absolute path"},
      {"listen = 1\n" + kUrl, "listen: must be a table"},
      {kUrl + "[mongo]\n", "mongo: unknown key"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_NE(error_of(text).find(expected), std::string::npos) << text << "\n" << error_of(text);
}

TEST(ActivationdConfig, TheFileThatIsShippedIsValid) {
  const auto config = load_config(SIGNET_SOURCE_DIR "/systemd/activationd.toml");

  ASSERT_TRUE(config) << config.error().context;
}

TEST(ActivationdConfig, SurvivesRandomOctets) {
  RandomOctets random{5};
  const std::string valid = kUrl + "[listen]\nport = 1\n[policy]\nblocking = [\"counter_backwards\"]\n";
  int refused = 0;
  for (int round = 0; round < kRandomStrings; ++round) {
    for (const auto& text : {random.text(64), random.damaged(valid)}) {
      const auto config = parse_config(text, "f.toml");
      if (config) continue;
      ++refused;
      ASSERT_EQ(config.error().code, Errc::config_invalid);
      ASSERT_EQ(config.error().context.rfind("f.toml:", 0), 0U);
    }
  }
  EXPECT_GT(refused, 10'000);
}

}  // namespace
}  // namespace signet::activationd
