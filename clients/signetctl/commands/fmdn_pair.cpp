// signetctl fmdn pair: the Seeker of Fast Pair.
#include <memory>

#include "base/hex.h"
#include "finder/model_key.h"
#include "finder/pair.h"
#include "signetctl/binary.h"
#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/radio.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string name;
  std::string address;
  std::string model;
  std::string anti_spoofing;
};

std::optional<fastpair::ModelId> wanted_model(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto octets = from_hex(text.starts_with("0x") ? text.substr(2) : text);
  fastpair::ModelId model{};
  if (!octets || octets->size() != model.size()) {
    throw Failed{Errc::invalid_argument, "--model '" + text + "': must have 6 hexadecimal digits"};
  }
  std::ranges::copy(*octets, model.begin());
  return model;
}

Result<fastpair::PublicKey> model_key_in(Session& session, const std::string& path) try {
  auto key = finder::parse_model_key(read_input(session, path, finder::kMaxModelKeyFile).view());
  if (!key) return fail(key.error().code, "--antispoofing-key " + path + ": " + key.error().context);
  return key;
} catch (const Failed& failed) {
  return fail(failed.error());
}

int pair(Session& session, const Choice& choice, const FmdnOptions& options) {
  OpenKeyring keyring{options.keyring};
  const auto key_of = [&](const fastpair::ModelId& model) {
    return choice.anti_spoofing.empty() ? finder::known_model_key(keyring.path(), model)
                                        : model_key_in(session, choice.anti_spoofing);
  };
  const auto paired =
      must(finder::pair(radio_of(session, options.adapter), keyring.keyring(),
                        {.name = choice.name, .address = choice.address, .model = wanted_model(choice.model)}, key_of));
  session.answer(
      {{"name", choice.name}, {"address", paired.address}, {"model_id", to_hex(paired.model)}, {"owner", paired.owner}},
      [&](std::ostream& out) {
        out << "Paired with " << paired.address << ", model " << finder::model_text(paired.model) << "; it is '"
            << choice.name << "' from now on. Next: signetctl fmdn provision " << choice.name << '\n';
      });
  return kSuccess;
}

}  // namespace

void add_fmdn_pair(CLI::App& group, Session& session, const SharedFmdnOptions& options) {
  const auto choice = std::make_shared<Choice>();
  auto* command =
      group.add_subcommand("pair", "Pair with a device in pairing mode by Fast Pair, and keep it by a name");
  command->add_option("NAME", choice->name, "What the keyring is to call it")->required();
  command->add_option("--address", choice->address, "This one; the first that is seen when not given")
      ->type_name("ADDRESS");
  command->add_option("--model", choice->model, "One of this model")->type_name("ID");
  command
      ->add_option("--antispoofing-key", choice->anti_spoofing,
                   "The model's public key; else models/ID.pem beside the keyring")
      ->type_name("FILE");
  show_examples(*command, R"(  signetctl fmdn pair bag --antispoofing-key tag-7.pem
  signetctl fmdn pair bag --model 12A4F7 --address 00:AA:01:00:00:00)");
  when_chosen(*command, session, [choice, options](Session& s) { return pair(s, *choice, *options); });
}

}  // namespace signet::ctl
