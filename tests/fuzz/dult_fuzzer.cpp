// A stranger's writes to the DULT service, of any octets and in any order with what the ringer, the user, the owner and
// time do meanwhile; then the rest of the input as what an accessory indicates to a stranger.
#include <fuzzer/FuzzedDataProvider.h>

#include <cstdlib>
#include <set>

#include "base/endian.h"
#include "dult/indication.h"
#include "dult/motion_detector.h"
#include "dult/service.h"

namespace {

using namespace signet;
using namespace signet::dult;

constexpr std::size_t kLongestIndication = 2 + kMaxNameSize;

void require(bool holds) {
  if (!holds) std::abort();
}

struct Owner final : IdentifierSource {
  bool there = true;
  std::optional<Identifier> identifier() override { return there ? std::optional{Identifier{1, 2, 3}} : std::nullopt; }
};

Product product_from(FuzzedDataProvider& input) {
  Product product{.manufacturer = std::string(kMaxNameSize, 'm'), .model = "model"};
  product.capabilities = input.ConsumeIntegral<std::uint32_t>();
  if (input.ConsumeBool()) product.battery_level = BatteryLevel::full;
  if (input.ConsumeBool()) product.network_version = Version{1, 2, 3};
  return product;
}

class Life {
 public:
  explicit Life(FuzzedDataProvider& input) : input_{input}, service_{product_from(input), owner_} {}

  void event() {
    now_ += Time{input_.ConsumeIntegralInRange<int>(0, 400'000)};
    take(service_.advance(now_));
    require(!service_.deadline() || *service_.deadline() > now_);
    switch (input_.ConsumeIntegralInRange<int>(0, 11)) {
      case 0: return take(service_.sound_started(sound(), now_));
      case 1: return take(service_.sound_refused(sound()));
      case 2: return take(service_.sound_taken_over(sound()));
      case 3: return take(service_.sound_ended(sound()));
      case 4: return disconnect();
      case 5: return service_.set_separated(input_.ConsumeBool());
      case 6: return open_window();
      case 7: owner_.there = input_.ConsumeBool(); return owner_.there ? void() : take(service_.unprovisioned());
      case 8: return take(service_.play_for_motion(now_));
      case 9: return motion();
      default: return write();
    }
  }

 private:
  ConnectionId connection() { return input_.ConsumeIntegralInRange<ConnectionId>(0, 3); }
  SoundId sound() { return last_sound_ - input_.ConsumeIntegralInRange<SoundId>(0, 2); }

  // Every write has one answer, now or when the ringer has spoken.
  void write() {
    const ConnectionId from = connection();
    Bytes octets = input_.ConsumeBytes<std::uint8_t>(input_.ConsumeBool() ? 2 : input_.ConsumeIntegral<std::uint8_t>());
    if (input_.ConsumeBool())
      octets = message(input_.PickValueInArray({Opcode::sound_start, Opcode::sound_stop, Opcode::get_identifier}));
    Outcome outcome = service_.write(from, octets, input_.ConsumeProbability<float>() < 0.05F ? 1 : 0, now_);
    require((outcome.error ? 1 : 0) + outcome.effects.indications.size() + (outcome.effects.start ? 1 : 0) == 1);
    require(service_.separated() || !outcome.effects.start);
    for (const Indication& indication : outcome.effects.indications) {
      require(indication.to == from);
      if (!service_.separated())
        require(indication.value == command_response(load_le<std::uint16_t>(octets, 0), Status::invalid_command));
      if (indication.value.front() == 0x05 && indication.value[1] == 0x04) {
        require(owner_.there && service_.identifier_window_open(now_));
      }
    }
    take(std::move(outcome.effects));
  }

  void disconnect() {
    const ConnectionId gone = connection();
    service_.disconnected(gone);
    sounding_.erase(gone);
  }

  void open_window() {
    if (service_.open_identifier_window(now_)) require(owner_.there);
  }

  // By a clock of its own, for it counts in hours. After advance() nothing is due.
  void motion() {
    motion_now_ += Time{input_.ConsumeIntegralInRange<int>(0, 90'000'000)};
    if (input_.ConsumeBool()) detector_.separated(motion_now_, input_.ConsumeIntegral<std::uint32_t>());
    if (input_.ConsumeProbability<float>() < 0.1F) detector_.near_owner();
    detector_.advance(motion_now_);
    require(!detector_.deadline() || *detector_.deadline() > motion_now_);
    detector_.sampled(input_.ConsumeBool(), motion_now_);
    detector_.sound(input_.ConsumeBool() ? MotionSound::ended : MotionSound::refused, motion_now_);
  }

  // Who is told that a sound ends was told that it began, and is still there.
  void take(Effects effects) {
    if (effects.start) last_sound_ = *effects.start;
    for (const Indication& indication : effects.indications) {
      require(indication.value.size() <= kLongestIndication);
      require(parse_indication(indication.value).has_value());
      if (indication.value == command_response(0x0300, Status::success))
        require(sounding_.insert(indication.to).second);
      if (indication.value == message(Opcode::sound_completed)) require(sounding_.erase(indication.to) == 1);
    }
    require(sounding_.size() <= 1);
  }

  FuzzedDataProvider& input_;
  Owner owner_;
  Service service_;
  MotionDetector detector_;
  Time now_{0};
  Time motion_now_{0};
  SoundId last_sound_ = 0;
  std::set<ConnectionId> sounding_;
};

void read(const std::vector<std::uint8_t>& octets) {
  const auto message = parse_indication(octets);
  if (!message) return require(message.error().code == Errc::invalid_argument);
  for (char c : operand_text(*message)) require(c >= ' ' && c <= '~');
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input{data, size};
  Life life{input};
  const auto events = input.ConsumeIntegralInRange<std::size_t>(0, 200);
  for (std::size_t i = 0; i < events && input.remaining_bytes() > 80; ++i) life.event();
  read(input.ConsumeRemainingBytes<std::uint8_t>());
  return 0;
}
