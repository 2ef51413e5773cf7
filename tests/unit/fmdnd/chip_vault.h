// rpmbd's store on a chip in memory, as RpmbdVault knows it.
#pragma once

#include <boost/asio/post.hpp>
#include <functional>

#include "fmdnd/vault.h"
#include "tests/unit/rpmb/store_fixture.h"

namespace signet::fmdnd {

// Tells of every request after which the chip is another.
class WatchedChip final : public rpmb::Transport {
 public:
  explicit WatchedChip(rpmb::testing::FakeChip& chip) : chip_{chip} {}
  void listen(std::function<void()> written) { written_ = std::move(written); }

  const rpmb::ChipFacts& facts() const override { return chip_.facts(); }
  bool read_request_carries_count() const override { return chip_.read_request_carries_count(); }
  Result<void> program(std::span<const rpmb::Frame> request, rpmb::Frame& response) override {
    auto outcome = chip_.program(request, response);
    if (written_) written_();
    return outcome;
  }
  Result<void> read(const rpmb::Frame& request, std::span<rpmb::Frame> response) override {
    return chip_.read(request, response);
  }
  Result<void> check_identity() override { return chip_.check_identity(); }

 private:
  rpmb::testing::FakeChip& chip_;
  std::function<void()> written_;
};

class ChipVault final : public Vault {
 public:
  ChipVault(boost::asio::io_context& loop, rpmb::Transport& chip) : loop_{loop}, host_{chip} {}

  void format() { host_.format(); }
  Result<void> mount() { return host_.try_start(); }

  void load(Loaded loaded) override {
    auto octets = host_.store().get(rpmb::testing::object("fmdn"));
    auto record = std::make_shared<Result<std::optional<SecretBuffer>>>(std::optional<SecretBuffer>{});
    if (octets) *record = std::optional{SecretBuffer{BytesView{*octets}}};
    if (!octets && octets.error().code != Errc::not_found) *record = fail(octets.error());
    boost::asio::post(loop_, [loaded = std::move(loaded), record] { loaded(std::move(*record)); });
  }
  void save(SecretBuffer record, Saved saved) override {
    Bytes octets{record.view().begin(), record.view().end()};
    boost::asio::post(
        loop_, [saved = std::move(saved), result = rpmb::testing::put(host_.store(), "fmdn", std::move(octets))] {
          saved(result);
        });
  }
  [[nodiscard]] const char* name() const override { return "rpmbd"; }

 private:
  boost::asio::io_context& loop_;
  rpmb::testing::Host host_;
};

}  // namespace signet::fmdnd
