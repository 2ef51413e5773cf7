#include <gtest/gtest.h>

#include "base/hex.h"
#include "fastpair/message_stream.h"
#include "fastpair/stream_messages.h"
#include "tests/unit/random_octets.h"

namespace signet::fastpair {
namespace {

std::string hex(const Message& message) { return to_hex(*encode(message)); }
Message received(std::uint8_t group, std::uint8_t code, Bytes data = {}) { return {group, code, std::move(data)}; }

template <class Kind>
std::optional<Kind> read(const Message& message) {
  const FromSeeker parsed = parse_from_seeker(message);
  const auto* kind = std::get_if<Kind>(&parsed);
  return kind == nullptr ? std::nullopt : std::optional{*kind};
}

TEST(MessageReader, TakesMessagesHoweverTheStreamIsCut) {
  const std::vector<Message> sent{session_nonce({1, 2, 3}), log_buffer_full(), firmware_version("1.2.3"),
                                  received(0x77, 0x88, Bytes(1000, 5)), acknowledge(received(4, 1))};
  Bytes stream;
  for (const Message& message : sent) append(stream, *encode(message));

  for (std::size_t piece = 1; piece <= stream.size(); piece = piece < 40 ? piece + 1 : piece * 2) {
    MessageReader reader;
    std::vector<Message> taken;
    for (BytesView rest = stream; !rest.empty(); rest = rest.subspan(std::min(piece, rest.size()))) {
      for (Message& message : reader.take(rest.first(std::min(piece, rest.size()))))
        taken.push_back(std::move(message));
    }
    EXPECT_EQ(taken, sent) << piece;
  }
}

TEST(MessageReader, PassesOverAMessageThatIsTooLongAndTakesTheNext) {
  Bytes stream{0x03, 0x09, 0xff, 0xff};
  stream.resize(4 + 0xffff, 0xaa);
  append(stream, *encode(log_buffer_full()));
  MessageReader reader;

  const auto taken = reader.take(stream);

  EXPECT_EQ(taken, std::vector<Message>{log_buffer_full()});
}

TEST(MessageReader, TakesTheLongestMessageThatIsKept) {
  const Message longest = received(3, 9, Bytes(kMostMessageData, 'x'));
  MessageReader reader;

  EXPECT_EQ(reader.take(*encode(longest)), std::vector<Message>{longest});
  EXPECT_EQ(encode(received(3, 9, Bytes(kMostMessageData + 1))).error().code, Errc::too_large);
}

TEST(MessageReader, WaitsForTheRest) {
  MessageReader reader;

  EXPECT_TRUE(reader.take(Bytes{0x03, 0x01, 0x00}).empty());
  EXPECT_TRUE(reader.take(Bytes{0x01}).empty());
  EXPECT_EQ(reader.take(Bytes{0x55, 0x03}), std::vector<Message>{received(3, 1, {0x55})});
}

TEST(Messages, OfTheProviderHaveTheOctetsOfTheSpecification) {
  EXPECT_EQ(hex(silence_mode(true)), "01010000");
  EXPECT_EQ(hex(silence_mode(false)), "01020000");
  EXPECT_EQ(hex(log_buffer_full()), "02010000");
  EXPECT_EQ(hex(model_id_message({1, 2, 3})), "03010003010203");
  EXPECT_EQ(hex(ble_address({1, 2, 3, 4, 5, 6})), "03020006010203040506");
  EXPECT_EQ(hex(battery_levels({0x57, 0x41, 0x7f})), "0303000357417f");
  EXPECT_EQ(hex(battery_minutes(0xff)), "03040001ff");
  EXPECT_EQ(hex(battery_minutes(0x100)), "030400020100");
  EXPECT_EQ(hex(active_components(3)), "0306000103");
  EXPECT_EQ(hex(firmware_version("1.2")), "03090003312e32");
  EXPECT_EQ(hex(session_nonce({1, 2, 3, 4, 5, 6, 7, 8})), "030a00080102030405060708");
  EXPECT_EQ(hex(acknowledge(received(4, 1))), "ff0100020401");
  EXPECT_EQ(hex(refuse(received(4, 1), NakReason::not_allowed)), "ff020003020401");
}

TEST(Messages, OfFmdnHaveTheOctetsOfTheSpecification) {
  EXPECT_EQ(hex(current_eid(0x01020304, Bytes(20, 0xee))), "030b001801020304" + std::string(40, 'e'));
  EXPECT_EQ(hex(current_eid(0, Bytes(32, 0xee))), "030b002400000000" + std::string(64, 'e'));
  EXPECT_EQ(hex(fmdn_tracking(true, {1, 2, 3, 4, 5, 6})), "0603000701010203040506");
  EXPECT_EQ(hex(fmdn_tracking(false, {1, 2, 3, 4, 5, 6})), "0603000700010203040506");
}

TEST(Messages, GreetInTheOrderOfTheSpecification) {
  Greeting greeting{.firmware_version = "1", .eid = Greeting::Eid{.clock = 7, .eid = Bytes(20)}};
  greeting.battery = {{1, 2, 3}};
  Bytes codes;
  for (const Message& message : greet(greeting)) {
    EXPECT_EQ(message.group, group::kDeviceInformation);
    codes.push_back(message.code);
  }

  EXPECT_EQ(codes, (Bytes{0x01, 0x02, 0x0a, 0x03, 0x09, 0x0b}));
}

TEST(Messages, GreetWithoutWhatThereIsNot) { EXPECT_EQ(greet({}).size(), 3U); }

TEST(FromSeeker, RingIsRead) {
  const auto both = read<RingRequest>(received(4, 1, {3, 30}));
  ASSERT_TRUE(both);
  EXPECT_EQ(both->components, RingComponents::both);
  EXPECT_EQ(both->timeout_s, 30);

  const auto stop = read<RingRequest>(received(4, 1, {0}));
  ASSERT_TRUE(stop);
  EXPECT_EQ(stop->components, RingComponents::none);
  EXPECT_FALSE(stop->timeout_s);
}

TEST(FromSeeker, OtherRequestsAreRead) {
  EXPECT_TRUE(read<ActiveComponentsRequest>(received(3, 5)));
  EXPECT_TRUE(read<CapabilityUpdateRequest>(received(6, 1)));
  EXPECT_TRUE(read<Capabilities>(received(3, 7, {1}))->companion_app);
  EXPECT_FALSE(read<Capabilities>(received(3, 7, {1}))->silence_mode);
  EXPECT_TRUE(read<Capabilities>(received(3, 7, {2}))->silence_mode);
  EXPECT_EQ(read<Platform>(received(3, 8, {1, 34}))->build, 34);
  EXPECT_EQ(read<Platform>(received(3, 8, {1, 34}))->type, 1);
}

TEST(FromSeeker, AcknowledgementsAreRead) {
  const auto yes = read<Acknowledgement>(received(0xff, 1, {1, 2}));
  ASSERT_TRUE(yes);
  EXPECT_TRUE(yes->accepted && yes->group == 1 && yes->code == 2);

  const auto no = read<Acknowledgement>(received(0xff, 2, {4, 1, 2}));
  ASSERT_TRUE(no);
  EXPECT_TRUE(!no->accepted && no->reason == 4 && no->group == 1 && no->code == 2);
}

TEST(FromSeeker, MalformedRequestsAreToldApartFromUnknownOnes) {
  for (const Message& message :
       {received(4, 1), received(4, 1, {4}), received(4, 1, {1, 2, 3}), received(3, 5, {1}), received(3, 7),
        received(3, 8, {1}), received(6, 1, {0}), received(0xff, 1, {1}), received(0xff, 2, {1, 2})}) {
    EXPECT_TRUE(read<MalformedMessage>(message)) << hex(message);
  }
  for (const Message& message :
       {received(4, 2), received(3, 1, {1, 2, 3}), received(6, 2), received(0xff, 3), received(0x55, 1)}) {
    EXPECT_TRUE(read<UnknownMessage>(message)) << hex(message);
  }
}

TEST(FromSeeker, EveryCodeWithRandomDataIsRead) {
  RandomOctets random{5};
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string text = random.text(40);
    MessageReader reader;
    for (const Message& message : reader.take(as_bytes(text))) (void)parse_from_seeker(message);
    (void)parse_from_seeker(received(static_cast<std::uint8_t>(random.below(256)),
                                     static_cast<std::uint8_t>(random.below(12)), Bytes(random.below(4))));
  }
}

TEST(PsmValue, SaysWhetherTheChannelIsReady) {
  EXPECT_EQ(to_hex(psm_value(0x0081)), "010081");
  EXPECT_EQ(to_hex(psm_value(std::nullopt)), "000000");
}

}  // namespace
}  // namespace signet::fastpair
