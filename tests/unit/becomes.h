// Runs an event loop until something is so.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>

namespace signet {

template <class Condition>
::testing::AssertionResult becomes(boost::asio::io_context& loop, Condition condition,
                                   std::chrono::seconds limit = std::chrono::seconds{20}) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    loop.restart();
    if (std::chrono::steady_clock::now() > deadline) {
      return ::testing::AssertionFailure() << "not within " << limit.count() << " s";
    }
    loop.run_one_for(limit);
  }
  return ::testing::AssertionSuccess();
}

}  // namespace signet
