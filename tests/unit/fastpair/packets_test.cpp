#include <gtest/gtest.h>

#include "base/hex.h"
#include "fastpair/additional_data.h"
#include "fastpair/address.h"
#include "fastpair/pairing_packets.h"
#include "tests/unit/fastpair/provider_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::fastpair {
namespace {

constexpr Address kOne{1, 2, 3, 4, 5, 6};
constexpr Address kTwo{0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6};

SessionKey session_key() { return SessionKey{account_key(1)}; }
const DataNonce kNonce{1, 2, 3, 4, 5, 6, 7, 8};

TEST(PairingRequest, ComesBackWithEachOfItsFlags) {
  CountingRandom random;
  for (unsigned bits = 0; bits < 16; ++bits) {
    PairingRequest request{.provider_bonds = (bits & 1) != 0,
                           .notify_name = (bits & 2) != 0,
                           .retroactive = (bits & 4) != 0,
                           .ble_devices = (bits & 8) != 0,
                           .provider = kOne};
    if (request.provider_bonds || request.retroactive) request.seeker = kTwo;

    const auto parsed = parse_request(make_request(request, random));

    ASSERT_TRUE(parsed);
    EXPECT_EQ(std::get<PairingRequest>(*parsed), request) << bits;
  }
}

TEST(PairingRequest, DeprecatedAndUnknownFlagsAreIgnored) {
  const auto parsed = parse_request(Block{0x00, 0x87, 1, 2, 3, 4, 5, 6, 9, 9, 9});

  ASSERT_TRUE(parsed);
  EXPECT_EQ(std::get<PairingRequest>(*parsed), (PairingRequest{.provider = kOne}));
}

TEST(PairingRequest, HasASaltInWhatTheFieldsLeave) {
  CountingRandom random;

  EXPECT_NE(make_request(PairingRequest{}, random), make_request(PairingRequest{}, random));
  const PairingRequest with_seeker{.provider_bonds = true, .seeker = kTwo};
  EXPECT_NE(make_request(with_seeker, random), make_request(with_seeker, random));
}

TEST(ActionRequest, OfTheDeviceComesBack) {
  CountingRandom random;
  const ActionRequest request{
      .device_action = true, .provider = kOne, .group = 0x04, .code = 0x01, .data = {1, 2, 3, 4, 5}};

  const auto raw = make_request(request, random);

  ASSERT_TRUE(raw);
  EXPECT_EQ(to_hex(*raw),
            "1080010203040506040105"
            "0102030405");
  EXPECT_EQ(std::get<ActionRequest>(*parse_request(*raw)), request);
}

TEST(ActionRequest, OfDataThatFollowsComesBack) {
  CountingRandom random;
  const ActionRequest request{.data_follows = true, .provider = kOne, .data_id = kPersonalisedName};

  const auto raw = make_request(request, random);

  ASSERT_TRUE(raw);
  EXPECT_EQ(to_hex(std::span{*raw}.first(11)), "1040010203040506" + to_hex(std::span{*raw}.subspan(8, 2)) + "01");
  EXPECT_EQ(std::get<ActionRequest>(*parse_request(*raw)), request);
}

TEST(ActionRequest, WithMoreThanFiveOctetsOfDataIsRefused) {
  CountingRandom random;
  Block raw{0x10, 0x80};
  raw[10] = 6;

  EXPECT_EQ(parse_request(raw).error().code, Errc::invalid_argument);
  EXPECT_FALSE(make_request(ActionRequest{.device_action = true, .data = Bytes(6)}, random));
}

TEST(Request, OfAnotherTypeIsRefused) {
  for (unsigned type = 0; type < 256; ++type) {
    const bool known = type == 0x00 || type == 0x10;
    EXPECT_EQ(parse_request(Block{static_cast<std::uint8_t>(type)}).has_value(), known) << type;
  }
}

TEST(PairingResponse, StandardComesBack) {
  CountingRandom random;
  const PairingResponse response{.extended = std::nullopt, .addresses = {kOne}};

  const Block raw = make_response(response, random);

  EXPECT_EQ(to_hex(std::span{raw}.first(7)), "01010203040506");
  EXPECT_EQ(*parse_response(raw), response);
}

TEST(PairingResponse, ExtendedComesBackWithOneOrTwoAddresses) {
  CountingRandom random;
  const ExtendedFlags flags{.ble_only = false, .prefers_ble_bonding = true, .prefers_le_transport = false};
  const PairingResponse one{.extended = flags, .addresses = {kOne}};
  const PairingResponse two{.extended = flags, .addresses = {kOne, kTwo}};

  EXPECT_EQ(*parse_response(make_response(one, random)), one);
  EXPECT_EQ(*parse_response(make_response(two, random)), two);
  EXPECT_EQ(to_hex(make_response(two, random)).substr(0, 30), "024002010203040506a1a2a3a4a5a6");
}

TEST(PairingResponse, OfAnotherTypeOrNumberOfAddressesIsRefused) {
  EXPECT_FALSE(parse_response(Block{0x00}));
  EXPECT_FALSE(parse_response(Block{0x03}));
  EXPECT_FALSE(parse_response(Block{0x02, 0xe0, 0}));
  EXPECT_FALSE(parse_response(Block{0x02, 0xe0, 3}));
}

TEST(Passkey, OfTheOtherSideOnlyIsTaken) {
  CountingRandom random;
  const Block raw = make_passkey(PasskeyOf::seeker, 123'456, random);

  EXPECT_EQ(*parse_passkey(PasskeyOf::seeker, raw), 123'456U);
  EXPECT_FALSE(parse_passkey(PasskeyOf::provider, raw));
}

TEST(Passkey, OfMoreThanSixDigitsIsRefused) {
  EXPECT_TRUE(parse_passkey(PasskeyOf::seeker, Block{0x02, 0x0f, 0x42, 0x3f}));   // 999999
  EXPECT_FALSE(parse_passkey(PasskeyOf::seeker, Block{0x02, 0x0f, 0x42, 0x40}));  // 1000000
}

TEST(AdditionalData, ComesBackAtEverySize) {
  const SessionKey key = session_key();
  for (std::size_t size = 0; size <= kMostData; ++size) {
    const Bytes data(size, 0x5a);

    const auto packet = seal_data(key, kNonce, data);

    ASSERT_TRUE(packet);
    EXPECT_EQ(packet->size(), kDataHeaderSize + size);
    EXPECT_EQ(*open_data(key, *packet), data);
  }
}

TEST(AdditionalData, WithAnyOctetChangedIsRefused) {
  const SessionKey key = session_key();
  const Bytes packet = *seal_data(key, kNonce, as_bytes("name"));

  for (std::size_t i = 0; i < packet.size(); ++i) {
    Bytes changed = packet;
    changed[i] ^= 0x01;
    EXPECT_EQ(open_data(key, changed).error().code, Errc::bad_signature) << i;
  }
}

TEST(AdditionalData, OfAnotherSizeIsRefused) {
  const SessionKey key = session_key();

  EXPECT_EQ(seal_data(key, kNonce, Bytes(65)).error().code, Errc::too_large);
  EXPECT_EQ(open_data(key, Bytes(15)).error().code, Errc::invalid_argument);
  EXPECT_EQ(open_data(key, Bytes(81)).error().code, Errc::invalid_argument);
}

TEST(AdditionalData, TheCounterDoesNotWrapAround) {
  const SessionKey key = session_key();

  EXPECT_TRUE(apply_ctr(key, kNonce, Bytes(256 * kBlockSize)));
  EXPECT_FALSE(apply_ctr(key, kNonce, Bytes(256 * kBlockSize + 1)));
}

TEST(Name, IsWellFormedText) {
  for (const char* name : {"", "Keys", "Chìa khoá", "鍵", "\U0001f511", "\U0010ffff"}) {
    EXPECT_TRUE(valid_name(as_bytes(name))) << name;
  }
  for (const char* name : {"a\nb", "\x7f", "\xc2\x80", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xe9\x8d"}) {
    EXPECT_FALSE(valid_name(as_bytes(name))) << to_hex(as_bytes(name));
  }
  EXPECT_TRUE(valid_name(Bytes(64, 'x')));
  EXPECT_FALSE(valid_name(Bytes(65, 'x')));
}

TEST(Agreement, RefusesAPointThatIsNotOnTheCurve) {
  const auto key = crypto::P256PrivateKey::generate();
  PublicKey off = *crypto::public_point(key.public_der());
  off[63] ^= 0x01;

  EXPECT_FALSE(agree(key, off));
  EXPECT_FALSE(agree(key, PublicKey{}));
}

// Bluetooth Core specification, Vol 3 Part H, "random address hash function ah", sample data.
TEST(ResolvableAddress, OfTheCoreSpecificationIsResolved) {
  const auto octets = from_hex("ec0234a357c8ad05341010a60a397d9b");
  const IdentityResolvingKey key{BytesView{*octets}.first<16>()};

  EXPECT_TRUE(resolves({0x70, 0x81, 0x94, 0x0d, 0xfb, 0xaa}, key));
  EXPECT_FALSE(resolves({0x70, 0x81, 0x94, 0x0d, 0xfb, 0xab}, key));
  EXPECT_FALSE(resolves({0x70, 0x81, 0x95, 0x0d, 0xfb, 0xaa}, key));
}

// A random part whose upper bits mark another kind of address does not count, even when the hash fits.
TEST(ResolvableAddress, OfAnotherKindIsNotResolved) {
  const IdentityResolvingKey key;
  Block random{};
  random[13] = 0xc0;
  const Block hash = SessionKey{AccountKey{}}.encrypt(random);

  EXPECT_FALSE(resolves({0xc0, 0, 0, hash[13], hash[14], hash[15]}, key));
}

TEST(UsedRequests, AreServedOnce) {
  UsedRequests used;
  const SessionKey other{account_key(2)};

  EXPECT_TRUE(used.use(session_key(), Block{1}));
  EXPECT_FALSE(used.use(session_key(), Block{1}));
  EXPECT_TRUE(used.use(session_key(), Block{2}));
  EXPECT_TRUE(used.use(other, Block{1}));
}

TEST(UsedRequests, KeepTheLastFiveHundredAndTwelve) {
  UsedRequests used;
  const SessionKey key = session_key();
  const auto numbered = [](std::size_t i) {
    return Block{static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)};
  };
  for (std::size_t i = 0; i <= UsedRequests::kCapacity; ++i) EXPECT_TRUE(used.use(key, numbered(i)));

  EXPECT_FALSE(used.use(key, numbered(1)));
  EXPECT_TRUE(used.use(key, numbered(0)));
}

TEST(Packets, RandomBlocksAreReadOrRefused) {
  RandomOctets random{3};
  for (int i = 0; i < kRandomStrings; ++i) {
    const auto raw = random.filled<Block>();
    (void)parse_request(raw);
    (void)parse_response(raw);
    (void)parse_passkey(PasskeyOf::seeker, raw);
    EXPECT_EQ(parse_account_key(raw).has_value(), raw[0] == kAccountKeyFirstOctet);
    const std::string packet = random.text(100);
    EXPECT_FALSE(open_data(session_key(), as_bytes(packet)));
  }
}

}  // namespace
}  // namespace signet::fastpair
