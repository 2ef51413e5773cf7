// signetctl register, device and ticket: the program's commands on a private bus, with a registrar over TLS.
#include <boost/json/parse.hpp>
#include <sstream>

#include "client_fixture.h"
#include "fake_registrar.h"
#include "signetctl/run.h"

namespace signet::testing {
namespace {

using Fault = FakeRegistrar::Fault;

class CliRegistration : public ClientTest {
 protected:
  CliRegistration() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
    start({.registrar = registrar_.url(), .registrar_ca = ca_.pem()});
  }

  int run(std::vector<std::string> arguments, const std::string& input = "") {
    std::istringstream in{input};
    out_.str("");
    err_.str("");
    return ctl::run({.in = in, .out = out_, .err = err_, .err_is_terminal = true}, std::move(arguments));
  }
  int register_device(const std::string& sn_ticket, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"register", "--model", "m", "--sn", "SN1", "--app", "a"});
    return run(std::move(more), sn_ticket);
  }

  TestCa ca_;
  FakeRegistrar registrar_{ca_.issue({})};
  std::ostringstream out_;
  std::ostringstream err_;
  const std::string sn_ticket_ = "abcdefghijklmnopqrstuvwxyz012345\n";
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(CliRegistration, ShowsEachStepAndTheDeviceAfterwards) {
  EXPECT_EQ(register_device(sn_ticket_), 0) << err_.str();

  EXPECT_TRUE(contains(out_.str(), "Registered.\n"));
  EXPECT_TRUE(contains(out_.str(), "confirmed"));
  EXPECT_TRUE(contains(err_.str(), "rpmbd makes the request...\n")) << err_.str();
  EXPECT_FALSE(contains(out_.str() + err_.str(), "abcdefghijklmnopqrstuvwxyz"));
}

TEST_F(CliRegistration, RefusesAnSnTicketThatIsNoneAndDoesNotShowIt) {
  for (const char* text : {"", "abcdefghijklmnopqrstuvwxyz01234", "abcdefghijklmnopqrstuvwxyz01234!"}) {
    EXPECT_EQ(register_device(text), SIGNET_E_SN_TICKET_INVALID);
    EXPECT_FALSE(contains(err_.str(), "abcdef"));
  }
  EXPECT_EQ(daemon_->calls(), 0);
}

TEST_F(CliRegistration, EndsWithTheCodeOfTheStepThatFailedAndGoesOnWhenRepeated) {
  registrar_.misbehave("PUT", Fault::cut_body);
  EXPECT_EQ(register_device(sn_ticket_, {"--json"}), SIGNET_E_NET_HTTP);
  const auto error = boost::json::parse(out_.str()).at("error");
  EXPECT_EQ(error.at("name"), "net_http");
  EXPECT_TRUE(contains(std::string{error.at("message").as_string()}, "step confirm: "));

  registrar_.behave();
  EXPECT_EQ(register_device(sn_ticket_, {"--json"}), 0);
  EXPECT_EQ(boost::json::parse(out_.str()).at("device").at("state"), "confirmed");
}

TEST_F(CliRegistration, DeviceInfoHasTheCertificateAsPem) {
  register_device(sn_ticket_);

  EXPECT_EQ(run({"device", "info", "--json"}), 0);

  const auto info = boost::json::parse(out_.str());
  EXPECT_TRUE(contains(std::string{info.at("certificate_pem").as_string()}, "Y2VydGlmaWNhdGU="));
  EXPECT_EQ(info.at("not_after"), 4000000000);
}

TEST_F(CliRegistration, ARegistrationUnderWayCanBeGivenUp) {
  registrar_.misbehave("POST", Fault::status_500);
  EXPECT_EQ(register_device(sn_ticket_), SIGNET_E_NET_HTTP);

  EXPECT_EQ(run({"device", "cancel"}), SIGNET_E_INVALID_ARGUMENT) << "nobody to ask";
  EXPECT_EQ(run({"device", "cancel", "--yes"}), 0);
}

TEST_F(CliRegistration, ATicketIsPrintedAlone) {
  EXPECT_EQ(run({"ticket", "get", "--audience", "x"}), SIGNET_E_NOT_REGISTERED);
  register_device(sn_ticket_);

  EXPECT_EQ(run({"ticket", "get", "--audience", "x"}), 0);
  EXPECT_EQ(out_.str(), "ticket 2\n");
  EXPECT_EQ(run({"ticket", "get", "--audience", "x", "--json", "--lifetime", "60"}), 0);
  EXPECT_GT(boost::json::parse(out_.str()).at("expires").as_int64(), 0);
  EXPECT_EQ(run({"ticket", "get", "--audience", "x", "--lifetime", "3601"}), 2);
}

}  // namespace
}  // namespace signet::testing
