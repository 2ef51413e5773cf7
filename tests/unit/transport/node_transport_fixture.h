// What the tests of both transports over a device node share: a machine with one chip, and what any of them must do.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "fake_sysfs.h"
#include "rpmb/session.h"
#include "rpmb/testing/fake_chip.h"
#include "rpmb/transport/node/options.h"

namespace signet::rpmb {

// `Device`: the fake of the kernel's device that `Concrete` talks to.
template <class Concrete, class Device>
class NodeTransportTest : public ::testing::Test {
 protected:
  explicit NodeTransportTest(const std::string& node) : node_{sysfs_.devices() / node} {
    options_.sysfs = sysfs_.root();
    options_.devices = sysfs_.devices();
    options_.lock_directory = sysfs_.scratch();
  }

  void add_node(dev_t number) { device_.add(node_, S_IFCHR, number); }
  std::unique_ptr<Concrete> open() { return std::move(Concrete::open(options_, device_).value()); }
  Error failure() {
    auto opened = Concrete::open(options_, device_);
    return opened ? Error{Errc::internal, "opened"} : opened.error();
  }

  // Programs a key, writes `count` blocks in one request and reads them back.
  void expect_whole_session(std::size_t count) {
    const auto transport = open();
    crypto::SystemRandom random;
    const Key key{random.bytes<kKeySize>()};
    ASSERT_TRUE(program_key(*transport, key, random));
    Session session{*transport, key, random};
    ASSERT_EQ(session.read_counter().value(), 0);
    std::vector<Block> blocks(count);
    blocks.back().fill(0x77);

    ASSERT_EQ(session.write(64, blocks).value(), Written::taken);

    std::vector<Block> back(count);
    ASSERT_TRUE(session.read(64, back));
    EXPECT_EQ(back, blocks);
    EXPECT_EQ(session.counter(), 1);
  }
  void expect_open_errors_to_be_named() {
    device_.refuse_open(EACCES);
    EXPECT_EQ(failure().code, Errc::chip_permission);

    device_.refuse_open(EBUSY);
    EXPECT_EQ(failure().code, Errc::busy);
  }
  void expect_a_lost_node_to_be_noticed() {
    const auto transport = open();
    device_.remove(node_);

    EXPECT_EQ(transport->check_identity().error().code, Errc::no_chip);
  }

  FakeSysfs sysfs_;
  ChipModel chip_{blank_chip(1, 32)};
  Device device_{chip_};
  std::string node_;
  NodeOptions options_;
};

}  // namespace signet::rpmb
