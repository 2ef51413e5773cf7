#include "fmdnd/sound.h"

#include <fcntl.h>
#include <linux/input.h>
#include <spawn.h>
#include <spdlog/spdlog.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <deque>
#include <string>
#include <thread>

#include "base/unique_fd.h"
#include "fmdnd/beeps.h"
#include "fmdnd/gpio_sound.h"

namespace signet::fmdnd {
namespace {

class NoSound final : public Sound {
 public:
  Result<void> start(std::uint8_t, std::uint8_t) override {
    return fail(Errc::unsupported, "sound: this device has none");
  }
  void stop() override {}
};

// The kernel's beeper interface (EV_SND): such devices sound a tone until they are told otherwise.
class EvdevSound final : public Sound {
 public:
  EvdevSound(boost::asio::io_context& loop, std::string path) : beeps_{loop}, path_{std::move(path)} {}
  ~EvdevSound() override { EvdevSound::stop(); }

  Result<void> start(std::uint8_t, std::uint8_t volume) override {
    stop();
    device_ = UniqueFd{::open(path_.c_str(), O_WRONLY | O_CLOEXEC | O_NONBLOCK)};
    if (!device_) return fail(Errc::io, "sound: open " + path_ + ": " + std::strerror(errno));
    tone_ = kTones[volume < kTones.size() ? volume : 0];
    return beeps_.begin([this](bool on) { return send(on ? tone_ : 0); });
  }

  void stop() override {
    beeps_.end();
    if (device_) static_cast<void>(send(0));
    device_ = {};
  }

 private:
  // Beepers have no volume; the higher the tone, the better it is heard.
  static constexpr std::array<int, 4> kTones{2800, 1400, 2000, 2800};  // Hz

  Result<void> send(int tone) {
    input_event event{};
    event.type = EV_SND;
    event.code = SND_TONE;
    event.value = tone;
    if (::write(device_.get(), &event, sizeof event) == sizeof event) return {};
    return fail(Errc::io, "sound: write " + path_ + ": " + std::strerror(errno));
  }

  Beeps beeps_;
  std::string path_;
  UniqueFd device_;
  int tone_ = 0;
};

// A command of the integrator: HOOK start COMPONENTS VOLUME, and HOOK stop. One after the other, so that a stop never
// overtakes its start; but one that does not end is not waited for any longer than kForHook.
class HookSound final : public Sound {
 public:
  HookSound(boost::asio::io_context& loop, std::string command)
      : ended_{loop, SIGCHLD}, patience_{loop}, command_{std::move(command)} {
    reap();
  }
  ~HookSound() override {
    if (!rings_ && waiting_.empty()) return;
    waiting_.clear();
    wait_for_running();
    if (const auto ran = run_now({"stop"}); !ran) spdlog::warn("{}", to_string(ran.error()));
  }

  Result<void> start(std::uint8_t components, std::uint8_t volume) override {
    SIGNET_TRY(run({"start", std::to_string(components), std::to_string(volume)}));
    rings_ = true;
    return {};
  }
  void stop() override {
    rings_ = false;
    if (const auto ran = run({"stop"}); !ran) spdlog::warn("{}", to_string(ran.error()));
  }

 private:
  using Arguments = std::vector<std::string>;
  static constexpr std::chrono::seconds kForHook{2};

  Result<void> run(Arguments arguments) {
    if (running_ == 0) return run_now(std::move(arguments));
    waiting_.push_back(std::move(arguments));
    return {};
  }

  Result<void> run_now(Arguments arguments) {
    std::vector<char*> argv{const_cast<char*>(command_.c_str())};  // posix_spawn changes nothing of it
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    const int failed = ::posix_spawn(&child, command_.c_str(), nullptr, nullptr, argv.data(), environ);
    if (failed != 0) return fail(Errc::io, "sound: run " + command_ + ": " + std::strerror(failed));
    running_ = child;
    patience_.expires_after(kForHook);
    patience_.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) run_next();
    });
    return {};
  }

  void run_next() {
    running_ = 0;
    patience_.cancel();
    while (running_ == 0 && !waiting_.empty()) {
      auto arguments = std::move(waiting_.front());
      waiting_.pop_front();
      if (const auto ran = run_now(std::move(arguments)); !ran) spdlog::warn("{}", to_string(ran.error()));
    }
  }

  void reap() {
    ended_.async_wait([this](const boost::system::error_code& stopped, int) {
      if (stopped) return;
      for (pid_t child = 0; (child = ::waitpid(-1, nullptr, WNOHANG)) > 0;) {
        if (child == running_) run_next();
      }
      reap();
    });
  }

  // At the end of the program, when the loop runs no more.
  void wait_for_running() const {
    const auto until = std::chrono::steady_clock::now() + kForHook;
    while (running_ != 0 && ::waitpid(running_, nullptr, WNOHANG) == 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }

  boost::asio::signal_set ended_;
  boost::asio::steady_timer patience_;
  std::string command_;
  pid_t running_ = 0;  // 0: none
  std::deque<Arguments> waiting_;
  bool rings_ = false;
};

}  // namespace

std::unique_ptr<Sound> open_sound(boost::asio::io_context& loop, Gpio& gpio, const SoundConfig& config) {
  if (config.components == 0) return std::make_unique<NoSound>();
  if (config.gpio) return std::make_unique<GpioSound>(loop, gpio, *config.gpio);
  if (!config.evdev.empty()) return std::make_unique<EvdevSound>(loop, config.evdev);
  if (!config.hook.empty()) return std::make_unique<HookSound>(loop, config.hook);
  return std::make_unique<NoSound>();
}

}  // namespace signet::fmdnd
