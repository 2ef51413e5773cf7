// bluetoothd collects notifications for a moment: the answer to a write waits, so that its notification comes first.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>
#include <utility>

#include "bluez/gatt.h"

namespace signet::fmdnd {

inline void answer_later(boost::asio::io_context& loop, bluez::WriteAnswer answer) {
  auto timer = std::make_shared<boost::asio::steady_timer>(loop, std::chrono::milliseconds{bluez::kNotifyHeadStartMs});
  timer->async_wait([timer, answer = std::move(answer)](const boost::system::error_code&) { answer({}); });
}

}  // namespace signet::fmdnd
