#include "finder/stranger.h"

#include "base/hex.h"
#include "finder/address.h"

namespace signet::finder {
namespace {

using dult::Opcode;
using std::chrono::milliseconds;

constexpr milliseconds kLongestSound{40'000};  // 30 s is the most that DULT allows

struct Question {
  Opcode opcode;
  const char* label;
  const char* member;
};
constexpr Question kQuestions[] = {{Opcode::get_product_data, "product data", "product_data"},
                                   {Opcode::get_manufacturer_name, "manufacturer", "manufacturer"},
                                   {Opcode::get_model_name, "model", "model"},
                                   {Opcode::get_accessory_category, "category", "category"},
                                   {Opcode::get_accessory_capabilities, "capabilities", "capabilities"},
                                   {Opcode::get_network_id, "network", "network"},
                                   {Opcode::get_firmware_version, "firmware", "firmware"},
                                   {Opcode::get_battery_type, "battery type", "battery_type"},
                                   {Opcode::get_battery_level, "battery", "battery_level"}};

class Stranger {
 public:
  static Result<Stranger> begin(const Radio& radio, const std::string& given_address) {
    SIGNET_ASSIGN(const std::string address, checked_address(given_address));
    Stranger stranger{radio.limit};
    SIGNET_ASSIGN(stranger.central_, radio.central());
    radio.progress("Connecting to " + address + " ...");
    SIGNET_ASSIGN(stranger.link_, stranger.central_->connect(address, radio.limit));
    SIGNET_TRY(stranger.link_->subscribe(uuid(), radio.limit));
    return stranger;
  }

  // Errors: what the connection says; timeout.
  Result<dult::Message> ask(Opcode opcode) {
    SIGNET_ASSIGN(const auto written, link_->write(uuid(), dult::request(opcode), limit_));
    if (const auto* error = std::get_if<bluez::AttError>(&written)) {
      const auto code = static_cast<std::uint8_t>(*error);
      return fail(Errc::io, "the device refused the request with ATT error 0x" + to_hex({&code, 1}));
    }
    SIGNET_ASSIGN(auto message, wait_for(opcode, limit_));
    if (message) return *std::move(message);
    return fail(Errc::timeout, "the device did not answer " + dult::opcode_name(static_cast<std::uint16_t>(opcode)) +
                                   " in time; wait longer");
  }

  // What settles a request; Sound_Stop's is the end of the sound, asked for or not. Nothing when the time is over.
  Result<std::optional<dult::Message>> wait_for(Opcode opcode, milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
      const auto octets = link_->next_notification(uuid(), std::max(left, milliseconds{0}));
      if (!octets && octets.error().code == Errc::timeout) return std::optional<dult::Message>{};
      if (!octets) return fail(octets.error());
      auto message = dult::parse_indication(*octets);
      if (message && dult::settles(*message, opcode)) return std::optional{*std::move(message)};
    }
  }

 private:
  explicit Stranger(milliseconds limit) : limit_{limit} {}
  static std::string uuid() { return std::string{dult::kCharacteristicUuid}; }

  milliseconds limit_;
  std::unique_ptr<bluez::Central> central_;
  std::unique_ptr<bluez::Link> link_;
};

// The status of a refusal; nothing for an answer.
std::optional<std::uint16_t> refusal_in(const dult::Message& message) {
  const auto* response = std::get_if<dult::CommandResponse>(&message.operand);
  if (!response || response->status == static_cast<std::uint16_t>(dult::Status::success)) return std::nullopt;
  return response->status;
}

Failure refused(const char* what, std::uint16_t status, const char* advice) {
  return fail(Errc::access_denied, std::string{what} + " was refused: " + dult::status_name(status) + ". " + advice);
}

Result<SoundEnd> stop_sound(Stranger& device) {
  SIGNET_ASSIGN(const auto stopped, device.ask(Opcode::sound_stop));
  if (const auto status = refusal_in(stopped)) {
    return refused("stopping the sound", *status, "It may be over already");
  }
  return SoundEnd::stopped;
}

}  // namespace

Result<std::vector<Fact>> identify(const Radio& radio, const std::string& address) {
  SIGNET_ASSIGN(auto device, Stranger::begin(radio, address));
  SIGNET_ASSIGN(const auto answer, device.ask(Opcode::get_identifier));
  if (const auto status = refusal_in(answer)) {
    return refused(
        "the identifier", *status,
        "It is told within 5 minutes after the button of the device is pressed, and away from its owner only");
  }
  std::vector<Fact> facts{{.member = "identifier", .label = "identifier", .text = dult::operand_text(answer)}};
  for (const auto& question : kQuestions) {
    SIGNET_ASSIGN(const auto told, device.ask(question.opcode));
    if (refusal_in(told)) continue;  // several are optional
    facts.push_back({.member = question.member, .label = question.label, .text = dult::operand_text(told)});
  }
  return facts;
}

Result<SoundEnd> sound(const Radio& radio, const std::string& address, std::optional<milliseconds> stop_after) {
  SIGNET_ASSIGN(auto device, Stranger::begin(radio, address));
  SIGNET_ASSIGN(const auto answer, device.ask(Opcode::sound_start));
  if (const auto status = refusal_in(answer)) {
    return refused("the sound", *status, "A device sounds away from its owner only, and one sound at a time");
  }
  radio.progress("It sounds.");
  SIGNET_ASSIGN(const auto completed, device.wait_for(Opcode::sound_stop, stop_after.value_or(kLongestSound)));
  if (completed) return SoundEnd::completed;
  if (stop_after) return stop_sound(device);
  return fail(Errc::timeout, "the device did not say within 40 s that its sound is over");
}

}  // namespace signet::finder
