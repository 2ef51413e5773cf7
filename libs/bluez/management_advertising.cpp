#include "bluez/management_advertising.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <string>
#include <utility>

namespace signet::bluez {
namespace {

using management::Status;

constexpr int kRepeats = 20;                // of a command that the kernel is too busy for
constexpr int kLongestPause = 600;          // restore pauses
constexpr std::uint16_t kShareSeconds = 1;  // of a legacy controller's one slot: of two adverts, each is silent for 1 s

// In units of 0.625 ms.
std::uint32_t units(std::chrono::milliseconds interval) { return static_cast<std::uint32_t>(interval.count() * 8 / 5); }

// Whether only the data differ: what else changes, the kernel takes only with new parameters.
bool same_parameters(const Advert& one, const Advert& other) {
  return one.connectable == other.connectable && one.interval == other.interval &&
         (one.data.size() > kLegacyAdvertSize) == (other.data.size() > kLegacyAdvertSize);
}

Errc code_of(Status status) {
  switch (status) {
    case Status::not_powered:
    case Status::rejected:
    case Status::invalid_index:
    case Status::rfkilled: return Errc::no_service;
    case Status::permission_denied: return Errc::access_denied;
    default: return Errc::io;
  }
}

}  // namespace

ManagementAdvertising::ManagementAdvertising(boost::asio::io_context& loop, UniqueFd socket, Options options)
    : loop_{loop},
      options_{std::move(options)},
      socket_{loop, std::move(socket), options_.patience},
      busy_{loop},
      restore_{loop},
      refresh_{loop},
      search_{loop},
      search_pause_{options_.restore_pause},
      jobs_{loop, [this] { begin(); }},
      pause_{options_.restore_pause} {
  socket_.listen([this](const management::Event& event) { hear(event); });
  socket_.when_lost(options_.lost);
  put_first(Job::Kind::find);
}

ManagementAdvertising::~ManagementAdvertising() {
  *alive_ = false;
  if (!works()) return;
  // All of them: a command may be under way that puts one on the air.
  for (const auto& [slot, number] : instances_) socket_.shout(management::remove_advertising(index_, number));
}

// --- jobs ---

void ManagementAdvertising::apply(Change change, Done done) {
  jobs_.add({.kind = Job::Kind::change, .change = std::move(change), .done = std::move(done)});
}

void ManagementAdvertising::put_first(Job::Kind kind) {
  jobs_.add_first({.kind = kind}, [kind](const Job& job) { return job.kind == kind; });
}

void ManagementAdvertising::begin() {
  steps_.clear();
  repeats_ = 0;
  switch (jobs_.current().kind) {
    case Job::Kind::find: return find();
    case Job::Kind::change: return start_change();
    case Job::Kind::restore: plan_restore(); break;
    case Job::Kind::refresh: plan_refresh(); break;
  }
  run_step();
}

// --- the controller ---

void ManagementAdvertising::find() {
  unanswered_ = false;
  socket_.command(management::read_index_list(), [this](const Result<management::CommandDone>& answer) {
    if (!answer || answer->status != Status::success) return find_later();
    auto indices = management::decode_index_list(answer->parameters);
    if (!indices) return find_later();
    std::ranges::sort(*indices, std::greater{});  // the first one last
    if (options_.controller) {
      std::erase_if(*indices, [this](std::uint16_t index) { return index != *options_.controller; });
    }
    inspect(*std::move(indices));
  });
}

void ManagementAdvertising::inspect(std::vector<std::uint16_t> candidates) {
  if (candidates.empty()) return unanswered_ ? find_later() : jobs_.finish({});
  const std::uint16_t index = candidates.back();
  candidates.pop_back();
  socket_.command(management::read_information(index),
                  [this, index, rest = std::move(candidates)](const Result<management::CommandDone>& answer) mutable {
                    unanswered_ = unanswered_ || !answer || answer->status != Status::success;
                    if (!answer || answer->status != Status::success) return inspect(std::move(rest));
                    const auto information = management::decode_information(answer->parameters);
                    if (!information || (information->supported & management::kLowEnergy) == 0)
                      return inspect(std::move(rest));
                    read_features(index, *information);
                  });
}

void ManagementAdvertising::read_features(std::uint16_t index, management::Information information) {
  socket_.command(management::read_advertising_features(index),
                  [this, index, information](const Result<management::CommandDone>& answer) {
                    if (!answer || answer->status != Status::success) return find_later();
                    const auto features = management::decode_advertising_features(answer->parameters);
                    if (features) adopt(index, information, *features);
                    jobs_.finish({});
                  });
}

// A controller that did not answer, or not yet, may be there all the same: it is looked for again, ever more slowly.
void ManagementAdvertising::find_later() {
  search_.expires_after(search_pause_);
  search_pause_ = std::min(search_pause_ * 2, kLongestPause * options_.restore_pause);
  search_.async_wait([this, alive = alive_](const boost::system::error_code& cancelled) {
    if (!cancelled && *alive && index_ == management::kNoIndex) put_first(Job::Kind::find);
  });
  jobs_.finish({});
}

// What an earlier life of this program left behind is removed with the first restore: its instances have our numbers.
void ManagementAdvertising::adopt(std::uint16_t index, const management::Information& information,
                                  const management::AdvertisingFeatures& features) {
  index_ = index;
  search_pause_ = options_.restore_pause;
  const bool extended = (features.flags & management::kSecondary1M) != 0;
  controller_ = {.name = "hci" + std::to_string(index),
                 .identity = information.address,
                 .extended = extended,
                 .longest = extended ? std::min<std::size_t>(features.longest_data, kLongestAdvert) : kLegacyAdvertSize,
                 .sets = features.instances};
  link_layer_privacy_ = (information.supported & management::kLinkLayerPrivacy) != 0;
  on_air_.clear();
  instances_.clear();
  for (const Slot slot : {Slot::fmdn, Slot::fast_pair}) (void)instance(slot);
  settings(information.current);
  tell();
}

void ManagementAdvertising::lose_controller() {
  index_ = management::kNoIndex;
  controller_ = {};
  on_air_.clear();
  tell();
  put_first(Job::Kind::find);
}

void ManagementAdvertising::settings(std::uint32_t current) {
  const Controller before = controller_;
  const auto is = [current](std::uint32_t setting) { return (current & setting) != 0; };
  controller_.powered = is(management::kPowered) && is(management::kLowEnergy);
  controller_.classic = is(management::kClassic);
  controller_.privacy = is(management::kPrivacy);
  if (!works()) on_air_.clear();
  if (!before.powered && works()) put_first(Job::Kind::restore);
  if (controller_ != before) tell();
}

void ManagementAdvertising::hear(const management::Event& event) {
  if (const auto* added = std::get_if<management::IndexAdded>(&event)) {
    if (index_ == management::kNoIndex && added->index != management::kNoIndex) put_first(Job::Kind::find);
    return;
  }
  const auto index = std::visit([](const auto& any) { return any.index; }, event);
  if (index_ == management::kNoIndex || index != index_) return;
  if (std::holds_alternative<management::IndexRemoved>(event)) return lose_controller();
  if (const auto* changed = std::get_if<management::NewSettings>(&event)) return settings(changed->current);
  if (std::holds_alternative<management::Connected>(event)) return refresh_later();
  if (std::holds_alternative<management::Resumed>(event)) return refresh_later();
  const auto* removed = std::get_if<management::AdvertisingRemoved>(&event);
  if (removed == nullptr) return;
  for (const auto& [slot, ours] : instances_) {
    if (ours != removed->instance) continue;
    on_air_.erase(slot);
    if (wanted_.contains(slot)) restore_later();
  }
}

// bluetoothd removes one after the other; wait for the last. Somebody who removes what we add, over and over, is met
// ever more slowly.
void ManagementAdvertising::restore_later() {
  if (restore_waits_) return;
  restore_waits_ = true;
  const auto now = std::chrono::steady_clock::now();
  const bool again = now - last_restore_ < kLongestPause * options_.restore_pause;
  pause_ = again ? std::min(pause_ * 2, kLongestPause * options_.restore_pause) : options_.restore_pause;
  restore_.expires_after(pause_);
  restore_.async_wait([this, alive = alive_](const boost::system::error_code& cancelled) {
    if (cancelled || !*alive) return;
    restore_waits_ = false;
    last_restore_ = std::chrono::steady_clock::now();
    put_first(Job::Kind::restore);
  });
}

// A connection takes an extended controller's set off the air until it ends. The kernel hears that from the controller
// a moment after it has told us.
void ManagementAdvertising::refresh_later() {
  if (!controller_.extended || on_air_.empty()) return;
  refresh_.expires_after(options_.refresh_pause);
  refresh_.async_wait([this, alive = alive_](const boost::system::error_code& cancelled) {
    if (!cancelled && *alive) put_first(Job::Kind::refresh);
  });
}

// --- what is on the air ---

Result<void> ManagementAdvertising::admit(const Change& change) {
  SIGNET_TRY(check(change, controller_));
  if (index_ == management::kNoIndex) return {};
  for (const auto& [slot, advert] : change.slots) {
    if (advert && !instance(slot)) return fail(Errc::store_full, "no advertising instance left");
  }
  return {};
}

void ManagementAdvertising::start_change() {
  const auto& change = jobs_.current().change;
  if (auto admitted = admit(change); !admitted) return jobs_.finish(admitted);
  for (const auto& [slot, advert] : change.slots) {
    wanted_.erase(slot);
    if (advert) wanted_.emplace(slot, *advert);
  }
  if (index_ == management::kNoIndex) return jobs_.finish(fail(Errc::no_service, "no Bluetooth controller"));
  if (!works()) return jobs_.finish(fail(Errc::no_service, "the Bluetooth controller has no power"));
  plan_change();
  run_step();
}

// A rotation takes everything down before anything new goes up: no mixed pair is ever on the air. On a legacy
// controller that concerns every slot, for they share the address.
void ManagementAdvertising::plan_change() {
  const auto& [slots, policy] = jobs_.current().change;
  const bool rotates = policy == AddressPolicy::rotate;
  const bool any = std::ranges::any_of(slots, [](const auto& named) { return named.second.has_value(); });
  if (rotates && !controller_.extended && any) return plan_restore();
  for (const auto& [slot, advert] : slots) {
    if (on_air_.contains(slot) && (rotates || !advert)) remove(slot);
  }
  for (const auto& [slot, advert] : slots) {
    if (!advert) continue;
    if (rotates) {
      add(slot, *advert);
    } else {
      hold(slot, *advert);
    }
  }
}

void ManagementAdvertising::plan_restore() {
  if (!works()) return;
  for (const auto& [slot, number] : instances_) remove(slot);
  for (const auto& [slot, advert] : wanted_) {
    if (fits(advert) && instance(slot)) add(slot, advert);
  }
}

void ManagementAdvertising::plan_refresh() {
  if (!works()) return;
  for (const auto& [slot, advert] : on_air_) replace_data(slot, advert);
}

void ManagementAdvertising::remove(Slot slot) {
  steps_.push_back(
      {management::remove_advertising(index_, instances_.at(slot)), management::Opcode::remove_advertising, slot});
}

void ManagementAdvertising::add(Slot slot, const Advert& advert) {
  if (!extended_commands_) return replace_data(slot, advert);
  steps_.push_back({management::add_extended_parameters(index_, parameters(slot, advert)),
                    management::Opcode::add_extended_parameters, slot});
  replace_data(slot, advert);
}

// Also what puts an instance back on the air that is still known to the kernel.
void ManagementAdvertising::replace_data(Slot slot, const Advert& advert) {
  if (extended_commands_) {
    steps_.push_back({management::add_extended_data(index_, instances_.at(slot), advert.data),
                      management::Opcode::add_extended_data, slot, advert});
  } else {
    steps_.push_back({management::add_advertising(index_, parameters(slot, advert), advert.data),
                      management::Opcode::add_advertising, slot, advert});
  }
}

void ManagementAdvertising::hold(Slot slot, const Advert& advert) {
  const auto now = on_air_.find(slot);
  if (now != on_air_.end() && same_parameters(now->second, advert)) return replace_data(slot, advert);
  add(slot, advert);
}

management::Parameters ManagementAdvertising::parameters(Slot slot, const Advert& advert) const {
  management::Parameters all{.instance = instances_.at(slot)};
  if (advert.connectable) all.flags |= management::kConnectable;
  // Without it the kernel makes a legacy PDU of any length, and says nothing.
  if (advert.data.size() > kLegacyAdvertSize) all.flags |= management::kSecondary1M;
  if (!controller_.extended) all.duration_s = kShareSeconds;
  if (!extended_commands_) return all;
  if (!controller_.extended) all.flags |= management::kWithDuration;
  all.flags |= management::kWithIntervals;
  all.interval = units(advert.interval);
  return all;
}

std::optional<std::uint8_t> ManagementAdvertising::instance(Slot slot) {
  if (const auto known = instances_.find(slot); known != instances_.end()) return known->second;
  if (instances_.size() >= controller_.sets) return std::nullopt;
  const auto number = static_cast<std::uint8_t>(controller_.sets - instances_.size());
  instances_.emplace(slot, number);
  return number;
}

// --- steps ---

void ManagementAdvertising::run_step() {
  if (steps_.empty()) return jobs_.finish({});
  socket_.command(steps_.front().frame, [this](const Result<management::CommandDone>& answer) { step_done(answer); });
}

void ManagementAdvertising::step_done(const Result<management::CommandDone>& answer) {
  const Step step = std::move(steps_.front());
  steps_.pop_front();
  if (!answer) {  // unknown what is on the air now: begin anew, some time
    restore_later();
    return jobs_.finish(fail(answer.error()));
  }
  // An instance that is not there cannot be removed; that is what was asked for.
  const bool absent =
      step.opcode == management::Opcode::remove_advertising && answer->status == Status::invalid_parameters;
  if (answer->status != Status::success && !absent) return step_failed(step, answer->status);
  repeats_ = 0;
  if (std::exchange(permitted_, true) == false) tell();
  if (index_ != management::kNoIndex) {
    if (step.opcode == management::Opcode::remove_advertising) on_air_.erase(step.slot);
    if (step.leaves) on_air_.insert_or_assign(step.slot, *step.leaves);
  }
  run_step();
}

void ManagementAdvertising::step_failed(const Step& step, Status status) {
  if (status == Status::unknown_command && step.opcode == management::Opcode::add_extended_parameters) return replan();
  if (status == Status::busy && ++repeats_ <= kRepeats) {
    steps_.push_front(step);
    busy_.expires_after(options_.busy_pause);
    busy_.async_wait([this, alive = alive_](const boost::system::error_code& cancelled) {
      if (!cancelled && *alive) run_step();
    });
    return;
  }
  const auto code = code_of(status);
  if (code == Errc::access_denied && std::exchange(permitted_, false)) tell();
  on_air_.erase(step.slot);
  if (code != Errc::access_denied) restore_later();  // a right does not come back by trying
  spdlog::warn("{}: advertising: command {:#06x}: {}", controller_.name, static_cast<unsigned>(step.opcode),
               management::describe(status));
  jobs_.finish(fail(code, "advertising: " + management::describe(status)));
}

// A kernel before 5.11: the same with its own command, which knows no interval.
void ManagementAdvertising::replan() {
  extended_commands_ = false;
  steps_.clear();
  tell();
  plan_restore();
  run_step();
}

// --- what is known ---

std::set<Limitation> ManagementAdvertising::limitations() const {
  auto all = limitations_of(controller_);
  if (index_ == management::kNoIndex) return all;
  if (!permitted_) all.insert(Limitation::no_permission);
  if (!extended_commands_) all.insert(Limitation::default_interval);
  if (link_layer_privacy_ && controller_.privacy) all.insert(Limitation::controller_picks_address);
  return all;
}

std::optional<DeviceAddress> ManagementAdvertising::address(Slot slot) const {
  const auto now = on_air_.find(slot);
  if (now == on_air_.end() || controller_.privacy || !now->second.connectable) return std::nullopt;
  return controller_.identity;
}

void ManagementAdvertising::tell() {
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive && changed_) changed_();
  });
}

}  // namespace signet::bluez
