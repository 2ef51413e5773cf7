// Registration and tickets over D-Bus, with a registrar that the test plays.
#include <gmock/gmock.h>

#include <fstream>

#include "tests/bus/rpmbd_process.h"
#include "tests/unit/identity/test_registrar.h"

namespace signet::testing {
namespace {

using identity::testing::TestRegistrar;
using ::testing::HasSubstr;
using Begun = std::tuple<std::string, Dictionary>;
using Ticket = std::tuple<std::string, std::int64_t>;

constexpr const char* kIdentity = "org.signet.Rpmb1.Identity";
const std::string kModel{"M1"};
const std::string kSn{"SN-0001"};
const std::string kApp{"wx1"};
const std::string kSnTicket(32, 'a');

crypto::UnixTime wall_clock() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

class RpmbdIdentity : public RpmbdTest {
 protected:
  void start_with_registrar() {
    write("ca.pem", registrar_.hardware_.pem() + registrar_.emulated_.pem());
    write("escrow.pem", to_pem(registrar_.escrow_key_.public_der()));
    configure("[registrar]\nurl = \"" + std::string{identity::testing::kUrl} + "\"\nca = \"" + path("ca.pem").string() +
              "\"\nescrow = \"" + path("escrow.pem").string() + "\"\nsn_audiences = [\"https://shop.test\"]\n" +
              "[[client]]\nuser = \"daemon\"\nnamespace = \"app\"\nrights = [\"tickets\", \"keys\"]\n");
    start_ready();
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream{path(name)} << text; }
  static std::string to_pem(const Bytes& public_der) {
    return "-----BEGIN PUBLIC KEY-----\n" + to_base64(public_der) + "\n-----END PUBLIC KEY-----\n";
  }

  Begun begin(const std::string& sn = kSn) {
    return client().call<Begun>(kIdentity, "Begin", kModel, sn, kApp, kSnTicket);
  }
  TestRegistrar::Request begun() { return TestRegistrar::open(std::get<0>(begin())); }
  std::string prove(const std::string& challenge) { return client().call<std::string>(kIdentity, "Prove", challenge); }
  void complete(const Bytes& certificate) {
    client().run(kIdentity, "Complete", std::vector<std::string>{to_base64(certificate)});
  }
  void complete(const TestRegistrar::Request& request, std::uint32_t generation) {
    complete(registrar_.issue(registrar_.specify(request, generation), request));
  }
  void enrol() { complete(begun(), 1); }
  identity::Ticket ticket(Client& from, const std::string& audience, const Dictionary& options = {}) {
    return identity::parse_ticket(
               std::get<0>(from.call<Ticket>(kIdentity, "GetTicket", audience, std::string{}, options)))
        .value();
  }

  TestRegistrar registrar_{wall_clock()};
};

TEST_F(RpmbdIdentity, WithoutARegistrarEveryCallSaysSoAndTheRestWorks) {
  start_ready();

  EXPECT_EQ(error_of([&] { begin(); }), "ConfigInvalid");
  EXPECT_EQ(client().call<Dictionary>(kIdentity, "Info").at("state").get<std::string>(), "none");
  client().put("x", {1});
}

TEST_F(RpmbdIdentity, RegistersProvesCompletesAndGivesTickets) {
  start_with_registrar();
  const auto request = begun();
  EXPECT_EQ(request.payload.at("chip").at("transport").as_string(), "emulator");

  const auto proof = identity::parse_ticket(prove(registrar_.sign(registrar_.challenge_for(request)))).value();
  complete(request, 1);

  EXPECT_EQ(proof.claims.sn, kSn);
  EXPECT_EQ(proof.frames.size(), 5U * 512U);
  const auto facts = client().call<Dictionary>(kIdentity, "Info");
  EXPECT_EQ(facts.at("state").get<std::string>(), "confirmed");
  EXPECT_EQ(facts.at("sn").get<std::string>(), kSn);
  EXPECT_EQ(facts.at("generation").get<std::uint32_t>(), 1U);
  auto user = client();
  const auto made = ticket(user, "https://app.test");
  EXPECT_EQ(identity::verify_signature_factor(made, {.anchors = registrar_.trust().anchors,
                                                     .revoked = {},
                                                     .need_revocation_list = false,
                                                     .time = wall_clock(),
                                                     .audience = "https://app.test"})
                .reason,
            "");
}

TEST_F(RpmbdIdentity, AFalseRegistrarIsNamed) {
  start_with_registrar();
  const auto request = begun();
  const TestRegistrar other{wall_clock()};

  EXPECT_EQ(error_of([&] { prove(other.sign(other.challenge_for(request))); }), "RegistrarUntrusted");
  EXPECT_EQ(error_of([&] { prove("nonsense"); }), "TicketInvalid");
  EXPECT_EQ(error_of([&] {
              client().run(kIdentity, "Complete",
                           std::vector<std::string>{to_base64(other.issue(other.specify(request, 1), request))});
            }),
            "CertificateInvalid");
  EXPECT_EQ(error_of([&] { client().run(kIdentity, "Complete", std::vector<std::string>{"!"}); }), "InvalidArgument");
}

TEST_F(RpmbdIdentity, GoesOnWhereItWasAfterBeingKilledAtEachStep) {
  start_with_registrar();
  const auto first = begun();
  kill_and_restart();
  const auto second = begun();
  EXPECT_EQ(second.payload.at("id"), first.payload.at("id"));
  EXPECT_EQ(second.public_der, first.public_der);

  prove(registrar_.sign(registrar_.challenge_for(second)));
  kill_and_restart();
  const auto certificate = registrar_.issue(registrar_.specify(second, 1), second);
  complete(certificate);
  kill_and_restart();
  complete(certificate);  // the answer was lost

  auto user = client();
  EXPECT_EQ(ticket(user, "a").claims.generation, 1U);
}

TEST_F(RpmbdIdentity, ASecondCallerWithOtherIdsHasToWait) {
  start_with_registrar();
  begin();

  EXPECT_EQ(error_of([&] { begin("other"); }), "RegistrationPending");
  client().run(kIdentity, "Cancel");
  EXPECT_EQ(error_of([&] { client().run(kIdentity, "Cancel"); }), "NotFound");
  begin("other");
}

TEST_F(RpmbdIdentity, RightsDecideWhoRegistersAndWhoGetsTickets) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root, to connect to the bus as another user";
  start_with_registrar();
  enrol();
  auto app = client(uid_of("daemon"));
  auto stranger = client(uid_of("bin"));

