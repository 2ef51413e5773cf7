#include "rpmb/transport/ufs/ufs_transport.h"

#include <algorithm>
#include <array>
#include <string>

#include "rpmb/transport/node/identity.h"
#include "rpmb/transport/ufs/discovery.h"

namespace signet::rpmb {
namespace {

using Outcome = ScsiGeneric::Outcome;

constexpr std::uint8_t kRegion = 0;
constexpr int kAttentions = 3;  // a unit may report several events, one per command

BytesView octets(std::span<const Frame> frames) { return {frames.front().data(), frames.size_bytes()}; }
std::span<std::uint8_t> octets(std::span<Frame> frames) { return {frames.front().data(), frames.size_bytes()}; }

Result<void> check_frames(const char* what, std::size_t frames) {
  if (frames >= 1 && frames <= kMaxReadFrames) return {};
  return fail(Errc::invalid_argument, std::string{what} + " of " + std::to_string(frames) + " frames");
}

Failure interrupted(const ChipFacts& facts) {
  return fail(Errc::io, facts.node + ": the unit was reset within an operation; its answer is lost");
}

Result<void> require_well_known_unit(ScsiGeneric& unit) {
  std::array<std::uint8_t, scsi::kInquirySize> answer{};
  SIGNET_ASSIGN(const auto outcome, unit.receive(scsi::inquiry(), answer));
  if (outcome == Outcome::done && scsi::is_well_known_unit(answer)) return {};
  return fail(Errc::not_rpmb, unit.node().path.string() + " is no well-known SCSI unit (peripheral type " +
                                  std::to_string(answer[0] & 0x1f) + ", RPMB has 30)");
}

}  // namespace

UfsTransport::UfsTransport(Syscalls& syscalls, std::filesystem::path sysfs, ScsiGeneric unit, ChipFacts facts,
                           ChipLock lock)
    : syscalls_{syscalls},
      sysfs_{std::move(sysfs)},
      unit_{std::move(unit)},
      facts_{std::move(facts)},
      lock_{std::move(lock)} {}

Result<std::unique_ptr<UfsTransport>> UfsTransport::open(const NodeOptions& options, Syscalls& syscalls) {
  auto path = options.node;
  if (path.empty()) {
    SIGNET_ASSIGN(path, ufs::find_node(options));
  }
  SIGNET_ASSIGN(auto unit, ScsiGeneric::open(syscalls, path));
  SIGNET_TRY(require_well_known_unit(unit));
  SIGNET_ASSIGN(auto facts, ufs::read_facts(options, path, unit.node().number));
  SIGNET_ASSIGN(auto lock, ChipLock::acquire(options.lock_directory, facts.cid));
  return std::unique_ptr<UfsTransport>{
      new UfsTransport{syscalls, options.sysfs, std::move(unit), std::move(facts), std::move(lock)}};
}

// A unit attention to the first command of an operation only says that something happened before: the command was not
// carried out and may go again. To any later command it says that the unit has forgotten the operation (the result
// register is gone), and repeating that command would fetch some other answer: the caller has to look at the counter.
Result<void> UfsTransport::send_first(std::span<const Frame> frames) {
  const auto data = octets(frames);
  const auto command = scsi::security_protocol_out(kRegion, static_cast<std::uint32_t>(data.size()));
  for (int attempt = 0; attempt <= kAttentions; ++attempt) {
    SIGNET_ASSIGN(const auto outcome, unit_.send(command, data));
    if (outcome == Outcome::done) return {};
  }
  return fail(Errc::io, facts_.node + ": the unit reports one event after the other (unit attention)");
}

Result<void> UfsTransport::send_next(std::span<const Frame> frames) {
  const auto data = octets(frames);
  SIGNET_ASSIGN(const auto outcome,
                unit_.send(scsi::security_protocol_out(kRegion, static_cast<std::uint32_t>(data.size())), data));
  if (outcome == Outcome::unit_attention) return interrupted(facts_);
  return {};
}

Result<void> UfsTransport::receive(std::span<Frame> frames) {
  const auto data = octets(frames);
  auto outcome = unit_.receive(scsi::security_protocol_in(kRegion, static_cast<std::uint32_t>(data.size())), data);
  if (outcome && *outcome == Outcome::done) return {};
  std::ranges::fill(frames, Frame{});  // whatever came does not count
  if (!outcome) return fail(std::move(outcome).error());
  return interrupted(facts_);
}

Result<void> UfsTransport::program(std::span<const Frame> request, Frame& response) {
  SIGNET_TRY(check_frames("write", request.size()));
  SIGNET_TRY(send_first(request));
  const std::array<Frame, 1> ask_result{result_request()};
  SIGNET_TRY(send_next(ask_result));
  return receive({&response, 1});
}

Result<void> UfsTransport::read(const Frame& request, std::span<Frame> response) {
  SIGNET_TRY(check_frames("read", response.size()));
  SIGNET_TRY(send_first({&request, 1}));
  return receive(response);
}

Result<void> UfsTransport::check_identity() {
  return check_same_chip(syscalls_, unit_.node(), facts_,
                         [this](dev_t number) { return ufs::read_cid(sysfs_, number); });
}

}  // namespace signet::rpmb
