// signetctl fmdn identify and sound: what somebody may ask of a device that belongs to another, by DULT.
#include <memory>

#include "base/hex.h"
#include "dult/identifier.h"
#include "dult/indication.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/find_device.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

using dult::Opcode;

struct Choice {
  std::string address;
  std::optional<double> stop_after;  // seconds
};

constexpr std::chrono::milliseconds kLongestSound{40'000};  // 30 s is the most that DULT allows

std::chrono::milliseconds milliseconds(double seconds) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1000)};
}

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
  Stranger(Session& session, const FmdnOptions& options, const std::string& address)
      : limit_{limit_of(session)}, central_{open_central(options.adapter)} {
    session.progress("Connecting to " + address + " ...");
    link_ = must(central_->connect(checked_address(address), limit_));
    must(link_->subscribe(uuid(), limit_));
  }

  // Throws Failed: what the connection says; timeout.
  dult::Message ask(Opcode opcode) {
    const auto written = must(link_->write(uuid(), dult::request(opcode), limit_));
    if (const auto* error = std::get_if<bluez::AttError>(&written)) {
      const auto code = static_cast<std::uint8_t>(*error);
      throw Failed{Errc::io, "the device refused the request with ATT error 0x" + to_hex({&code, 1})};
    }
    auto message = wait_for(opcode, limit_);
    if (message) return *std::move(message);
    throw Failed{Errc::timeout, "the device did not answer " + dult::opcode_name(static_cast<std::uint16_t>(opcode)) +
                                    " in time; --timeout waits longer"};
  }

  // What settles a request; Sound_Stop's is the end of the sound, asked for or not. Nothing when the time is over.
  std::optional<dult::Message> wait_for(Opcode opcode, std::chrono::milliseconds limit) {
    const auto until = std::chrono::steady_clock::now() + limit;
    for (;;) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
      const auto octets = link_->next_notification(uuid(), std::max(left, std::chrono::milliseconds{0}));
      if (!octets && octets.error().code == Errc::timeout) return std::nullopt;
      auto message = dult::parse_indication(must(octets));
      if (message && dult::settles(*message, opcode)) return *std::move(message);
    }
  }

 private:
  static std::string uuid() { return std::string{dult::kCharacteristicUuid}; }

  std::chrono::milliseconds limit_;
  std::unique_ptr<bluez::Central> central_;
  std::unique_ptr<bluez::Link> link_;
};

// The status of a refusal; nothing for an answer.
std::optional<std::uint16_t> refusal_in(const dult::Message& message) {
  const auto* response = std::get_if<dult::CommandResponse>(&message.operand);
  if (!response || response->status == static_cast<std::uint16_t>(dult::Status::success)) return std::nullopt;
  return response->status;
}

Failed refused(const char* what, std::uint16_t status, const char* advice) {
  return Failed{Errc::access_denied, std::string{what} + " was refused: " + dult::status_name(status) + ". " + advice};
}

int identify(Session& session, const Choice& choice, const FmdnOptions& options) {
  Stranger device{session, options, choice.address};
  const auto answer = device.ask(Opcode::get_identifier);
  if (const auto status = refusal_in(answer)) {
    throw refused(
        "the identifier", *status,
        "It is told within 5 minutes after the button of the device is pressed, and away from its owner only");
  }
  const std::string identifier = dult::operand_text(answer);
  std::vector<std::pair<std::string, std::string>> facts{{"identifier", identifier}};
  boost::json::object json{{"identifier", identifier}};
  for (const auto& question : kQuestions) {
    const auto told = device.ask(question.opcode);
    if (refusal_in(told)) continue;  // several are optional
    facts.emplace_back(question.label, dult::operand_text(told));
    json[question.member] = dult::operand_text(told);
  }
  session.answer(json, [&](std::ostream& out) { print_facts(out, facts); });
  return kSuccess;
}

// Only the connection that started a sound may stop it, so it is stopped here or not at all.
int sound(Session& session, const Choice& choice, const FmdnOptions& options) {
  Stranger device{session, options, choice.address};
  const auto answer = device.ask(Opcode::sound_start);
  if (const auto status = refusal_in(answer)) {
    throw refused("the sound", *status, "A device sounds away from its owner only, and one sound at a time");
  }
  session.progress("It sounds.");
  bool completed = false;
  if (choice.stop_after) {
    completed = device.wait_for(Opcode::sound_stop, milliseconds(*choice.stop_after)).has_value();
    if (!completed) {
      const auto stopped = device.ask(Opcode::sound_stop);
      if (const auto status = refusal_in(stopped))
        throw refused("stopping the sound", *status, "It may be over already");
    }
  } else {
    completed = device.wait_for(Opcode::sound_stop, kLongestSound).has_value();
    if (!completed) throw Failed{Errc::timeout, "the device did not say within 40 s that its sound is over"};
  }
  const char* end = completed ? "completed" : "stopped";
  session.answer({{"sound", end}}, [&](std::ostream& out) { out << "The sound is over: " << end << ".\n"; });
  return kSuccess;
}

}  // namespace

void add_fmdn_stranger(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  const auto with_address = [&](CLI::App* command) {
    command->add_option("--address", choice->address, "The device; 'signetctl fmdn scan' shows it")->required();
    return command;
  };

  auto* identifying = with_address(group.add_subcommand("identify", "Ask a stranger's device who it is"));
  show_examples(*identifying, "  signetctl fmdn identify --address 00:AA:01:00:00:00");
  when_chosen(*identifying, session, [choice, options](Session& s) { return identify(s, *choice, *options); });

  auto* sounding = with_address(group.add_subcommand("sound", "Have a stranger's device make a sound"));
  sounding->add_option("--stop-after", choice->stop_after, "Stop it then; else stay until it is over by itself")
      ->check(CLI::Range(0.0, 30.0))
      ->option_text("SECONDS");
  show_examples(*sounding, "  signetctl fmdn sound --address 00:AA:01:00:00:00 --stop-after 3");
  when_chosen(*sounding, session, [choice, options](Session& s) { return sound(s, *choice, *options); });
}

}  // namespace signet::ctl
