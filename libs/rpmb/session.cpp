#include "rpmb/session.h"

#include <algorithm>

namespace signet::rpmb {
namespace {

constexpr int kTries = 3;           // of a step that was not answered
constexpr int kTriesIfRefused = 2;  // of a write that the chip itself refuses
constexpr std::uint32_t kCounterEnd = 0xffffffff;

// What an authenticated failure of a write means (JESD84-B51 6.6.22, "RPMB operation results"). Complaints about shape
// or MAC, when the counter shows that the key is right, mean that the chip does not take this many frames: QEMU's model
// answers 0x02 to two.
std::optional<Errc> write_refusal(ResultCode code) {
  switch (code) {
    case ResultCode::counter_failure: return std::nullopt;  // an earlier sending of it may have been taken
    case ResultCode::address_failure: return Errc::geometry;
    case ResultCode::write_failure:
    case ResultCode::read_failure: return Errc::media;
    default: return Errc::unsupported;  // the device may answer any code
  }
}

}  // namespace

Session::Session(Transport& transport, const Key& key, crypto::Random& random)
    : transport_{transport}, key_{key.view()}, random_{random} {}

Result<std::uint32_t> Session::read_counter() {
  Frame answer;
  SIGNET_TRY(read_operation(Request::read_counter, 0, {&answer, 1}));
  counter_ = write_counter(answer);
  return *counter_;
}

Result<void> Session::read(std::uint16_t address, std::span<Block> blocks) {
  std::vector<Frame> answer(blocks.size());
  SIGNET_TRY(read_operation(Request::read_data, address, answer));
  for (std::size_t i = 0; i < blocks.size(); ++i) std::ranges::copy(payload(answer[i]), blocks[i].begin());
  return {};
}

Result<std::vector<Frame>> Session::attest_data(const Nonce& nonce, std::uint16_t address, std::uint16_t blocks) {
  std::vector<Frame> answer(blocks);
  SIGNET_TRY(read_operation(Request::read_data, address, answer, &nonce));
  return answer;
}

Result<Frame> Session::attest_counter(const Nonce& nonce) {
  Frame answer;
  SIGNET_TRY(read_operation(Request::read_counter, 0, {&answer, 1}, &nonce));
  return answer;
}

// Each try has a nonce of its own, unless the caller needs a given one.
Result<void> Session::read_operation(Request type, std::uint16_t address, std::span<Frame> answer, const Nonce* given) {
  for (int attempt = 1;; ++attempt) {
    auto done = try_read(type, address, given != nullptr ? *given : random_.bytes<kNonceSize>(), answer);
    if (done) return {};
    if (!done.error().again || attempt == kTries) return fail(std::move(done).error().error);
    ++stats_.retries;
  }
}

tl::expected<void, Session::Unread> Session::try_read(Request type, std::uint16_t address, const Nonce& nonce,
                                                      std::span<Frame> answer) {
  Expectation expected{
      .type = response_type(type), .blocks = static_cast<std::uint16_t>(answer.size()), .nonce = nonce};
  Frame request = counter_request(nonce);
  if (type == Request::read_data) {
    expected.address = address;
    request =
        read_request(nonce, address, transport_.read_request_carries_count() ? expected.blocks : std::uint16_t{0});
  }

  ++stats_.reads;
  if (auto sent = transport_.read(request, answer); !sent) {
    bool gone = sent.error().code == Errc::no_chip;
    return tl::unexpected{Unread{std::move(sent).error(), !gone}};
  }
  Verdict verdict = judge(answer, key_, expected);
  if (verdict != Verdict::accept) return tl::unexpected{unread(verdict, answer.back())};
  proven_ = true;
  expired_ = (result(answer.back()) & kExpired) != 0;
  return {};
}

// Nothing here is believed beyond "this try gave us nothing": a failure answer can be replayed, code 0x07 is never
// signed.
Session::Unread Session::unread(Verdict verdict, const Frame& last) {
  const std::string& node = transport_.facts().node;
  ResultCode code = result_code(result(last));
  if (verdict == Verdict::device_result && code != ResultCode::key_not_programmed) {
    Errc errc = code == ResultCode::address_failure ? Errc::geometry
                : code == ResultCode::read_failure  ? Errc::media
                                                    : Errc::io;
    return {{errc, std::string{"read of "} + node + ": the chip answers " + name(code)}};
  }

  ++stats_.unauthenticated;
  std::string text = std::string{"answer of "} + node + ": " + name(verdict);
  if (auto same = transport_.check_identity(); !same) return {std::move(same).error(), false};
  if (proven_) return {{Errc::not_authentic, text}};
  if (verdict == Verdict::device_result) return {{Errc::not_provisioned, node + " answers key_not_programmed"}};
  return {{verdict == Verdict::mac_mismatch ? Errc::wrong_key : Errc::not_authentic, text}};
}

Result<Written> Session::write(std::uint16_t address, std::span<const Block> blocks) {
  if (pending_) return fail(Errc::busy, "an earlier write to " + transport_.facts().node + " is not settled yet");
  if (!counter_) SIGNET_TRY(read_counter());
  if (expired_ || *counter_ == kCounterEnd) return fail(Errc::worn_out, "write to " + transport_.facts().node);

  pending_ = Pending{write_request(*counter_, address, blocks), *counter_};
  authenticate(key_, pending_->request);
  return drive(Sent::never);
}

Result<Written> Session::settle() {
  if (!pending_) return Written::taken;
  return drive(Sent::before);
}

// Sends the pending request, the same octets each time, until an authenticated answer shows its counter value consumed.
Result<Written> Session::drive(Sent sent) {
  refusal_.reset();
  for (int attempt = 1; attempt <= (refusal_ ? kTriesIfRefused : kTries); ++attempt) {
    if (attempt > 1) ++stats_.retries;
    if (send()) {
      counter_ = pending_->counter + 1;
      if (fence_) return confirm();
      pending_.reset();
      return Written::taken;
    }
    if (untouched_ && sent == Sent::never && attempt == 1) {
      pending_.reset();
      return fail(Errc::no_space, last_trouble_);
    }
    if (attempt == 1) ++stats_.doubts;
    fence_ = true;
    if (auto settled = settled_by_counter()) return *settled;
  }
  return fail(unknown());
}

// One transmission. True when an authenticated answer says that the counter has taken the step.
bool Session::send() {
  ++stats_.writes;
  untouched_ = false;
  Frame answer;
  if (auto sent = transport_.program(pending_->request, answer); !sent) {
    last_trouble_ = to_string(sent.error());
    untouched_ = sent.error().code == Errc::no_space;  // the emulated chip: certainly nothing happened this time
    return false;
  }
  Verdict verdict = judge({&answer, 1}, key_,
                          {.type = response_type(Request::write_data),
                           .address = address(pending_->request.front()),
                           .counter_before = pending_->counter});
  last_trouble_ = std::string{"answer "} + name(verdict);
  if (verdict == Verdict::accept) {
    expired_ = (result(answer) & kExpired) != 0;
    return true;
  }
  const ResultCode code = result_code(result(answer));
  if (verdict == Verdict::device_result && code != ResultCode::key_not_programmed) {
    refusal_ = write_refusal(code);
    last_trouble_ = std::string{"the chip answers "} + name(code);
  } else {
    ++stats_.unauthenticated;
  }
  return false;
}

// Asks the chip what became of the pending request. Nothing: it has not been taken yet, or nobody can tell.
std::optional<Result<Written>> Session::settled_by_counter() {
  const std::uint32_t before = pending_->counter;
  auto now = read_counter();
  if (!now) {
    last_trouble_ += "; then " + to_string(now.error());
    return std::nullopt;
  }
  if (*now == before) return std::nullopt;
  if (*now == before + 1) return confirm();
  pending_.reset();  // its counter value is gone either way
  std::string text =
      "counter of " + transport_.facts().node + " is " + std::to_string(*now) + ", ours " + std::to_string(before);
  return Result<Written>{fail(*now < before ? Errc::rollback : Errc::foreign_writer, std::move(text))};
}

// The counter value of the pending request is consumed: what stands in its place says by whom.
Result<Written> Session::confirm() {
  refusal_.reset();
  std::vector<Block> stored(pending_->request.size());
  if (auto done = read(address(pending_->request.front()), stored); !done) {
    last_trouble_ += "; read back: " + to_string(done.error());
    return fail(unknown());
  }
  bool ours = std::ranges::equal(pending_->request, stored, [](const Frame& sent, const Block& block) {
    return std::ranges::equal(payload(sent), block);
  });
  pending_.reset();
  fence_ = !ours;  // a verified write has consumed its value: no older request of ours is alive any more
  return ours ? Written::taken : Written::superseded;
}

Error Session::unknown() const {
  return {Errc::outcome_unknown, "write to " + transport_.facts().node + ": " + last_trouble_};
}

Result<void> program_key(Transport& transport, const Key& key, crypto::Random& random) {
  Frame request = key_request(key.view());
  Frame answer;
  (void)transport.program({&request, 1},
                          answer);  // whatever it says: chips have been seen to deny a key they had taken
  wipe(request.data(), request.size());
  SIGNET_TRY(Session(transport, key, random).read_counter());
  return {};
}

}  // namespace signet::rpmb
