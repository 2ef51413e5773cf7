// The core of rpmbd on a chip in memory, with everything around it in the test's hands.
#pragma once

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "base/hex.h"
#include "rpmb/testing/fake_chip.h"
#include "rpmbd/core.h"

namespace signet::rpmbd::testing {

class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override {
    return std::chrono::steady_clock::time_point{} + now;
  }
  std::chrono::system_clock::time_point wall() const override { return std::chrono::system_clock::time_point{} + now; }
  std::chrono::seconds now{1'800'000'000};
};

// The chip stays in its socket while the daemon opens and closes it.
class BorrowedChip final : public rpmb::Transport {
 public:
  explicit BorrowedChip(rpmb::testing::FakeChip& chip) : chip_{chip} {}
  const rpmb::ChipFacts& facts() const override { return chip_.facts(); }
  bool read_request_carries_count() const override { return chip_.read_request_carries_count(); }
  Result<void> program(std::span<const rpmb::Frame> request, rpmb::Frame& response) override {
    return chip_.program(request, response);
  }
  Result<void> read(const rpmb::Frame& request, std::span<rpmb::Frame> response) override {
    return chip_.read(request, response);
  }
  Result<void> check_identity() override { return chip_.check_identity(); }

 private:
  rpmb::testing::FakeChip& chip_;
};

class CoreFixture : public ::testing::Test {
 protected:
  CoreFixture() { spdlog::set_level(spdlog::level::off); }
  ~CoreFixture() override { std::filesystem::remove_all(directory_); }

  static Bytes root(std::uint8_t fill) { return Bytes(32, fill); }
  [[nodiscard]] std::string cid() const { return to_hex(chip_.facts().cid); }

  ChipSources sources() {
    return {.open_transport = [this]() -> Result<std::unique_ptr<rpmb::Transport>> {
              if (absent_) return fail(*absent_);
              return std::make_unique<BorrowedChip>(chip_);
            },
            .load_root = [this]() -> Result<identity::LoadedRoot> {
              if (root_.empty()) return fail(Errc::root_secret_missing, "looked in test");
              return identity::LoadedRoot{.secret = identity::RootSecret{std::span<const std::uint8_t, 32>{root_}},
                                          .source = "test"};
            },
            .records = records_,
            .random = random_,
            .clock = clock_,
            .boot_id = boot_};
  }

  // A daemon that has just started and looked for its chip.
  Core& start() {
    core_.emplace(sources(), std::nullopt, false, registrar_);
    core_->chip.open();
    return *core_;
  }
  Core& restart() {
    core_.reset();
    return start();
  }
  Core& power_cycle() {
    core_.reset();
    chip_.power_cycle();
    boot_ += "'";
    return start();
  }
  // The same on a chip that is provisioned.
  Core& start_provisioned() {
    start();
    const auto done = core_->provisioning.provision(cid(), {.root_backup = "none-accepted"});
    EXPECT_TRUE(done) << to_string(done.error());
    return *core_;
  }

  State state() { return core_->chip.status().state; }
  std::string problem() {
    const auto status = core_->chip.status();
    return status.problem ? std::string{name(status.problem->code)} : "";
  }
  std::string problem_text() {
    const auto status = core_->chip.status();
    return status.problem ? status.problem->context : "";
  }
  std::optional<ProvisioningRecord> record() { return *records_.load(identity::mask(chip_.facts().cid)); }

  static std::filesystem::path new_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-core-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory_ = new_directory();
  rpmb::testing::FakeChip chip_;
  std::optional<Error> absent_;
  Bytes root_ = root(0x11);
  std::string boot_ = "boot";
  crypto::SystemRandom random_;
  FakeClock clock_;
  ProvisioningRecords records_{(directory_ / "provisioning").string()};
  Result<Registrar> registrar_ = fail(Errc::config_invalid, "no registrar in this test");
  std::optional<Core> core_;
};

inline Grant grant(std::string space, Quota quota = {.writes_per_day = 100'000}) {
  return {.space = std::move(space), .rights = 31, .quota = quota};
}

}  // namespace signet::rpmbd::testing
