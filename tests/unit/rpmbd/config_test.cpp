#include "rpmbd/config.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/random_octets.h"

namespace signet::rpmbd {
namespace {

std::string error_of(const std::string& text) {
  const auto config = parse_config(text, "f.toml");
  if (config) return "no error";
  EXPECT_EQ(config.error().code, Errc::config_invalid);
  return config.error().context;
}

TEST(Config, IsTheDefaultsWhenTheFileIsEmpty) {
  const auto config = parse_config("", "f.toml");

  ASSERT_TRUE(config);
  EXPECT_EQ(config->transport.transport, rpmb::TransportChoice::automatic);
  EXPECT_EQ(config->root.file, "/etc/signet/root-secret");
  EXPECT_FALSE(config->root.survives_reflash);
  EXPECT_EQ(config->wear.budget, 100'000U);
  EXPECT_EQ(config->wear.writes_per_day, std::nullopt);
  EXPECT_TRUE(config->clients.empty());
}

TEST(Config, TakesEveryKey) {
  const auto config = parse_config(R"(
[chip]
transport = "mmc"
node = "/dev/mmcblk2rpmb"
cid = "000102030405060708090a0b0c0d0e0F"
size = 4194304
[emulator]
file = "/var/lib/chip"
size = 131072
write_frames = 32
faults = "/run/faults"
[root]
file = "/persist/root"
survives_reflash = true
[store]
cache = 0
[wear]
budget = 5000
writes_per_day = 1000
[[client]]
user = "alice"
unit = "shop.service"
selinux = "u:r:shop:s0"
namespace = "shop"
rights = ["store", "keys", "counters", "evidence", "admin"]
objects = 1
bytes = 2
keys = 3
writes_per_day = 4
)",
                                   "f.toml");

  ASSERT_TRUE(config) << config.error().context;
  EXPECT_EQ(config->transport.transport, rpmb::TransportChoice::mmc);
  EXPECT_EQ(config->transport.chip.node, "/dev/mmcblk2rpmb");
  EXPECT_EQ((*config->transport.chip.cid)[15], 0x0f);
  EXPECT_EQ(config->transport.chip.size, 4194304U);
  EXPECT_EQ(config->transport.emulator.file, "/var/lib/chip");
  EXPECT_EQ(config->transport.emulator.write_frames, 32);
  EXPECT_EQ(config->transport.emulator.faults, "/run/faults");
  EXPECT_EQ(config->root.file, "/persist/root");
  EXPECT_TRUE(config->root.survives_reflash);
  EXPECT_EQ(config->store.cache, 0U);
  EXPECT_EQ(config->wear.budget, 5000U);
  EXPECT_EQ(config->wear.writes_per_day, 1000U);
  ASSERT_EQ(config->clients.size(), 1U);
  const auto& client = config->clients.front();
  EXPECT_EQ(client.user, "alice");
  EXPECT_EQ(client.unit, "shop.service");
  EXPECT_EQ(client.selinux, "u:r:shop:s0");
  EXPECT_EQ(client.grant.space, "shop");
  EXPECT_EQ(client.grant.rights, 31);
  EXPECT_EQ(client.grant.quota, (Quota{1, 2, 3, 4}));
}

TEST(Config, AnErrorNamesFileLineKeyAndRule) {
  EXPECT_EQ(error_of("[chip]\ntransport = \"nvme\"\n"),
            R"(f.toml:2: chip.transport: must be "auto", "mmc", "ufs" or "emulator")");
  EXPECT_EQ(error_of("\n\n[wear]\nbudget = \"many\"\n"), "f.toml:4: wear.budget: must be an integer, not a string");
  EXPECT_EQ(error_of("[store]\ncache = -1\n"), "f.toml:2: store.cache: must be from 0 to 67108864, not -1");
  EXPECT_EQ(error_of("[chip]\nnod = \"/dev/x\"\n"), "f.toml:2: chip.nod: unknown key");
  EXPECT_EQ(error_of("[chips]\n"), "f.toml:1: chips: unknown key");
}

TEST(Config, RefusesWhatDoesNotKeepTheRules) {
  const std::pair<const char*, const char*> cases[] = {
      {"chip = 1", "chip: must be a table"},
      {"[chip]\nnode = \"dev/x\"", "must be an absolute path"},
      {"[chip]\nnode = \"\"", "must not be empty"},
      {"[chip]\ncid = \"0011\"", "32 hexadecimal digits"},
      {"[chip]\ncid = \"zz0102030405060708090a0b0c0d0e0f\"", "32 hexadecimal digits"},
      {"[chip]\nsize = 131073", "multiple of 131072"},
      {"[chip]\nsize = 1", "must be from 131072"},
      {"[chip]\nsize = 1.5", "not a floating-point number"},
      {"[chip]\ntransport = \"emulator\"", "emulator.file: is required"},
      {"[emulator]\nwrite_frames = 3", "must be 1, 2 or 32"},
      {"[root]\nsurvives_reflash = \"yes\"", "must be true or false"},
      {"[wear]\nbudget = 0", "must be from 1"},
      {"[wear]\nwrites_per_day = 0", "must be from 1"},
      {"client = \"alice\"", "client: must be an array"},
      {"client = [1]", "must be [[client]] tables"},
      {"[[client]]\nnamespace = \"a\"\nrights = []", "client.user: is required"},
      {"[[client]]\nuser = \"a\"\nrights = []", "client.namespace: is required"},
      {"[[client]]\nuser = \"a\"\nnamespace = \"a\"", "client.rights: is required"},
      {"[[client]]\nuser = \"a\"\nnamespace = \"a/b\"\nrights = []", "client.namespace: namespace name"},
      {"[[client]]\nuser = \"a\"\nnamespace = \"a\"\nrights = [\"root\"]", "client.rights: must be strings out of"},
      {"[[client]]\nuser = \"a\"\nnamespace = \"a\"\nrights = \"store\"", "client.rights: must be an array"},
      {"[[client]]\nuser = \"a\"\nnamespace = \"a\"\nrights = [1]", "client.rights: must be strings out of"},
      {"[[client]]\nuser = \"a\"\nnamespace = \"a\"\nrights = []\nquota = 1", "client.quota: unknown key"},
      {"[[client]]\nuser = \"a\\u0000b\"\nnamespace = \"a\"\nrights = []", "zero octet"},
      {"[chip]\n[chip]\n", "f.toml:2"},
      {"[chip", "f.toml:1"},
      {"[chip]\n[cli\xd2\x92]", "f.toml:2: octet 0xd2 is not ASCII"},  // undefined behaviour in toml++
      {"a = ", "f.toml:1"},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_NE(error_of(text).find(expected), std::string::npos) << text << "\n" << error_of(text);
}

std::string with_registrar(const std::string& url) {
  return "[registrar]\nurl = \"" + url + "\"\nca = \"/etc/ca.pem\"\nescrow = \"none\"\n";
}

TEST(Config, TakesARegistrarWithoutTlsOnThisMachineOnly) {
  for (const char* url : {"https://registrar.example", "https://registrar.example:8443/signet", "http://localhost:8080",
                          "http://[::1]:8443", "http://127.0.0.2", "http://127.0.0.1:80/x"}) {
    EXPECT_EQ(error_of(with_registrar(url)), "no error") << url;
  }
  for (const char* url :
       {"http://localhost.evil.example", "http://127.0.0.1.evil.example/x", "http://registrar.example",
        "http://localhost@evil.example", "http://127.0.0.1:80@evil.example", "http://[::1]x", "http://", "https://",
        "https://a:b@registrar.example", "https://registrar.example?a=b"}) {
    EXPECT_NE(error_of(with_registrar(url)).find("registrar.url: must be https://HOST"), std::string::npos) << url;
  }
}

TEST(Config, RefusesASecondEntryOfOneUserWithTheSameConditions) {
  const std::string alice = "[[client]]\nuser = \"alice\"\nrights = []\nnamespace = ";

  EXPECT_NE(
      error_of(alice + "\"a\"\n" + alice + "\"b\"\n").find("f.toml:5: client.user: a second entry for user 'alice'"),
      std::string::npos);
  EXPECT_EQ(error_of(alice + "\"a\"\n" + alice + "\"b\"\nunit = \"x.service\"\n"), "no error");
}

TEST(Config, RefusesEntriesOfOneNamespaceThatDisagreeOnItsQuotas) {
  const auto text =
      "[[client]]\nuser = \"alice\"\nnamespace = \"s\"\nrights = []\nkeys = 1\n"
      "[[client]]\nuser = \"bob\"\nnamespace = \"s\"\nrights = []\nkeys = 2\n";

  EXPECT_NE(error_of(text).find("client.namespace: 's' has other quotas in the entry of user 'alice'"),
            std::string::npos);
}

TEST(Config, ATableHeaderWithoutANameIsRefusedByLine) {
  for (const char* header : {"[(]", "[[ $a]]", "[[[a]]", "[", " [\x01]"}) {
    const auto config = parse_config(std::string{"# first\n"} + header + "\n", "f.toml");

    ASSERT_FALSE(config) << header;
    EXPECT_EQ(config.error().context.rfind("f.toml:2", 0), 0U) << config.error().context;
  }
}

// Ten thousand texts of random octets, and ten thousand damaged copies of a valid one: an error each time, never a
// crash.
TEST(Config, SurvivesRandomOctets) {
  RandomOctets random{1};
  const std::string valid =
      "[chip]\ntransport = \"mmc\"\n[[client]]\nuser = \"a\"\nnamespace = \"a\"\nrights = [\"store\"]\n";
  int refused = 0;
  for (int round = 0; round < kRandomStrings; ++round) {
    for (const auto& text : {random.text(64), random.damaged(valid)}) {
      const auto config = parse_config(text, "f.toml");
      if (!config) {
        ++refused;
        ASSERT_EQ(config.error().code, Errc::config_invalid);
        ASSERT_EQ(config.error().context.rfind("f.toml:", 0), 0U);
      }
    }
  }
  EXPECT_GT(refused, 10'000);
}

TEST(Config, SurvivesDeepNesting) {
  EXPECT_NE(error_of("a = " + std::string(100'000, '[')).find("f.toml:1"), std::string::npos);
}

class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-config-XXXXXX").string();
    directory_ = ::mkdtemp(pattern.data());
    std::filesystem::create_directory(directory_ / "rpmbd.d");
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }
  void write(const std::string& name, const std::string& text) const { std::ofstream{directory_ / name} << text; }
  [[nodiscard]] Result<Config> load() const { return load_config((directory_ / "rpmbd.toml").string()); }

  std::filesystem::path directory_;
};

TEST_F(ConfigFiles, DropInsAddClientsInTheOrderOfTheirNames) {
  write("rpmbd.toml", "[[client]]\nuser = \"first\"\nnamespace = \"a\"\nrights = []\n");
  write("rpmbd.d/20.toml", "[[client]]\nuser = \"third\"\nnamespace = \"c\"\nrights = []\n");
  write("rpmbd.d/10.toml", "[[client]]\nuser = \"second\"\nnamespace = \"b\"\nrights = []\n");
  write("rpmbd.d/README", "not read");

  const auto config = load();

  ASSERT_TRUE(config) << config.error().context;
  ASSERT_EQ(config->clients.size(), 3U);
  EXPECT_EQ(config->clients[1].user, "second");
  EXPECT_EQ(config->clients[2].user, "third");
}

TEST_F(ConfigFiles, ADropInMayHoldClientsOnly) {
  write("rpmbd.toml", "");
  write("rpmbd.d/10.toml", "[chip]\ntransport = \"emulator\"\n");

  const auto config = load();

  ASSERT_FALSE(config);
  EXPECT_NE(config.error().context.find("10.toml:1: chip: unknown key"), std::string::npos) << config.error().context;
}

TEST_F(ConfigFiles, ADropInCannotRepeatAnEntryOfTheMainFile) {
  const auto* entry = "[[client]]\nuser = \"alice\"\nnamespace = \"a\"\nrights = []\n";
  write("rpmbd.toml", entry);
  write("rpmbd.d/10.toml", entry);

  const auto config = load();

  ASSERT_FALSE(config);
  EXPECT_NE(config.error().context.find("10.toml:1: client.user: a second entry"), std::string::npos);
}

TEST_F(ConfigFiles, TheFileThatIsShippedIsValid) {
  const auto config = load_config(SIGNET_SOURCE_DIR "/systemd/rpmbd.toml");

  ASSERT_TRUE(config) << config.error().context;
  EXPECT_EQ(config->transport.transport, rpmb::TransportChoice::automatic);
  EXPECT_TRUE(config->clients.empty());
}

TEST_F(ConfigFiles, AMissingFileIsNamed) {
  const auto config = load();

  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, Errc::config_invalid);
  EXPECT_NE(config.error().context.find("rpmbd.toml: cannot be read"), std::string::npos);
}

}  // namespace
}  // namespace signet::rpmbd
