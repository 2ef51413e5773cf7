// A formatted store on a chip in memory, and what tests of it need.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "crypto/hmac.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"
#include "rpmb/testing/fake_chip.h"

namespace signet::rpmb::testing {

// The same octets in every run, so that a failure can be repeated.
class FixedRandom final : public crypto::Random {
 public:
  explicit FixedRandom(std::uint32_t seed = 1) : engine_{seed} {}
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(engine_());
  }

 private:
  std::mt19937 engine_;
};

inline constexpr ChipKey kChipKey = {'t', 'e', 's', 't', ' ', 'k', 'e', 'y'};

inline Key chip_key() { return Key{std::span<const std::uint8_t, kKeySize>{kChipKey}}; }

inline SecretBytes<32> derive_store_key(const StoreId& id) {
  return SecretBytes<32>{std::span<const std::uint8_t, 32>{crypto::HmacKey{as_bytes("test root")}.mac(id)}};
}

inline ObjectName object(std::string name, std::string space = "app") {
  return {ObjectKind::object, std::move(space), std::move(name)};
}
inline Bytes content(std::size_t size, std::uint8_t seed = 0) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(seed + i * 7);
  return bytes;
}

inline Result<void> put(Store& store, const std::string& name, Bytes value) {
  return store.apply(std::vector<Change>{{object(name), std::move(value)}});
}
inline Result<void> remove(Store& store, const std::string& name) {
  return store.apply(std::vector<Change>{{object(name), std::nullopt}});
}

// The daemon's view: a session and a store on a chip. Power comes and goes with start().
class Host {
 public:
  explicit Host(Transport& chip, std::uint32_t seed = 1) : chip_{chip}, random_{seed} {}

  void format(std::uint32_t region_blocks = 0) {
    session_ = std::make_unique<Session>(chip_, chip_key(), random_);
    auto done = rpmb::format(*session_, {.region_blocks = region_blocks, .ueid = {1, 2, 3}}, derive_store_key, random_);
    ASSERT_TRUE(done) << to_string(done.error());
    start();
  }
  Result<void> try_start() {
    store_.reset();
    session_ = std::make_unique<Session>(chip_, chip_key(), random_);
    auto mounted = Store::mount(*session_, derive_store_key, random_);
    if (!mounted) return fail(std::move(mounted).error());
    store_.emplace(*std::move(mounted));
    return {};
  }
  void start() {
    auto done = try_start();
    ASSERT_TRUE(done) << to_string(done.error());
  }

  Store& store() { return *store_; }
  Session& session() { return *session_; }
  FixedRandom& random() { return random_; }

 private:
  Transport& chip_;
  FixedRandom random_;
  std::unique_ptr<Session> session_;
  std::optional<Store> store_;
};

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    chip_.program_key(kChipKey);
    host_.format();
  }
  Store& store() { return host_.store(); }

  FakeChip chip_{1, 2};
  Host host_{chip_};
};

MATCHER_P(FailsWith, code, "") {
  if (arg) {
    *result_listener << "succeeds";
    return false;
  }
  *result_listener << "fails with " << to_string(arg.error());
  return arg.error().code == code;
}
MATCHER(Succeeds, "") {
  if (!arg) *result_listener << "fails with " << to_string(arg.error());
  return arg.has_value();
}

}  // namespace signet::rpmb::testing
