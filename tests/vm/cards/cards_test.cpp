// The cards themselves: what the beds rely on.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>  // NOLINT: mkdtemp is POSIX
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include "base/endian.h"
#include "card_stream.h"
#include "rpmb/transport/ufs/scsi.h"
#include "rpmb_unit.h"

namespace signet::cards {
namespace {

using rpmb::Frame;
using rpmb::testing::ChipPort;
using Moment = ChipPort::Moment;
using ::testing::ElementsAre;

constexpr std::array<std::uint8_t, rpmb::kKeySize> kKey{1, 2, 3};

class CardsTest : public ::testing::Test {
 protected:
  CardsTest() {
    std::string name = (std::filesystem::temp_directory_path() / "cards-XXXXXX").string();
    directory_ = ::mkdtemp(name.data());
    open();
  }
  ~CardsTest() override { std::filesystem::remove_all(directory_); }

  void open() {
    card_.reset();
    card_ = std::move(FileCard::open(directory_ / "chip", 131072, 32).value());
  }
  static Frame write_of(std::uint32_t counter) {
    const std::array<rpmb::Block, 1> block{};
    auto request = rpmb::write_request(counter, 0, block);
    rpmb::authenticate(crypto::HmacKey{kKey}, request);
    return request.front();
  }
  static std::uint16_t result_of(Card& card, const Frame& request) {
    const Frame ask = rpmb::result_request();
    Frame answer{};
    EXPECT_TRUE(card.write({&request, 1}, true));
    EXPECT_TRUE(card.write({&ask, 1}, false));
    EXPECT_TRUE(card.read({&answer, 1}));
    return rpmb::result(answer);
  }
  std::uint32_t counter() const { return card_->chip().state().registers.write_counter; }

  std::filesystem::path directory_;
  std::unique_ptr<FileCard> card_;
};

TEST_F(CardsTest, AFileCardKeepsWhatItHasTaken) {
  ASSERT_EQ(result_of(*card_, rpmb::key_request(kKey)), 0);
  ASSERT_EQ(result_of(*card_, write_of(0)), 0);

  open();

  EXPECT_EQ(counter(), 1);
  EXPECT_TRUE(card_->chip().key());
}

TEST_F(CardsTest, APortNamesTheMomentsOfADataWriteInOrder) {
  std::vector<std::pair<Moment, std::uint32_t>> seen;
  ASSERT_EQ(result_of(*card_, rpmb::key_request(kKey)), 0);
  card_->port().watch([&](Moment moment) { seen.emplace_back(moment, counter()); });

  result_of(*card_, write_of(0));
  card_->port().read_answered();
  result_of(*card_, write_of(0));  // refused: its counter is used up
  card_->port().read_answered();

  EXPECT_THAT(
      seen, ElementsAre(std::pair{Moment::before, 0U}, std::pair{Moment::after, 1U}, std::pair{Moment::answered, 1U}));
}

TEST_F(CardsTest, AStreamCarriesTransfersUntilItIsClosed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  Result<void> served;
  std::thread host{[&, stream = UniqueFd{ends[1]}] { served = serve(stream.get(), *card_); }};
  {
    StreamCard remote{UniqueFd{ends[0]}};

    EXPECT_EQ(result_of(remote, rpmb::key_request(kKey)), 0);
    EXPECT_EQ(result_of(remote, write_of(0)), 0);
    EXPECT_EQ(result_of(remote, write_of(7)), static_cast<int>(rpmb::ResultCode::counter_failure));
  }
  host.join();

  EXPECT_TRUE(served);
  EXPECT_EQ(counter(), 1);
}

TEST_F(CardsTest, AStreamWithoutAHostIsAnError) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  StreamCard remote{UniqueFd{ends[0]}};
  ASSERT_EQ(::shutdown(ends[1], SHUT_WR), 0);
  const UniqueFd host{ends[1]};

  Frame answer{};

  EXPECT_EQ(remote.read({&answer, 1}).error().code, Errc::io);
}

class RpmbUnitTest : public CardsTest {
 protected:
  ScsiAnswer execute(const rpmb::scsi::Command& command, BytesView data = {}) {
    ScsiCommand whole{};
    std::ranges::copy(command, whole.begin());
    return unit_.execute(whole, data);
  }
  ScsiAnswer send(const Frame& frame) { return execute(rpmb::scsi::security_protocol_out(0, 512), frame); }
  ScsiAnswer receive() { return execute(rpmb::scsi::security_protocol_in(0, 512)); }
  static rpmb::scsi::Sense sense_of(const ScsiAnswer& answer) {
    return rpmb::scsi::parse_sense(answer.sense).value_or(rpmb::scsi::Sense{});
  }

  RpmbUnit unit_{*card_};
};

TEST_F(RpmbUnitTest, SaysThatItIsAWellKnownUnit) {
  EXPECT_TRUE(rpmb::scsi::is_well_known_unit(execute(rpmb::scsi::inquiry()).data));
}

TEST_F(RpmbUnitTest, CarriesFrames) {
  EXPECT_EQ(send(rpmb::key_request(kKey)).status, 0);
  EXPECT_EQ(send(rpmb::result_request()).status, 0);

  const auto answer = receive();

  ASSERT_EQ(answer.data.size(), 512);
  EXPECT_EQ(load_be<std::uint16_t>(answer.data, rpmb::at::kType), 0x0100);
  EXPECT_TRUE(card_->chip().key());
}

TEST_F(RpmbUnitTest, RefusesWhatItDoesNotKnow) {
  const rpmb::scsi::Sense unknown_command{5, 0x20, 0};
  const rpmb::scsi::Sense invalid_field{5, 0x24, 0};

  EXPECT_EQ(sense_of(execute({0x28})), unknown_command);                                  // READ(10)
  EXPECT_EQ(sense_of(execute({0x12, 1})), invalid_field);                                 // vital product data
  EXPECT_EQ(sense_of(execute({0xa2, 0xea, 0, 1, 0, 0, 0, 0, 2, 0})), invalid_field);      // NVMe's protocol
  EXPECT_EQ(sense_of(execute(rpmb::scsi::security_protocol_in(1, 512))), invalid_field);  // region 1
  EXPECT_EQ(sense_of(execute(rpmb::scsi::security_protocol_in(0, 511))), invalid_field);  // no whole frames
  EXPECT_EQ(sense_of(execute(rpmb::scsi::security_protocol_out(0, 1024), Bytes(512))),
            invalid_field);  // less than promised
}

TEST_F(RpmbUnitTest, ForgetsTheOperationUnderWayWhenItIsReset) {
  unit_.reset_before(2);
  EXPECT_EQ(send(rpmb::key_request(kKey)).status, 0);

  const auto reset = send(rpmb::result_request());
  send(rpmb::result_request());
  const auto answer = receive();

  EXPECT_EQ(sense_of(reset), (rpmb::scsi::Sense{6, 0x29, 0}));
  EXPECT_EQ(load_be<std::uint16_t>(answer.data, rpmb::at::kType), 0);  // the result is gone
  EXPECT_TRUE(card_->chip().key());                                    // what was done is not
}

}  // namespace
}  // namespace signet::cards
