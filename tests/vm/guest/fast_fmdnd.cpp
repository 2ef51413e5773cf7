// fmdnd with a beacon clock that runs SIGNET_CLOCK_SPEED times as fast as the real one: what takes an hour of rotations
// takes a minute. Everything else is as in fmdnd. Only for the test beds.
#include <time.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>

#include "fmdnd/run.h"
#include "service/log.h"

namespace {

using signet::Result;
using signet::fmdnd::Alarm;
using signet::fmdnd::Times;

std::uint32_t speed() {
  const char* text = std::getenv("SIGNET_CLOCK_SPEED");
  const unsigned long speed = text == nullptr ? 0 : std::strtoul(text, nullptr, 10);
  if (speed < 1 || speed > 1000) throw std::runtime_error{"SIGNET_CLOCK_SPEED: 1 to 1000"};
  return static_cast<std::uint32_t>(speed);
}

std::chrono::nanoseconds boot_time() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

class FastAlarm final : public Alarm {
 public:
  FastAlarm(std::unique_ptr<Alarm> alarm, std::uint32_t speed) : alarm_{std::move(alarm)}, speed_{speed} {}
  void set(std::chrono::nanoseconds in, Ring ring) override { alarm_->set(in / speed_, std::move(ring)); }

 private:
  std::unique_ptr<Alarm> alarm_;
  std::uint32_t speed_;
};

Times fast_times(std::uint32_t speed) {
  auto times = signet::fmdnd::system_times();
  times.uptime = [speed] { return std::chrono::floor<std::chrono::seconds>(boot_time() * speed); };
  times.alarm = [speed](boost::asio::io_context& loop) -> Result<std::unique_ptr<Alarm>> {
    SIGNET_ASSIGN(auto alarm, signet::fmdnd::open_alarm(loop));
    return std::make_unique<FastAlarm>(std::move(alarm), speed);
  };
  return times;
}

}  // namespace

int main(int argc, char* argv[]) try {
  const auto options = signet::service::parse_options(signet::fmdnd::program(), argc, argv);
  signet::service::start_logging("fmdnd", options.verbose);
  signet::fmdnd::run(options, fast_times(speed()));
} catch (const std::exception& failure) {
  signet::service::log_event(signet::service::Severity::error, failure.what());
  return EXIT_FAILURE;
}