  EXPECT_FALSE(ticket(app, "https://app.test").claims.sn);
  EXPECT_EQ(ticket(app, "https://shop.test").claims.sn, kSn);  // an audience that may know it
  EXPECT_EQ(app.call<Dictionary>(kIdentity, "Info").count("sn"), 0U);
  EXPECT_EQ(error_of([&] { app.call<Begun>(kIdentity, "Begin", kModel, kSn, kApp, kSnTicket); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { app.run(kIdentity, "Cancel"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { ticket(stranger, "a"); }), "AccessDenied");
}

TEST_F(RpmbdIdentity, ATicketCarriesTheCallersKeyAndExtras) {
  start_with_registrar();
  enrol();
  auto user = client();
  user.run(kKeys, "Generate", std::string{"mine"}, std::string{"ecdsa-p256"});
  const auto key = user.call<Bytes>(kKeys, "PublicKey", std::string{"mine"});

  const auto made = ticket(user, "a",
                           {{"client_key", sdbus::Variant{std::string{"mine"}}},
                            {"ext", sdbus::Variant{std::string{R"({"session":7})"}}},
                            {"lifetime", sdbus::Variant{std::uint32_t{60}}}});

  EXPECT_EQ(made.claims.confirmation, jose::key_thumbprint(key).value());
  EXPECT_THAT(made.payload, HasSubstr(R"("session":7)"));
  EXPECT_EQ(made.claims.expires_at - made.claims.issued_at, std::chrono::seconds{60});
  EXPECT_EQ(error_of([&] { ticket(user, "a", {{"client_key", sdbus::Variant{std::string{"none"}}}}); }), "NotFound");
  EXPECT_EQ(error_of([&] {
              ticket(user, "a", {{"lifetime", sdbus::Variant{std::uint32_t{3601}}}});
            }),
            "InvalidArgument");
  EXPECT_EQ(error_of([&] { ticket(user, "a", {{"lifetyme", sdbus::Variant{std::uint32_t{1}}}}); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] {
              ticket(user, "a", {{"model_id", sdbus::Variant{std::string{"M2"}}}});
            }),
            "IdentityMismatch");
}

TEST_F(RpmbdIdentity, AFormattedStoreHasNoIdentityAndRegistersAnew) {
  start_with_registrar();
  enrol();
  const auto cid = client().property<Dictionary>("Chip").at("cid").get<std::string>();
  client().run(kChip, "Format", cid, Dictionary{});
  wait_for_problem("");

  auto user = client();
  EXPECT_EQ(error_of([&] { ticket(user, "a"); }), "NotRegistered");
  complete(begun(), 2);
  EXPECT_EQ(ticket(user, "a").claims.generation, 2U);
}

}  // namespace
}  // namespace signet::testing
