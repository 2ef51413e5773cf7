// signetctl fmdn scan: what is on the air.
#include <map>
#include <memory>

#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/advert.h"
#include "signetctl/fmdn/find_device.h"
#include "signetctl/fmdn/moment.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr auto kRedraw = std::chrono::milliseconds{250};

struct Choice {
  double seconds = 10;
  bool mine = false;
};

// A device as it was heard last.
struct Heard {
  std::size_t times = 0;
  std::optional<std::int16_t> rssi;
  std::string device;  // of the keyring
  Advert advert;
};

Advert advert_of(const bluez::Sighting& seen) {
  Advert advert;
  for (const auto& [uuid, octets] : seen.service_data) {
    if (uuid == kFmdnUuid || uuid == kFastPairUuid || uuid == kDultUuid) {
      advert.parts.push_back(describe_service_data(uuid, octets));
    }
  }
  return advert;
}

bool same(const Advert& a, const Advert& b) {
  return std::ranges::equal(a.parts, b.parts, [](const AdvertPart& one, const AdvertPart& other) {
    return one.uuid == other.uuid && one.octets == other.octets;
  });
}

std::string device_of(const keyring::Contents& contents, const bluez::Sighting& seen) {
  for (const auto& device : contents.devices()) {
    if (likeness(device, seen, present()) == Likeness::yes) return device.name;
  }
  return "";
}

// A name is any text, of anybody's.
std::string printable(std::string text) {
  std::ranges::replace_if(
      text, [](char c) { return c < ' ' || c > '~'; }, '?');
  return text;
}

class Table {
 public:
  explicit Table(Session& session) : session_{session} {}

  void show(const std::map<std::string, Heard>& heard, bool last) {
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

int scan(Session& session, const Choice& choice, const FmdnOptions& options) {
  const auto contents = choice.mine ? OpenKeyring{options.keyring}.load() : keyring::Contents{};
  const auto central = open_central(options.adapter);
  std::map<std::string, Heard> heard;
  Table table{session};
  const std::chrono::milliseconds limit{static_cast<std::int64_t>(choice.seconds * 1000)};
  must(central->scan(limit, [&](const bluez::Sighting& seen) {
    Advert advert = advert_of(seen);
    if (advert.parts.empty()) return true;
    Heard& one = heard[seen.address];
    const bool news = one.times++ == 0 || !same(one.advert, advert);
    one.rssi = seen.rssi;
    if (news && choice.mine) one.device = device_of(contents, seen);
    if (news) one.advert = std::move(advert);
    if (!session.options.json) {
      table.show(heard, false);
    } else if (news) {
      auto json = advert_to_json(one.advert);
      json["address"] = seen.address;
      if (seen.rssi) json["rssi"] = *seen.rssi;
      if (!seen.name.empty()) json["name"] = printable(seen.name);
      if (!one.device.empty()) json["device"] = one.device;
      session.print_json(json);
      session.io.out.flush();
    }
    return true;
  }));
  if (!session.options.json) table.show(heard, true);
  if (heard.empty()) session.progress("Nothing was heard. Is a beacon near? --seconds listens longer.");
  return kSuccess;
}

}  // namespace

void add_fmdn_scan(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  auto* command = group.add_subcommand("scan", "Show what is on the air: FMDN, Fast Pair and DULT, decoded");
  command->add_option("--seconds", choice->seconds, "Listen so long; 10 when not given")
      ->check(CLI::Range(0.1, 86400.0))
      ->option_text("N");
  command->add_flag("--mine", choice->mine, "Name the devices of the keyring");
  show_examples(*command, R"(  signetctl fmdn scan --seconds 30
  signetctl fmdn scan --mine --json | jq 'select(.device)')");
  when_chosen(*command, session, [choice, options](Session& s) { return scan(s, *choice, *options); });
}

}  // namespace signet::ctl
