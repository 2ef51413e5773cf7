#include "signetctl/ticket_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/base64.h"
#include "signetctl/session.h"
#include "tests/unit/random_octets.h"

namespace signet::ctl {
namespace {

std::string compact(std::string_view header, std::string_view payload) {
  return to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(payload)) + "." + to_base64url(as_bytes("sig"));
}

const std::string kTicket =
    compact(R"({"alg":"ES256","typ":"eat+jwt","x5c":["AA=="],"sgt-rpmb":["a","b","c","d","e"]})",
            R"({"aud":"https://service.example","iat":1800000000,"exp":1800003600,"ext":{"a":1}})");

std::string refusal_of(std::string_view text) {
  try {
    decode_ticket(text);
  } catch (const Failed& failed) {
    EXPECT_EQ(failed.error().code, Errc::ticket_invalid);
    return failed.error().context;
  }
  return "";
}

TEST(TicketText, ShowsHeaderAndClaimsWithTimesForPeople) {
  std::ostringstream out;

  print_ticket(out, decode_ticket(kTicket));

  const std::string text = out.str();
  for (const char* part : {"1 certificates", "5 frames", "1800000000 (2027-01-15 08:00:00 UTC)", R"({"a":1})"}) {
    EXPECT_NE(text.find(part), std::string::npos) << text;
  }
}

TEST(TicketText, NamesThePartThatIsWrong) {
  EXPECT_EQ(refusal_of(""), "ticket: must have three parts with a dot between them");
  EXPECT_EQ(refusal_of("a.b"), "ticket: must have three parts with a dot between them");
  EXPECT_EQ(refusal_of(kTicket + ".e30"), "ticket: must have three parts with a dot between them");
  EXPECT_EQ(refusal_of("e30=.e30.AA"), "header: must be base64url without padding");
  EXPECT_EQ(refusal_of("e30.W10.AA"), "payload: must be a JSON object");
  EXPECT_EQ(refusal_of("e30.e30.A"), "signature: must be base64url without padding");
}

TEST(TicketText, LetsNothingOfATicketWriteToATerminal) {
  std::ostringstream out;

  print_ticket(out, decode_ticket(compact("{}", R"({"aud":"\u001b[2J","\u001b[1m":"x"})")));

  EXPECT_EQ(out.str().find('\x1b'), std::string::npos);
}

TEST(TicketText, SurvivesRandomOctetsAndDamage) {
  RandomOctets random{1};

  EXPECT_NE(refusal_of(random.exactly(10'000)), "");
  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_NE(refusal_of(random.text(64)), "");
    const auto header = random.damaged(R"({"alg":"ES256","x5c":[1],"iat":1})", "{}[]\",:");
    refusal_of(compact(header, R"({"exp":9223372036854775807})"));
    try {
      std::ostringstream out;
      print_ticket(out, decode_ticket(compact(header, R"({"exp":9223372036854775807,"iat":-9223372036854775808})")));
      EXPECT_FALSE(out.str().empty());
    } catch (const Failed&) {
    }
  }
}

}  // namespace
}  // namespace signet::ctl
