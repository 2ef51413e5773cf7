// A formatted store on a chip in memory.
#pragma once

#include <gtest/gtest.h>

#include <optional>

#include "crypto/random.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"
#include "rpmb/testing/fake_chip.h"

namespace signet::identity {

class StoreFixture : public testing::Test {
 protected:
  explicit StoreFixture(const rpmb::Key& key = {}, const rpmb::Ueid& ueid = {}) : session_{chip_, key, random_} {
    rpmb::ChipKey programmed;
    std::copy(key.view().begin(), key.view().end(), programmed.begin());
    chip_.program_key(programmed);
    EXPECT_TRUE(rpmb::format(session_, {.ueid = ueid}, derive, random_));
    mount();
  }

  static SecretBytes<32> derive(const rpmb::StoreId& id) { return SecretBytes<32>{id}; }

  void mount() {
    store_.reset();
    auto mounted = rpmb::Store::mount(session_, derive, random_);
    ASSERT_TRUE(mounted) << to_string(mounted.error());
    store_.emplace(*std::move(mounted));
  }
  void put(const rpmb::ObjectName& name, Bytes value) {
    rpmb::Change change{name, std::move(value)};
    ASSERT_TRUE(store_->apply({&change, 1}));
  }

  rpmb::testing::FakeChip chip_;
  crypto::SystemRandom random_;
  rpmb::Session session_;
  std::optional<rpmb::Store> store_;
};

}  // namespace signet::identity
