// activationd's HTTP interface, from the octets of a connection to the answer, with the real registrar on a database in
// memory. The first octet says whose credential takes the place of the letter C in "Bearer C".
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <mutex>

#include "activation/sqlite/store.h"
#include "activationd/api.h"
#include "base/bytes.h"
#include "crypto/random.h"
#include "http/request_reader.h"
#include "tests/unit/identity/temporary_directory.h"

namespace {

using namespace signet;

// Unlimited: what a limit refuses is not looked at.
const activationd::RateConfig kRates{{0, 1}, {0, 1}};

struct Target {
  Target() {
    ::setenv("TMPDIR", "/dev/shm", 0);
    directory.emplace();
    store = *activation::sqlite::Store::open({.path = directory->path("registrar.db"), .create = true});
    const activation::MasterKey master;
    const auto now = std::chrono::floor<std::chrono::seconds>(clock.wall());
    if (!activation::make_keys(*store, master, {.organization = "Fuzz"}, now, random)) std::abort();
    keys.emplace(*activation::KeyRing::load(*store, master));
    registrar.emplace(*store, *keys, activation::RegistrarConfig{.base_url = "https://r"}, clock, random);
    api.emplace(*registrar, kRates, clock);
    for (const auto role : {activation::Role::vendor, activation::Role::verifier, activation::Role::operator_}) {
      credentials.push_back(*registrar->credentials().add({std::string{activation::name(role)}, role, {}}, "fuzz"));
    }
  }

  http::Reply ask(const http::Request& request) {
    std::optional<http::Answer> answer;
    api->handle(request, [&](http::Answer given) {
      const std::lock_guard lock{mutex};
      if (answer) std::abort();
      answer = std::move(given);
      ready.notify_one();
    });
    std::unique_lock lock{mutex};
    ready.wait(lock, [&answer] { return answer.has_value(); });
    return (*answer)();
  }

  SystemClock clock;
  crypto::SystemRandom random;
  std::optional<identity::TemporaryDirectory> directory;
  std::unique_ptr<activation::sqlite::Store> store;
  std::optional<activation::KeyRing> keys;
  std::optional<activation::Registrar> registrar;
  std::optional<activationd::Api> api;
  std::vector<std::string> credentials;
  std::mutex mutex;
  std::condition_variable ready;
};

void judge(const http::Reply& reply) {
  if (http::reason_phrase(reply.status) == "Unnamed" || reply.status == 500) std::abort();
  std::string out;
  http::write_reply(reply, "", true, false, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Target target;
  if (size == 0) return 0;
  const auto& credential = target.credentials[data[0] % target.credentials.size()];
  auto octets = as_text({data + 1, size - 1});
  http::RequestReader reader{{}};
  for (int requests = 0; requests < 8; ++requests) {
    while (reader.stage() == http::RequestReader::Stage::head || reader.stage() == http::RequestReader::Stage::body) {
      const auto before = reader.stage();
      const auto taken = reader.feed(octets);
      if (taken > octets.size()) std::abort();
      octets.remove_prefix(taken);
      if (taken == 0 && reader.stage() == before) return 0;
    }
    if (reader.stage() == http::RequestReader::Stage::failed) {
      judge(reader.failure());
      return 0;
    }
    auto& request = reader.request();
    if (request.authorization == "Bearer C") request.authorization = "Bearer " + credential;
    if (const auto refused = target.api->admit(request)) judge(*refused);
    judge(target.ask(request));
    reader.next();
  }
  return 0;
}
