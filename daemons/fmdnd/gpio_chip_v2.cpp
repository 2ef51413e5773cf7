// libgpiod 2.x. The kernel debounces where it can, in the chip itself if that can.
#include <gpiod.h>

#include <array>

#include "base/free_with.h"
#include "fmdnd/debounce.h"
#include "fmdnd/gpio_chip.h"

namespace signet::fmdnd {
namespace {

using Chip = std::unique_ptr<gpiod_chip, FreeWith<gpiod_chip_close>>;
using Settings = std::unique_ptr<gpiod_line_settings, FreeWith<gpiod_line_settings_free>>;
using LineConfig = std::unique_ptr<gpiod_line_config, FreeWith<gpiod_line_config_free>>;
using RequestConfig = std::unique_ptr<gpiod_request_config, FreeWith<gpiod_request_config_free>>;
using EventBuffer = std::unique_ptr<gpiod_edge_event_buffer, FreeWith<gpiod_edge_event_buffer_free>>;
using Request = std::unique_ptr<gpiod_line_request, FreeWith<gpiod_line_request_release>>;

class Input final : public GpioInput {
 public:
  Input(Request request, EventBuffer events, unsigned number)
      : request_{std::move(request)}, events_{std::move(events)}, number_{number} {}

  [[nodiscard]] int descriptor() const override { return gpiod_line_request_get_fd(request_.get()); }

  Result<std::vector<GpioEdge>> edges() override {
    const auto capacity = gpiod_edge_event_buffer_get_capacity(events_.get());
    const int count = gpiod_line_request_read_edge_events(request_.get(), events_.get(), capacity);
    if (count < 0) return chip_gone();
    std::vector<GpioEdge> edges;
    for (unsigned long i = 0; i < static_cast<unsigned long>(count); ++i) {
      auto* const event = gpiod_edge_event_buffer_get_event(events_.get(), i);
      edges.push_back({gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE,
                       std::chrono::nanoseconds{gpiod_edge_event_get_timestamp_ns(event)}});
    }
    return edges;
  }

  [[nodiscard]] bool present() const override {
    return gpiod_line_request_get_value(request_.get(), number_) != GPIOD_LINE_VALUE_ERROR;
  }

 private:
  Request request_;
  EventBuffer events_;
  unsigned number_;
};

class Output final : public GpioOutput {
 public:
  Output(Request request, unsigned number) : request_{std::move(request)}, number_{number} {}

  Result<void> set(bool active) override {
    const auto value = active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    if (gpiod_line_request_set_value(request_.get(), number_, value) < 0) {
      return chip_gone();
    }
    return {};
  }

 private:
  Request request_;
  unsigned number_;
};

// Nothing but allocation and the values themselves can make the setters fail, and the values are the library's own.
Settings settings_of(const GpioLine& line) {
  Settings settings{gpiod_line_settings_new()};
  if (!settings) return settings;
  gpiod_line_settings_set_active_low(settings.get(), line.active_low);
  switch (line.bias) {
    case GpioLine::Bias::as_is: break;
    case GpioLine::Bias::pull_up: gpiod_line_settings_set_bias(settings.get(), GPIOD_LINE_BIAS_PULL_UP); break;
    case GpioLine::Bias::pull_down: gpiod_line_settings_set_bias(settings.get(), GPIOD_LINE_BIAS_PULL_DOWN); break;
  }
  return settings;
}

Result<Request> request(const std::string& path, unsigned number, const GpioLine& line, const Settings& settings) {
  const Chip chip{gpiod_chip_open(path.c_str())};
  if (!chip) return no_line(line);
  const LineConfig lines{gpiod_line_config_new()};
  const RequestConfig config{gpiod_request_config_new()};
  if (!settings || !lines || !config ||
      gpiod_line_config_add_line_settings(lines.get(), &number, 1, settings.get()) < 0) {
    return no_line(line);
  }
  gpiod_request_config_set_consumer(config.get(), "fmdnd");
  Request request{gpiod_chip_request_lines(chip.get(), config.get(), lines.get())};
  if (!request) return no_line(line);
  return request;
}

}  // namespace

std::optional<unsigned> find_line(const std::string& path, const std::string& name) {
  const Chip chip{gpiod_chip_open(path.c_str())};
  const int number = chip ? gpiod_chip_get_line_offset_from_name(chip.get(), name.c_str()) : -1;
  return number >= 0 ? std::optional{static_cast<unsigned>(number)} : std::nullopt;
}

Result<std::unique_ptr<GpioInput>> request_input(const std::string& chip, unsigned number, const GpioLine& line) {
  const auto settings = settings_of(line);
  if (settings) {
    gpiod_line_settings_set_direction(settings.get(), GPIOD_LINE_DIRECTION_INPUT);
    gpiod_line_settings_set_edge_detection(settings.get(), GPIOD_LINE_EDGE_BOTH);
    gpiod_line_settings_set_debounce_period_us(settings.get(), std::chrono::microseconds{kBounce}.count());
  }
  auto requested = request(chip, number, line, settings);
  if (!requested && settings) {
    // It cannot (EINVAL) for chips behind a bus that has to be waited for: I2C, SPI, USB. Debounce has to do.
    gpiod_line_settings_set_debounce_period_us(settings.get(), 0);
    requested = request(chip, number, line, settings);
  }
  if (!requested) return fail(std::move(requested).error());
  EventBuffer events{gpiod_edge_event_buffer_new(16)};
  if (!events) return no_line(line);
  return std::make_unique<Input>(*std::move(requested), std::move(events), number);
}

Result<std::unique_ptr<GpioOutput>> request_output(const std::string& chip, unsigned number, const GpioLine& line) {
  const auto settings = settings_of(line);
  if (settings) gpiod_line_settings_set_direction(settings.get(), GPIOD_LINE_DIRECTION_OUTPUT);
  SIGNET_ASSIGN(auto requested, request(chip, number, line, settings));
  return std::make_unique<Output>(std::move(requested), number);
}

}  // namespace signet::fmdnd
