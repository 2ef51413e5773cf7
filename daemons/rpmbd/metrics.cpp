#include "rpmbd/metrics.h"

#include <fmt/format.h>

#include <array>

#include "service/metrics_text.h"

namespace signet::rpmbd {
namespace {

using service::MetricsText;

void add_state(MetricsText& text, const Status& status) {
  text.family("state", "gauge", "1 for the state the chip is in");
  for (const auto state : {State::starting, State::ready, State::read_only, State::unavailable}) {
    text.sample(state == status.state ? 1 : 0, fmt::format("{{state=\"{}\"}}", name(state)));
  }
  text.family("problem", "gauge", "1 for the error that keeps the chip from being ready");
  if (status.problem) text.sample(1, fmt::format("{{error=\"{}\"}}", name(status.problem->code)));
}

void add_chip(MetricsText& text, const Status& status, const Load& load) {
  if (status.write_counter) {
    text.single("write_counter", "counter", "Authenticated writes the chip has seen in its life",
                *status.write_counter);
  }
  text.single("wear_budget", "gauge", "Authenticated writes the chip is good for", load.wear_budget);
  text.single("write_operations_total", "counter", "Write requests sent since the chip was opened", status.io.writes);
  text.single("read_operations_total", "counter", "Read requests sent since the chip was opened", status.io.reads);
  text.single("retries_total", "counter", "Requests repeated since the chip was opened", status.io.retries);
  text.single("doubts_total", "counter", "Writes whose first answer settled nothing", status.io.doubts);
  text.single("slowest_operation_seconds", "gauge", "Longest operation since the chip was opened",
              std::chrono::duration<double>{status.slowest}.count());
  text.single("unauthenticated_total", "counter", "Answers thrown away", status.io.unauthenticated);
  text.single("unsettled", "gauge", "1 while the fate of a write is open", status.unsettled ? 1 : 0);
  text.single("waiting_calls", "gauge", "Calls that wait for the chip", load.waiting_calls);
}

void add_store(MetricsText& text, const Status& status) {
  if (!status.store) return;
  text.single("slots", "gauge", "Slots of the store", status.store->slots);
  text.single("slots_used", "gauge", "Slots in use", status.store->slots_used);
  text.single("objects", "gauge", "Objects, keys and counters in the store", status.store->objects);
  text.single("unclean_starts", "gauge", "Own writes that the last start found torn", status.store->unclean_starts);
}

void add_spaces(MetricsText& text, const SpaceUsage& spaces) {
  struct Column {
    const char* name;
    const char* help;
    std::uint32_t Usage::*used;
    std::uint32_t Quota::*limit;
  };
  static constexpr std::array kColumns{
      Column{"namespace_objects", "Objects and counters of a namespace", &Usage::objects, &Quota::objects},
      Column{"namespace_bytes", "Octets in the objects of a namespace", &Usage::bytes, &Quota::bytes},
      Column{"namespace_keys", "Keys of a namespace", &Usage::keys, &Quota::keys},
      Column{"namespace_writes_today", "Writes of the last day, cautious after a start", &Usage::writes_today,
             &Quota::writes_per_day}};
  for (const auto& column : kColumns) {
    text.family(column.name, "gauge", column.help);
    for (const auto& [grant, usage] : spaces)
      text.sample(usage.*column.used, fmt::format("{{namespace=\"{}\"}}", grant->space));
    text.family(fmt::format("{}_quota", column.name), "gauge", "The quota of it");
    for (const auto& [grant, usage] : spaces) {
      text.sample(grant->quota.*column.limit, fmt::format("{{namespace=\"{}\"}}", grant->space));
    }
  }
}

}  // namespace

std::string metrics_text(const Status& status, const SpaceUsage& spaces, const Load& load) {
  MetricsText text{"signet_rpmb_"};
  add_state(text, status);
  add_chip(text, status, load);
  add_store(text, status);
  add_spaces(text, spaces);
  return text.take();
}

}  // namespace signet::rpmbd
