// signetctl sign and verify.
#include <memory>

#include "base/base64.h"
#include "crypto/ecdsa.h"
#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/pem.h"
#include "signetctl/signature_format.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string key;
  std::string data;  // paths
  std::string signature;
  std::string public_key;
  SignatureFormat format = SignatureFormat::automatic;
  Destination output;
};

const Words<SignatureFormat> kFormats{
    {"raw", SignatureFormat::raw}, {"der", SignatureFormat::der}, {"base64", SignatureFormat::base64}};

client::OctetsView octets(BytesView bytes) { return {bytes.data(), bytes.size()}; }

int sign(Session& session, const Choice& choice) {
  session.listed_by = "signetctl key ls";
  const auto data = read_input(session, choice.data);
  const auto raw = session.daemon().sign(choice.key, octets(data.view()));
  const Bytes written = format_signature(raw, choice.format);
  if (!session.options.json || !choice.output.path.empty()) write_output(session, choice.output, written);
  if (session.options.json) session.print_json({{"key", choice.key}, {"signature_base64", to_base64(raw)}});
  return kSuccess;
}

Bytes read_public_key(Session& session, const std::string& path) {
  constexpr std::size_t kLimit = 64 * 1024;
  const auto content = read_input(session, path, kLimit);
  if (auto der = from_pem("PUBLIC KEY", as_text(content.view()))) return *der;
  return {content.view().begin(), content.view().end()};
}

bool verify_offline(Session& session, const Choice& choice, BytesView data, BytesView signature) {
  return must(crypto::verify_es256(read_public_key(session, choice.public_key), data, signature));
}

int verify(Session& session, const Choice& choice) {
  if (choice.key.empty() == choice.public_key.empty()) {
    throw WrongUsage{"verify: give either the name of a key or --public-key FILE", "Try 'signetctl verify --help'."};
  }
  session.listed_by = "signetctl key ls";
  const auto written = read_input(session, choice.signature);
  const Bytes signature = parse_signature(written.view(), choice.format);
  const auto data = read_input(session, choice.data);
  const bool valid = choice.public_key.empty()
                         ? session.daemon().verify(choice.key, octets(data.view()), octets(signature))
                         : verify_offline(session, choice, data.view(), signature);
  session.answer({{"valid", valid}}, [&](std::ostream& out) {
    out << (valid ? "valid\n" : "NOT valid: the signature does not fit the data\n");
  });
  return valid ? kSuccess : static_cast<int>(Errc::bad_signature);
}

}  // namespace

void add_sign(CLI::App& parser, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command = parser.add_subcommand("sign", "Sign what the standard input holds");
  command->add_option("KEY", choice->key, "Name of the key")->required();
  command->add_option("-f,--file", choice->data, "Sign this file instead")->type_name("FILE");
  add_output(*command, choice->output, "Write the signature to this file");
  command->add_option("--format", choice->format, "Form of the signature; base64 when not given")
      ->transform(one_of(kFormats))
      ->option_text("raw|der|base64");
  command->add_flag("--force", choice->output.force, "Binary data to a terminal, too");
  show_examples(*command, R"(  signetctl sign device --file letter.txt > letter.sig
  signetctl sign device --file letter.txt --format der --output letter.der     as OpenSSL wants it)");
  when_chosen(*command, session, [choice](Session& s) { return sign(s, *choice); });
}

void add_verify(CLI::App& parser, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command = parser.add_subcommand("verify", "Check a signature over what the standard input holds");
  command->add_option("KEY", choice->key, "Name of the key");
  command
      ->add_option("--public-key", choice->public_key,
                   "Check against this ECDSA P-256 public key (PEM or DER), offline")
      ->type_name("FILE");
  command->add_option("--signature", choice->signature, "The signature")->required()->type_name("FILE");
  command->add_option("-f,--file", choice->data, "The data that was signed")->type_name("FILE");
  command->add_option("--format", choice->format, "Form of the signature; found out when not given")
      ->transform(one_of(kFormats))
      ->option_text("raw|der|base64");
  show_examples(*command, R"(  signetctl verify device --signature letter.sig --file letter.txt
  signetctl verify --public-key device.pem --signature letter.sig < letter.txt     offline)");
  when_chosen(*command, session, [choice](Session& s) { return verify(s, *choice); });
}

}  // namespace signet::ctl
