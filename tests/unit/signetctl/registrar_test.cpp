// signetctl registrar against a server over TLS that writes down what it was asked.
#include "command_line.h"
#include "tests/abi/fake_registrar.h"

namespace signet::ctl {
namespace {

using Fault = testing::FakeRegistrar::Fault;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

class RegistrarCommands : public CommandLine {
 protected:
  RegistrarCommands() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "SIGNET_REGISTRAR"}) {
      ::unsetenv(name);
    }
  }

  int ask(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"registrar", "--url", server_.url(), "--ca", ca_file_, "--credential-file",
                                         file("credential", "op.0123456789\n")});
    return run(std::move(arguments));
  }
  std::string last() const { return server_.seen().empty() ? "" : server_.seen().back(); }

  testing::TestCa ca_;
  testing::FakeRegistrar server_{ca_.issue({})};
  std::string ca_file_ = file("ca.pem", ca_.pem());
};

TEST_F(RegistrarCommands, ListDevicesAsATable) {
  server_.set_answer(
      R"({"devices":[{"ueid":"AQ","sn":"SN1","chip":{"transport":"emmc"}},{"ueid":"Ag","blocked":true}]})");

  EXPECT_EQ(ask({"devices", "--model", "a b", "--sn", "S&N"}), 0) << err_.str();

  EXPECT_EQ(last(), "GET /v1/devices?model_id=a%20b&sn=S%26N");
  EXPECT_EQ(out_.str(), "UEID  SN   BLOCKED\nAQ    SN1\nAg         true\n");
  EXPECT_TRUE(contains(server_.last_head(), "Authorization: Bearer op.0123456789"));
}

TEST_F(RegistrarCommands, PrintTheAnswerAsItIsInJson) {
  server_.set_answer(R"({"ueid":"AQ","history":[1]})");

  EXPECT_EQ(ask({"device", "AQ/..", "--json"}), 0);

  EXPECT_EQ(last(), "GET /v1/devices/AQ%2F..");
  EXPECT_EQ(out_.str(), "{\"ueid\":\"AQ\",\"history\":[1]}\n");
}

TEST_F(RegistrarCommands, SendWhatIsAskedFor) {
  EXPECT_EQ(ask({"sn-ticket", "--model", "m", "SN1", "SN2"}), 0);
  EXPECT_EQ(last(), "POST /v1/sn-tickets");
  EXPECT_EQ(ask({"block", "AQ", "--reason", "stolen"}), 0);
  EXPECT_EQ(last(), "POST /v1/devices/AQ/block");
  EXPECT_EQ(ask({"unblock", "AQ"}), 0);
  EXPECT_EQ(last(), "POST /v1/devices/AQ/unblock");
  EXPECT_EQ(ask({"release", "AQ"}), 0);
  EXPECT_EQ(last(), "POST /v1/devices/AQ/release");
  EXPECT_EQ(ask({"cancel", "AAAA"}), 0);
  EXPECT_EQ(last(), "DELETE /v1/registrations/AAAA");
  EXPECT_EQ(ask({"audit", "--after", "5", "--limit", "10"}), 0);
  EXPECT_EQ(last(), "GET /v1/audit?after=5&limit=10");
  EXPECT_EQ(ask({"crl", "hardware"}), 0);
  EXPECT_EQ(last(), "GET /v1/crl/hardware");
  EXPECT_EQ(ask({"ca", "--json"}), 0);
  EXPECT_EQ(json().at("ca_pem"), "{}");
}

TEST_F(RegistrarCommands, ACrlIsInTheJsonUnlessItGoesToAFile) {
  EXPECT_EQ(ask({"crl", "emulated", "--json"}), 0);
  EXPECT_EQ(json().at("crl_base64"), "e30=");

  const auto path = file("crl", "");
  EXPECT_EQ(ask({"crl", "emulated", "--json", "--output", path}), 0);
  EXPECT_EQ(json().at("size"), 2);
  EXPECT_FALSE(json().as_object().contains("crl_base64"));
  EXPECT_EQ(std::filesystem::file_size(path), 2U);
}

TEST_F(RegistrarCommands, PrintANonceAlone) {
  server_.set_answer(R"({"nonce":"abc","expires":1})");

  EXPECT_EQ(ask({"nonce", "--audience", "https://service.example"}), 0);

  EXPECT_EQ(last(), "POST /v1/nonces");
  EXPECT_EQ(out_.str(), "abc\n");
}

TEST_F(RegistrarCommands, ATicketThatIsNotAcceptedEndsWithTicketInvalid) {
  in_.str("a.b.c\n");
  server_.set_answer(R"({"verdict":"rejected","factors":{"rpmb":{"status":"failed","reason":"nonce"}}})");
  EXPECT_EQ(ask({"verify", "--audience", "x"}), static_cast<int>(Errc::ticket_invalid));
  EXPECT_TRUE(contains(out_.str(), "rejected"));

  server_.set_answer(R"({"verdict":"accepted"})");
  EXPECT_EQ(ask({"verify", "--audience", "x", "--file", file("ticket", "a.b.c")}), 0);
}

TEST_F(RegistrarCommands, ARefusalIsTheExitStatus) {
  server_.set_problem(403, R"({"code":8,"detail":"role operator is needed"})");
  server_.misbehave("GET", Fault::problem);

  EXPECT_EQ(ask({"devices"}), static_cast<int>(Errc::access_denied));

  EXPECT_TRUE(contains(err_.str(), "access_denied: role operator is needed"));
}

TEST_F(RegistrarCommands, AnAnswerThatMakesNoSenseIsNetHttp) {
  for (const auto fault : {Fault::garbage_json, Fault::html, Fault::huge, Fault::cut_body, Fault::status_500}) {
    server_.misbehave("GET", fault);
    EXPECT_EQ(ask({"audit"}), static_cast<int>(Errc::net_http));
  }
}

TEST_F(RegistrarCommands, AServerThatIsSilentIsATimeout) {
  server_.misbehave("GET", Fault::silent);

  EXPECT_EQ(ask({"audit", "--timeout", "2"}), static_cast<int>(Errc::timeout));
}

TEST_F(RegistrarCommands, TheCaHasToFit) {
  EXPECT_EQ(run({"registrar", "--url", server_.url(), "ca"}), static_cast<int>(Errc::net_tls));
  EXPECT_EQ(server_.requests(), 0);
}

TEST_F(RegistrarCommands, TheUrlMayComeFromTheEnvironmentAndIsNeeded) {
  EXPECT_EQ(run({"registrar", "ca"}), 2);
  EXPECT_TRUE(contains(err_.str(), "--url is required"));

  ::setenv("SIGNET_REGISTRAR", "http://registrar.example", 1);
  EXPECT_EQ(run({"registrar", "ca"}), static_cast<int>(Errc::invalid_argument));
  EXPECT_TRUE(contains(err_.str(), "http is for this machine alone"));
  ::unsetenv("SIGNET_REGISTRAR");
}

TEST_F(RegistrarCommands, ACredentialThatIsNoneIsRefusedWithoutBeingShown) {
  for (const char* content : {"", "two words", "two\nlines"}) {
    EXPECT_EQ(run({"registrar", "--url", server_.url(), "--credential-file", file("bad", content), "devices"}),
              static_cast<int>(Errc::invalid_argument));
    EXPECT_FALSE(contains(err_.str(), "lines"));
  }
  EXPECT_EQ(server_.requests(), 0);
}

}  // namespace
}  // namespace signet::ctl
