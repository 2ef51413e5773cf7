#include "activationd/serve.h"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>

#include "activation/keys.h"
#include "activation/registrar.h"
#include "activation/sqlite/store.h"
#include "activationd/api.h"
#include "activationd/master_key.h"
#include "activationd/places.h"
#include "config/toml_file.h"
#include "crypto/random.h"
#include "http/server.h"
#include "http/tls.h"
#include "identity/secret_file.h"
#include "service/harden.h"
#include "service/inherited_socket.h"
#include "service/log.h"
#include "service/must.h"
#include "service/watchdog.h"

namespace signet::activationd {
namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// None with plain = true.
Result<http::TlsContext> load_tls(const ListenConfig& listen) {
  if (listen.plain) return http::TlsContext{};
  SIGNET_ASSIGN(const auto certificates, config::read_file(listen.certificate));
  SIGNET_ASSIGN(const auto key, identity::read_secret_file(listen.key, identity::kCredential, kMaxKeyFile));
  auto tls = http::make_tls(certificates, as_text(key.view()));
  if (!tls) {
    return fail(Errc::config_invalid,
                fmt::format("{} and {}: {}", listen.certificate, listen.key, tls.error().context));
  }
  return tls;
}

http::ServerOptions server_options(const Config& config, int inherited) {
  return {.address = boost::asio::ip::make_address(config.listen.address),
          .port = config.listen.port,
          .inherited = inherited,
          .threads = config.listen.threads,
          .limits = config.limits,
          .address_field = config.listen.address_field,
          .plain = config.listen.plain};
}

// SIGHUP: a certificate that was renewed. One that is not valid changes nothing.
class ReloadOnHangup {
 public:
  ReloadOnHangup(boost::asio::io_context& loop, const ListenConfig& listen, http::Server& server)
      : hangup_{loop, SIGHUP}, listen_{listen}, server_{server} {
    wait();
  }

 private:
  void wait() {
    hangup_.async_wait([this](const boost::system::error_code& cancelled, int) {
      if (cancelled) return;
      service::notify_reloading();
      if (auto tls = load_tls(listen_)) {
        server_.replace_tls(*std::move(tls));
        service::log_event(service::Severity::notice, "certificate and key read again");
      } else {
        service::log_error(tls.error(), "certificate not changed");
      }
      service::notify_ready();
      wait();
    });
  }

  boost::asio::signal_set hangup_;
  const ListenConfig& listen_;
  http::Server& server_;
};

void announce(const Config& config, const http::Server& server, const std::string& master) {
  service::log_event(service::Severity::notice,
                     fmt::format("listening on port {}, {}; registrar {}, master key from {}", server.port(),
                                 config.listen.plain ? "plain" : "TLS", config.registrar.base_url, master));
}

}  // namespace

// [socket] -> Server -> Api -> Registrar -> Store -> [database]. Requests run on the server's threads, the store has
// one of its own for what is written; this thread accepts and hears signals.
void serve(const CommandLine& line, const Config& config) {
  service::harden_process();
  const Places places{line.state_dir};
  const auto held = service::must(lock(places));
  const int inherited = service::must(service::inherited_socket());
  auto tls = service::must(load_tls(config.listen));
  const auto master = service::must(load_master(environment("CREDENTIALS_DIRECTORY"), config.master_file));

  const SystemClock clock;
  crypto::SystemRandom random;
  boost::asio::io_context loop{1};
  auto store = service::must(activation::sqlite::Store::open({.path = places.database()}));
  const auto keys = service::must(activation::KeyRing::load(*store, master.key));
  activation::Registrar registrar{*store, keys, config.registrar, clock, random};
  Api api{registrar, config.rates, clock};
  const auto server = service::must(http::Server::open(loop, server_options(config, inherited), std::move(tls), api));
  api.watch(server->counters());

  const ReloadOnHangup reload{loop, config.listen, *server};
  boost::asio::signal_set stop{loop, SIGINT, SIGTERM};
  stop.async_wait([&loop, &api, &server = *server](const boost::system::error_code&, int) {
    service::notify_status("finishing what is running");
    api.close();
    server.stop([&loop] { loop.stop(); });
  });
  const service::Watchdog watchdog{loop};
  server->start();
  announce(config, *server, master.source);
  service::notify_ready();
  loop.run();
}

}  // namespace signet::activationd
