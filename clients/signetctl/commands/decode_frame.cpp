// signetctl chip decode-frame: what captured frames say. Needs neither a daemon nor a chip.
#include <memory>

#include "base/hex.h"
#include "signetctl/binary.h"
#include "signetctl/commands/chip.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/frame_text.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string frames;  // paths
  std::string key;
};

// 32 raw octets, or 64 hexadecimal digits and white space.
SecretBuffer read_key(Session& session, const std::string& path) {
  constexpr std::size_t kLimit = 4096;
  auto content = read_input(session, path, kLimit);
  if (content.size() == rpmb::kKeySize) return content;
  auto text = as_text(content.view());
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  auto octets = text.size() == 2 * rpmb::kKeySize ? from_hex(text) : std::nullopt;
  if (!octets) throw Failed{Errc::invalid_argument, "--key " + path + ": must hold 32 octets or 64 hexadecimal digits"};
  SecretBuffer key{*octets};
  wipe(octets->data(), octets->size());
  return key;
}

int decode(Session& session, const Choice& choice) {
  const auto input = read_input(session, choice.frames);
  const auto frames = parse_frames(input.view());
  std::optional<bool> fits;
  if (!choice.key.empty()) fits = mac_fits(frames, read_key(session, choice.key).view());

  boost::json::array list;
  for (const auto& frame : frames) list.emplace_back(frame_to_json(frame));
  boost::json::object json{{"frames", list}};
  if (fits) json["mac_valid"] = *fits;
  session.answer(json, [&](std::ostream& out) {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      out << "frame " << i + 1 << " of " << frames.size() << '\n';
      print_frame(out, frames[i]);
    }
    if (fits) out << "MAC over all frames: " << (*fits ? "valid" : "NOT valid") << '\n';
  });
  return fits.value_or(true) ? kSuccess : static_cast<int>(Errc::bad_signature);
}

}  // namespace

void add_decode_frame(CLI::App& group, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command =
      group.add_subcommand("decode-frame", "Take frames apart that the standard input holds, hex or binary");
  command->add_option("-f,--file", choice->frames, "Read this file instead")->type_name("FILE");
  command->add_option("--key", choice->key, "Check the MAC with the key in this file")->type_name("FILE");
  show_examples(*command, R"(  xxd -p frames.bin | signetctl chip decode-frame
  signetctl chip decode-frame --file frames.bin --key rpmb.key)");
  when_chosen(*command, session, [choice](Session& s) { return decode(s, *choice); });
}

}  // namespace signet::ctl
