// A conversation of two clients with Beacon Actions: reads, writes of any octets, half of them authenticated as they
// should be, sounds of every source, ends of connections, stores that fail. What changes must have been authenticated.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdlib>

#include "fmdn/beacon_actions.h"
#include "fmdn/owner/answers.h"

namespace {

using namespace signet;
using namespace signet::fmdn;

void require(bool holds) {
  if (!holds) std::abort();
}

class CountingRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, ++count_); }

 private:
  std::uint8_t count_ = 0;
};

template <std::size_t Size>
SecretBytes<Size> secret(std::uint8_t fill) {
  SecretBytes<Size> key;
  std::ranges::fill(key.writable(), fill);
  return key;
}

class Conversation {
 public:
  explicit Conversation(FuzzedDataProvider& input) : input_{input} {
    keys_.push_back(secret<16>(1));
    keys_.push_back(secret<16>(2));
    if (input.ConsumeBool()) owner_ = input.ConsumeIntegralInRange<std::size_t>(0, 2);  // 2: there is no such key
    profile_.ring_parts = static_cast<RingParts>(input.ConsumeIntegralInRange<int>(0, 3));
    profile_.ring_volumes = input.ConsumeBool();
    profile_.locator_tag = input.ConsumeBool();
    actions_.emplace(profile_, input.ConsumeBool() ? std::optional<Eik>{secret<kEikSize>(3)} : std::nullopt, ring_,
                     random_);
  }

  void step() {
    now_ += Instant{input_.ConsumeIntegral<std::uint16_t>()};
    const ConnectionId connection = input_.ConsumeIntegralInRange<ConnectionId>(0, 1);
    switch (input_.ConsumeIntegralInRange<int>(0, 6)) {
      case 0: read(connection, input_.ConsumeIntegralInRange<std::size_t>(0, 12)); break;
      case 1: read(connection, 0); [[fallthrough]];
      case 2: write(connection); break;
      case 3: actions_->disconnected(connection); break;
      case 4: sound(); break;
      case 5: actions_->unwanted_tracking().address_rotates(); break;
      default: ring_.expire(now_); actions_->ring_notification(RingState::timed_out, now_);
    }
    require((ring_.ringing(now_) == 0) == (ring_.left(now_) == Deciseconds{0}));
  }

 private:
  void read(ConnectionId connection, std::size_t offset) {
    const auto value = actions_->read(connection, offset);
    require(!value || value->size() + offset == kReadSize);
    if (value && offset == 0) nonce_ = owner::parse_nonce(*value).value();
  }

  // A request as its client would authenticate it, if the input wants that.
  Bytes request() {
    const auto id = static_cast<DataId>(input_.ConsumeIntegralInRange<int>(0, 9));
    Bytes additional =
        input_.ConsumeBytes<std::uint8_t>(input_.PickValueInArray<std::size_t>({0, 1, 2, 4, 8, 32, 40, 41}));
    const Eik eik = actions_->eik() != nullptr ? actions_->eik()->clone() : secret<kEikSize>(3);
    if (input_.ConsumeBool() && additional.size() >= sizeof(Hash)) {
      std::ranges::copy(eik_hash(eik, nonce_), additional.end() - sizeof(Hash));
    }
    const ShortKey derived[] = {recovery_key(eik), ring_key(eik), unwanted_tracking_key(eik)};
    const int which = input_.ConsumeIntegralInRange<int>(0, 4);
    const BytesView key =
        which < 2 ? BytesView{keys_[static_cast<std::size_t>(which)].view()} : BytesView{derived[which - 2].view()};
    authentic_ = true;
    return encode(id, request_authentication(key, nonce_, id, additional), additional);
  }

  void write(ConnectionId connection) {
    authentic_ = false;
    const Bytes octets = input_.ConsumeBool() ? request() : input_.ConsumeBytes<std::uint8_t>(60);
    const bool open = actions_->unwanted_tracking().skips_ringing_authentication();
    const bool had_key = actions_->eik() != nullptr;
    auto outcome = actions_->write(connection, octets, circumstances());
    if (!outcome) {
      require(authentic_ && actions_->pending() != nullptr);
      require((actions_->eik() != nullptr) == had_key);
      const bool stored = input_.ConsumeBool();
      const auto change = actions_->pending()->key;
      if (stored && actions_->pending()->owner) owner_ = actions_->pending()->owner;
      outcome = stored ? actions_->commit() : actions_->abandon();
      require(outcome->refusal.has_value() != stored);
      if (stored && change) require((actions_->eik() != nullptr) == (change != KeyChange::cleared));
    }
    require(actions_->pending() == nullptr);
    judge(*outcome, open);
  }

  void judge(const Outcome& outcome, bool open) {
    if (outcome.refusal) {
      require(outcome.notification.empty() && outcome.ring == RingStep::none && !outcome.key && !outcome.mode_changed);
      return;
    }
    require(authentic_ || (open && outcome.ring == RingStep::requested));
    require(outcome.notification.size() <= 43);
    require(outcome.notification.empty() == (outcome.ring == RingStep::requested));
    if (outcome.ring == RingStep::silence) ring_.silence();
    if (outcome.ring == RingStep::requested) {
      const auto state = ring_.settle(input_.ConsumeIntegralInRange<Components>(0, 7));
      const auto notification = actions_->ring_notification(state, now_);
      require(notification && notification->octets.size() == 14);
    }
  }

  void sound() {
    const auto source = static_cast<SoundSource>(input_.ConsumeIntegralInRange<int>(0, 3));
    switch (input_.ConsumeIntegralInRange<int>(0, 2)) {
      case 0:
        ring_.start({.source = source,
                     .components = input_.ConsumeIntegralInRange<Components>(0, 7),
                     .until = now_ + Instant{input_.ConsumeIntegral<std::uint32_t>()}});
        break;
      case 1: ring_.stop(source); break;
      default: ring_.press_button();
    }
    require(ring_.take_ended().size() <= 4);
    actions_->ring_notification(ring_.settle(ring_.ringing(now_)), now_);
  }

  [[nodiscard]] Circumstances circumstances() {
    return {.account_keys = keys_,
            .owner = owner_,
            .eid = eid_,
            .clock = input_.ConsumeIntegral<std::uint32_t>(),
            .consent = input_.ConsumeBool(),
            .now = now_};
  }

  FuzzedDataProvider& input_;
  Profile profile_;
  std::vector<SecretBytes<16>> keys_;
  std::optional<std::size_t> owner_;
  const Bytes eid_ = Bytes(20, 0xee);
  Instant now_{0};
  Nonce nonce_{};
  bool authentic_ = false;  // the last write was built with a key
  CountingRandom random_;
  Ring ring_;
  std::optional<BeaconActions> actions_;
};

// What an owner may be given for an answer.
void open(FuzzedDataProvider& input) {
  const auto key = secret<16>(1);
  const auto exchange = owner::read_parameters({}, key.view());
  const Bytes octets = input.ConsumeRemainingBytes<std::uint8_t>();
  require(!exchange.open(octets));  // nobody forges a MAC
  (void)owner::parse_nonce(octets);
  (void)owner::decode_parameters(octets, key.view());
  (void)owner::decode_provisioning_state(octets);
  (void)owner::decode_eik(octets, key.view());
  (void)owner::decode_ringing_state(octets);
  (void)owner::decode_ring_notice(octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input{data, size};
  Conversation conversation{input};
  const auto steps = input.ConsumeIntegralInRange<std::size_t>(0, 40);
  for (std::size_t i = 0; i < steps; ++i) conversation.step();
  open(input);
  return 0;
}
