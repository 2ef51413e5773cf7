// signetctl fmdn scan: what is on the air.
#include <memory>

#include "finder/scan.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/advert_text.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds{250};

struct Choice {
  double seconds = 10;
  bool mine = false;
};

class Table {
 public:
  explicit Table(Session& session) : session_{session} {}

  void show(const finder::Neighbours& heard, bool last) {
    const bool live = session_.io.out_is_terminal;
    const auto now = std::chrono::steady_clock::now();
    if (!last && (!live || now - drawn_ < kRedraw)) return;
    drawn_ = now;
    if (lines_ > 0) session_.io.out << "\x1b[" << lines_ << "A\x1b[J";  // up, and clear what is below
    std::vector<std::vector<std::string>> rows{{"ADDRESS", "DEVICE", "RSSI", "SEEN", "SAYS"}};
    for (const auto& [address, one] : heard) {
      for (const auto& part : one.advert.parts) {
        rows.push_back({address, one.device.empty() ? "-" : one.device, one.rssi ? std::to_string(*one.rssi) : "-",
                        std::to_string(one.times), summary_of(part)});
      }
    }
    lines_ = live ? rows.size() : 0;
    print_table(session_.io.out, rows, {2, 3});
    session_.io.out.flush();
  }

 private:
  Session& session_;
  std::size_t lines_ = 0;
  std::chrono::steady_clock::time_point drawn_{};
};

boost::json::object heard_to_json(const std::string& address, const finder::Heard& one) {
  auto json = advert_to_json(one.advert);
  json["address"] = address;
  if (one.rssi) json["rssi"] = *one.rssi;
  if (!one.name.empty()) json["name"] = one.name;
  if (!one.device.empty()) json["device"] = one.device;
  return json;
}

int scan(Session& session, const Choice& choice, const FmdnOptions& options) {
  const auto contents = choice.mine ? OpenKeyring{options.keyring}.load() : keyring::Contents{};
  Table table{session};
  const std::chrono::milliseconds limit{static_cast<std::int64_t>(choice.seconds * 1000)};
  const auto show = [&](const finder::Neighbours& all, const std::string& address, const finder::Heard& one,
                        bool news) {
    if (!session.options.json) {
      table.show(all, false);
    } else if (news) {
      session.print_json(heard_to_json(address, one));
      session.io.out.flush();
    }
    return true;
  };
  const auto heard = must(finder::scan(radio_of(session, options.adapter), limit, contents, show));
  if (!session.options.json) table.show(heard, true);
  if (heard.empty()) session.progress("Nothing was heard. Is a beacon near? --seconds listens longer.");
  return kSuccess;
}

}  // namespace

void add_fmdn_scan(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  auto* command = group.add_subcommand("scan", "Show what is on the air: FMDN, Fast Pair and DULT, decoded");
  command->add_option("--seconds", choice->seconds, "Listen so long; 10 when not given")
      ->check(number(0.1, 86400))
      ->option_text("N");
  command->add_flag("--mine", choice->mine, "Name the devices of the keyring");
  show_examples(*command, R"(  signetctl fmdn scan --seconds 30
  signetctl fmdn scan --mine --json | jq 'select(.device)')");
  when_chosen(*command, session, [choice, options](Session& s) { return scan(s, *choice, *options); });
}

}  // namespace signet::ctl
