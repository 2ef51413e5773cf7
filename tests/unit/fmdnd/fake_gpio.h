// GPIO lines without a chip: what is soldered to them is the test.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/unique_fd.h"
#include "fmdnd/gpio.h"

namespace signet::fmdnd {

// One chip, whose lines all are the same one. Keeps what is done to it; takes edges, and can be unplugged.
class FakeGpio final : public Gpio {
 public:
  Result<std::unique_ptr<GpioInput>> input(const GpioLine& line) override {
    if (!plugged_) return fail(Errc::io, "gpio " + line.text + ": No such file or directory");
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Errc::io, "pipe");
    edges_in_ = UniqueFd{ends[1]};
    return std::make_unique<Input>(*this, UniqueFd{ends[0]});
  }

  Result<std::unique_ptr<GpioOutput>> output(const GpioLine& line) override {
    if (!plugged_) return fail(Errc::io, "gpio " + line.text + ": No such file or directory");
    levels.push_back(false);
    return std::make_unique<Output>(*this, life_);
  }

  // Goes to `active` at `at`.
  void happen(bool active, std::chrono::milliseconds at) {
    const GpioEdge edge{active, at};
    if (::write(edges_in_.get(), &edge, sizeof edge) != sizeof edge) throw std::runtime_error{"write"};
  }

  // `noticed`: the descriptors of its lines become readable, as with Linux 6.6 and later.
  void unplug(bool noticed = true) {
    plugged_ = false;
    ++life_;
    if (noticed) edges_in_ = {};
  }
  void plug_in() { plugged_ = true; }

  std::vector<bool> levels;  // of the output

 private:
  class Input final : public GpioInput {
   public:
    Input(FakeGpio& chip, UniqueFd edges) : chip_{chip}, life_{chip.life_}, edges_{std::move(edges)} {}
    [[nodiscard]] int descriptor() const override { return edges_.get(); }
    [[nodiscard]] bool present() const override { return chip_.plugged_ && chip_.life_ == life_; }
    Result<std::vector<GpioEdge>> edges() override {
      GpioEdge edge{};
      if (::read(edges_.get(), &edge, sizeof edge) != sizeof edge) return fail(Errc::io, "gpio: the chip has gone");
      return std::vector{edge};
    }

   private:
    FakeGpio& chip_;
    int life_;
    UniqueFd edges_;
  };

  class Output final : public GpioOutput {
   public:
    Output(FakeGpio& chip, int life) : chip_{chip}, life_{life} {}
    Result<void> set(bool active) override {
      if (!chip_.plugged_ || chip_.life_ != life_) return fail(Errc::io, "gpio: the chip has gone");
      chip_.levels.push_back(active);
      return {};
    }

   private:
    FakeGpio& chip_;
    int life_;
  };

  bool plugged_ = true;
  int life_ = 0;  // that ends when it is unplugged
  UniqueFd edges_in_;
};

}  // namespace signet::fmdnd
