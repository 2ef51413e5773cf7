#include <functional>

#include "base/error.h"
#include "base/hex.h"
#include "command_line.h"
#include "crypto/ecdsa.h"
#include "rpmb/frame.h"
#include "signetctl/pem.h"

namespace signet::ctl {
namespace {

using ::testing::Test;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

std::string read_file(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

TEST_F(CommandLine, WithoutArgumentsItShowsAnOverviewWithExamples) {
  EXPECT_EQ(run({}), 0);

  EXPECT_TRUE(contains(out_.str(), "Examples:"));
  EXPECT_TRUE(contains(out_.str(), "doctor"));
}

TEST_F(CommandLine, WithOptionsAloneACommandIsMissing) {
  EXPECT_EQ(run({"--timeout", "5"}), 2);

  EXPECT_EQ(err_.str(), "signetctl: a command is missing\nTry 'signetctl --help'.\n");
  EXPECT_EQ(run({"--json"}), 2);
  EXPECT_EQ(json().at("error").at("message"), "a command is missing");
}

TEST_F(CommandLine, AnUnknownCommandIsNamedInFull) {
  EXPECT_EQ(run({"nope"}), 2);
  EXPECT_EQ(err_.str(), "signetctl: there is no command 'signetctl nope'\nTry 'signetctl --help'.\n");

  EXPECT_EQ(run({"fmdn", "nope", "bag"}), 2);
  EXPECT_EQ(err_.str(), "signetctl: there is no command 'signetctl fmdn nope'\nTry 'signetctl fmdn --help'.\n");
}

TEST_F(CommandLine, AnArgumentTooManyIsNoCommand) {
  EXPECT_EQ(run({"status", "extra"}), 2);

  EXPECT_TRUE(contains(err_.str(), "The following argument was not expected: extra"));
}

TEST_F(CommandLine, AnUnknownOptionIsNamedAndEndsWith2) {
  EXPECT_EQ(run({"store", "ls", "--frobnicate"}), 2);

  EXPECT_TRUE(contains(err_.str(), "--frobnicate"));
  EXPECT_TRUE(contains(err_.str(), "Try 'signetctl store ls --help'."));
  EXPECT_EQ(out_.str(), "");
}

TEST_F(CommandLine, AMissingArgumentIsNamedAndEndsWith2) {
  EXPECT_EQ(run({"store", "put"}), 2);

  EXPECT_TRUE(contains(err_.str(), "NAME"));
}

TEST_F(CommandLine, AValueThatIsWrongIsToldTheRuleInOneClause) {
  const struct {
    std::vector<std::string> arguments;
    std::string_view text;
  } wrong[] = {
      {{"verify", "k", "--signature", "x", "--format", "bad"}, "--format: 'bad' is not one of raw, der, base64"},
      {{"sign", "k", "--format", "1"}, "--format: '1' is not one of raw, der, base64"},
      {{"fmdn", "ring", "bag", "--volume", "loud"}, "--volume: 'loud' is not one of default, low, medium, high"},
      {{"fmdn", "ring", "bag", "--volume", "2"}, "--volume: '2' is not one of default, low, medium, high"},
      {{"fmdn", "ring", "bag", "--components", "left,up"}, "--components: 'up' is not one of all, right, left, case"},
      {{"fmdn", "ring", "bag", "--seconds", "700"}, "--seconds: must be a number from 0.1 to 600, not '700'"},
      {{"fmdn", "ring", "bag", "--seconds", "nan"}, "--seconds: must be a number from 0.1 to 600, not 'nan'"},
      {{"fmdn", "eid", "--curve", "1"}, "--curve: '1' is not one of secp160r1, secp256r1"},
      {{"fmdn", "eid", "--count", "1x"}, "--count: must be a whole number from 1 to 100000, not '1x'"},
      {{"fmdn", "eid", "--clock", "-1"}, "--clock: must be a whole number from 0 to 4294967295, not '-1'"},
      {{"fmdn", "frame", "--battery", "3"}, "--battery: '3' is not one of unsupported, normal, low, critical"},
      {{"fmdn", "seal", "00", "--profile", "0"}, "--profile: '0' is not one of spec80, deployed64"},
      {{"key", "public", "k", "--format", "raw"}, "--format: 'raw' is not one of pem, der"},
      {{"registrar", "audit", "--limit", "abc"},
       "--limit: must be a whole number from 1 to 9223372036854775807, not 'abc'"},
      {{"registrar", "crl", "soft"}, "KIND: 'soft' is not one of hardware, emulated"},
      {{"chip", "format", "--cid", "00", "--region", "1XB"},
       "--region: must be a number of octets such as 512KiB, at most 16 MiB, not '1XB'"},
      {{"chip", "format", "--cid", "00", "--region", "1TiB"},
       "--region: must be a number of octets such as 512KiB, at most 16 MiB, not '1TiB'"},
      {{"status", "--timeout", "never"}, "--timeout: must be a number from 0.001 to 86400, not 'never'"}};
  for (const auto& [arguments, text] : wrong) {
    EXPECT_EQ(run(arguments), 2);
    EXPECT_EQ(err_.str().substr(0, err_.str().find('\n')), "signetctl: " + std::string{text});
  }
}

TEST_F(CommandLine, AValueAtTheEdgeOfItsRangeIsTaken) {
  for (const char* region : {"128KiB", "131072", "16M", "16mib"}) {
    EXPECT_EQ(run({"chip", "format", "--cid", "00", "--yes", "--region", region}), static_cast<int>(Errc::no_service));
  }
  for (const char* timeout : {"0.001", "86400"}) {
    EXPECT_EQ(run({"--timeout", timeout, "status"}), static_cast<int>(Errc::no_service));
  }
}

TEST_F(CommandLine, AGroupAloneIsWrongUsage) { EXPECT_EQ(run({"store"}), 2); }

TEST_F(CommandLine, ProvisionNamesTheOptionThatIsMissing) {
  EXPECT_EQ(run({"chip", "provision"}), 2);
  EXPECT_TRUE(contains(err_.str(), "--cid is required"));

  EXPECT_EQ(run({"chip", "provision", "--cid", "00"}), 2);
  EXPECT_TRUE(contains(err_.str(), "--root-backup is required"));
}

TEST_F(CommandLine, VerifyWantsExactlyOneKey) {
  EXPECT_EQ(run({"verify", "--signature", "x"}), 2);
  EXPECT_EQ(run({"verify", "key", "--public-key", "x", "--signature", "x"}), 2);
}

TEST_F(CommandLine, WithoutABusTheExitStatusIsThatOfNoService) {
  EXPECT_EQ(run({"status"}), static_cast<int>(Errc::no_service));

  EXPECT_TRUE(contains(err_.str(), "signetctl: no_service: the system bus cannot be reached"));
}

TEST_F(CommandLine, AnErrorInJsonHasCodeNameCategoryAndMessage) {
  EXPECT_EQ(run({"store", "ls", "--json"}), static_cast<int>(Errc::no_service));

  const auto value = json();
  const auto& error = value.at("error").as_object();
  EXPECT_EQ(error.at("code"), 16);
  EXPECT_EQ(error.at("name"), "no_service");
  EXPECT_EQ(error.at("category"), "fix_configuration");
  EXPECT_FALSE(error.at("message").as_string().empty());
  EXPECT_EQ(err_.str(), "");
}

TEST_F(CommandLine, WrongUsageIsJsonWhereverJsonIsAskedFor) {
  const std::vector<std::vector<std::string>> wrong{{"--json", "store", "ls", "--frobnicate"},
                                                    {"frobnicate", "--json"},
                                                    {"store", "put", "--json"},
                                                    {"--timeout", "never", "status", "--json"},
                                                    {"--json", "chip", "provision"},
                                                    {"verify", "--json", "--signature", "x"}};
  for (const auto& arguments : wrong) {
    EXPECT_EQ(run(arguments), 2);

    const auto value = json();
    const auto& error = value.at("error").as_object();
    EXPECT_EQ(error.at("code"), 2);
    EXPECT_EQ(error.at("name"), "usage");
    EXPECT_EQ(error.at("category"), "fix_request");
    EXPECT_FALSE(error.at("message").as_string().empty());
    EXPECT_EQ(err_.str(), "");
  }
}

TEST_F(CommandLine, FormatAsksAndTakesOnlyAYes) {
  EXPECT_EQ(run({"chip", "format", "--cid", "00"}), static_cast<int>(Errc::invalid_argument));
  EXPECT_TRUE(contains(err_.str(), "--yes"));

  terminal_ = true;
  in_.str("y\n");
  EXPECT_EQ(run({"chip", "format", "--cid", "00"}), static_cast<int>(Errc::cancelled));
  EXPECT_TRUE(contains(err_.str(), "lost for good"));
}

TEST_F(CommandLine, AMissingInputFileIsNamed) {
  EXPECT_EQ(run({"store", "put", "x", "--file", "/nonexistent/value"}), static_cast<int>(Errc::not_found));

  EXPECT_TRUE(contains(err_.str(), "/nonexistent/value"));
}

TEST_F(CommandLine, DecodeFrameShowsTheFieldsAndChecksTheMac) {
  const std::array<std::uint8_t, rpmb::kKeySize> key{1, 2, 3};
  rpmb::Block block{};
  auto frames = rpmb::write_request(7, 9, std::span{&block, 1});
  rpmb::authenticate(crypto::HmacKey{key}, frames);
  const auto key_file = file("key", to_hex(key) + "\n");
  in_.str(to_hex(frames[0]));

  EXPECT_EQ(run({"chip", "decode-frame", "--json", "--key", key_file}), 0);

  const auto value = json();
  const auto& frame = value.at("frames").at(0);
  EXPECT_EQ(frame.at("type"), 3);
  EXPECT_EQ(frame.at("type_name"), "authenticated data write, request");
  EXPECT_EQ(frame.at("write_counter"), 7);
  EXPECT_EQ(frame.at("address"), 9);
  EXPECT_EQ(value.at("mac_valid"), true);
}

TEST_F(CommandLine, DecodeFrameWithTheWrongKeyEndsAsABadSignature) {
  const auto key_file = file("key", std::string(32, 'k'));
  const auto frames = file("frames", std::string(512, '\x01'));

  EXPECT_EQ(run({"chip", "decode-frame", "--key", key_file, "--file", frames}), static_cast<int>(Errc::bad_signature));

  EXPECT_TRUE(contains(out_.str(), "NOT valid"));
}

TEST_F(CommandLine, VerifyWorksOfflineWithAPublicKey) {
  const auto key = crypto::P256PrivateKey::generate();
  const auto signature = key.sign(as_bytes("letter"));
  const auto public_key = file("key.pem", to_pem("PUBLIC KEY", key.public_der()));
  const auto letter = file("letter", "letter");
  const auto other = file("other", "lettre");
  const auto raw = file("raw", as_text(signature));

  EXPECT_EQ(run({"verify", "--public-key", public_key, "--signature", raw, "--file", letter}), 0);
  EXPECT_EQ(out_.str(), "valid\n");
  EXPECT_EQ(run({"verify", "--public-key", public_key, "--signature", raw, "--file", other, "--json"}), 7);
  EXPECT_EQ(json().at("valid"), false);
}

TEST_F(CommandLine, SelftestRunsAFileOfVectorsAndCounts) {
  EXPECT_EQ(run({"selftest", "--vectors", SIGNET_SOURCE_DIR "/tests/vectors/rpmb.json"}), 0);

  EXPECT_TRUE(contains(out_.str(), " passed, 0 failed\n"));
}

TEST_F(CommandLine, SelftestRunsVectorsOfFastPair) {
  EXPECT_EQ(run({"selftest", "--vectors", SIGNET_SOURCE_DIR "/tests/vectors/fastpair.json"}), 0);

  EXPECT_EQ(out_.str(), "70 passed, 0 failed\n");
}

TEST_F(CommandLine, SelftestRunsVectorsOfDult) {
  EXPECT_EQ(run({"selftest", "--vectors", SIGNET_SOURCE_DIR "/tests/vectors/dult.json"}), 0);

  EXPECT_EQ(out_.str(), "52 passed, 0 failed\n");
}

TEST_F(CommandLine, SelftestFailsWhenOneExpectedValueDiffers) {
  std::string vectors = read_file(SIGNET_SOURCE_DIR "/tests/vectors/rpmb.json");
  const auto counter = vectors.find("\"write_counter\": 837390523");
  ASSERT_NE(counter, std::string::npos);
  vectors.replace(counter, 26, "\"write_counter\": 837390524");

  EXPECT_EQ(run({"selftest", "--json", "--vectors", file("vectors.json", vectors)}), 1);

  const auto value = json();
  EXPECT_GE(value.at("failed").as_int64(), 1);
  EXPECT_FALSE(value.at("checks").at(0).at("reason").as_string().empty());
}

TEST_F(CommandLine, SelftestNamesADaemonThatCannotBeReached) {
  EXPECT_EQ(run({"selftest"}), 1);

  EXPECT_TRUE(contains(out_.str(), "FAIL  daemon: "));
  EXPECT_TRUE(contains(out_.str(), "8 passed, 1 failed\n"));
}

TEST_F(CommandLine, DoctorWithoutABusFailsAndSaysWhatToDo) {
  EXPECT_EQ(run({"doctor", "--json"}), 1);

  const auto value = json();
  const auto& bus = value.at("checks").at(0);
  EXPECT_EQ(bus.at("check"), "bus");
  EXPECT_EQ(bus.at("level"), "fail");
  EXPECT_TRUE(contains(std::string{bus.at("remedy").as_string()}, "systemctl start dbus"));
}

TEST_F(CommandLine, CompletionPrintsTheScriptThatIsInstalled) {
  EXPECT_EQ(run({"completion", "bash"}), 0);

  EXPECT_EQ(out_.str(), read_file(SIGNET_SOURCE_DIR "/clients/signetctl/completion/signetctl.bash"));
}

// Calls `visit` with the words that lead to every command, and the command.
void for_each_command(const CLI::App& app, const std::string& words,
                      const std::function<void(const std::string&, const CLI::App&)>& visit) {
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string path = words.empty() ? command->get_name() : words + " " + command->get_name();
    visit(path, *command);
    for_each_command(*command, path, visit);
  }
}

TEST_F(CommandLine, EveryCommandAndOptionIsInTheManualAndInTheCompletion) {
  Session session{{.in = in_, .out = out_, .err = err_}};
  const auto parser = make_parser(session);
  const std::string manual = read_file(SIGNET_SOURCE_DIR "/clients/signetctl/signetctl.1");
  const std::string completion = read_file(SIGNET_SOURCE_DIR "/clients/signetctl/completion/signetctl.bash");
  int commands = 0;

  for_each_command(*parser, "", [&](const std::string& path, const CLI::App& command) {
    ++commands;
    EXPECT_TRUE(contains(manual, "Ic " + path)) << path << " is not in signetctl(1)";
    EXPECT_TRUE(contains(completion, command.get_name())) << path << " is not completed";
    for (const CLI::Option* option : command.get_options()) {
      for (const auto& name : option->get_lnames()) {
        if (name == "help") continue;
        EXPECT_TRUE(contains(manual, "Fl -" + name)) << path << " --" << name << " is not in signetctl(1)";
        EXPECT_TRUE(contains(completion, "--" + name)) << path << " --" << name << " is not completed";
      }
    }
  });
  EXPECT_GT(commands, 30);
}

TEST_F(CommandLine, EveryCommandWithOptionsHasExamplesOfItsOwn) {
  Session session{{.in = in_, .out = out_, .err = err_}};
  const auto parser = make_parser(session);

  for_each_command(*parser, "", [&](const std::string& path, const CLI::App& command) {
    const bool group = !command.get_subcommands([](const CLI::App*) { return true; }).empty();
    const bool trivial = command.get_options().size() <= 2 || path.starts_with("registrar ");  // --help and a name
    if (group || trivial) return;
    EXPECT_TRUE(contains(command.get_footer(), "Examples:\n  ")) << path;
    EXPECT_TRUE(contains(command.get_footer(), "signetctl " + path)) << path;
  });
}

TEST_F(CommandLine, HelpNamesWhatAPositionalIsOnce) {
  EXPECT_EQ(run({"registrar", "sn-ticket", "--help"}), 0);
  EXPECT_TRUE(contains(out_.str(), "Usage: signetctl registrar sn-ticket [OPTIONS] SN...\n"));

  EXPECT_EQ(run({"fmdn", "ring", "--help"}), 0);
  EXPECT_FALSE(contains(out_.str(), "TEXT"));
  EXPECT_TRUE(contains(out_.str(), "--address ADDRESS"));
}

TEST_F(CommandLine, AnOptionByItsOldNameIsTakenAndNotShown) {
  for (const char* name : {"-f", "--file", "-o", "--output"}) {
    EXPECT_EQ(run({"store", "get", "x", name, "copy"}), static_cast<int>(Errc::no_service)) << name;
    EXPECT_EQ(run({"key", "public", "x", name, "copy"}), static_cast<int>(Errc::no_service)) << name;
  }

  EXPECT_EQ(run({"store", "get", "--help"}), 0);
  EXPECT_TRUE(contains(out_.str(), "-o,--output FILE"));
  EXPECT_FALSE(contains(out_.str(), "--file"));
}

TEST_F(CommandLine, EveryExitStatusIsInTheManual) {
  const std::string manual = read_file(SIGNET_SOURCE_DIR "/clients/signetctl/signetctl.1");

  for (int number = 3; number < 100; ++number) {
    if (const auto code = from_code(number)) {
      EXPECT_TRUE(contains(manual, ".It " + std::to_string(number) + " " + std::string{name(*code)} + "\n")) << number;
    }
  }
}

}  // namespace
}  // namespace signet::ctl
