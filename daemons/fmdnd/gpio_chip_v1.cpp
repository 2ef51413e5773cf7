// libgpiod 1.x. It knows nothing of debouncing: Debounce does all of it.
#include <gpiod.h>

#include <array>

#include "base/free_with.h"
#include "fmdnd/gpio_chip.h"

namespace signet::fmdnd {
namespace {

using Chip = std::unique_ptr<gpiod_chip, FreeWith<gpiod_chip_close>>;

// Goes with its chip.
struct Line {
  Chip chip;
  gpiod_line* line = nullptr;
};

class Input final : public GpioInput {
 public:
  explicit Input(Line line) : line_{std::move(line)} {}

  [[nodiscard]] int descriptor() const override { return gpiod_line_event_get_fd(line_.line); }

  Result<std::vector<GpioEdge>> edges() override {
    std::array<gpiod_line_event, 16> events{};
    const int count = gpiod_line_event_read_multiple(line_.line, events.data(), events.size());
    if (count < 0) return chip_gone();
    std::vector<GpioEdge> edges;
    for (auto event = events.begin(); event != events.begin() + count; ++event) {
      edges.push_back({event->event_type == GPIOD_LINE_EVENT_RISING_EDGE,
                       std::chrono::seconds{event->ts.tv_sec} + std::chrono::nanoseconds{event->ts.tv_nsec}});
    }
    return edges;
  }

  [[nodiscard]] bool present() const override { return gpiod_line_get_value(line_.line) >= 0; }

 private:
  Line line_;
};

class Output final : public GpioOutput {
 public:
  explicit Output(Line line) : line_{std::move(line)} {}

  Result<void> set(bool active) override {
    if (gpiod_line_set_value(line_.line, active ? 1 : 0) < 0) return chip_gone();
    return {};
  }

 private:
  Line line_;
};

int flags(const GpioLine& line) {
  int flags = line.active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  switch (line.bias) {
    case GpioLine::Bias::as_is: break;
    case GpioLine::Bias::pull_up: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP; break;
    case GpioLine::Bias::pull_down: flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN; break;
  }
  return flags;
}

Result<Line> request(const std::string& path, unsigned number, const GpioLine& line, int type) {
  Chip chip{gpiod_chip_open(path.c_str())};
  if (!chip) return no_line(line);
  auto* const found = gpiod_chip_get_line(chip.get(), number);
  const gpiod_line_request_config config{"fmdnd", type, flags(line)};
  if (found == nullptr || gpiod_line_request(found, &config, 0) < 0) return no_line(line);
  return Line{std::move(chip), found};
}

}  // namespace

std::optional<unsigned> find_line(const std::string& path, const std::string& name) {
  const Chip chip{gpiod_chip_open(path.c_str())};
  auto* const line = chip ? gpiod_chip_find_line(chip.get(), name.c_str()) : nullptr;
  return line != nullptr ? std::optional{gpiod_line_offset(line)} : std::nullopt;
}

Result<std::unique_ptr<GpioInput>> request_input(const std::string& chip, unsigned number, const GpioLine& line) {
  SIGNET_ASSIGN(auto requested, request(chip, number, line, GPIOD_LINE_REQUEST_EVENT_BOTH_EDGES));
  return std::make_unique<Input>(std::move(requested));
}

Result<std::unique_ptr<GpioOutput>> request_output(const std::string& chip, unsigned number, const GpioLine& line) {
  SIGNET_ASSIGN(auto requested, request(chip, number, line, GPIOD_LINE_REQUEST_DIRECTION_OUTPUT));
  return std::make_unique<Output>(std::move(requested));
}

}  // namespace signet::fmdnd
