#include "fmdnd/rpmbd_vault.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <signet/signet.hpp>

namespace signet::fmdnd {
namespace {

constexpr const char* kObject = "fmdn";
constexpr std::chrono::seconds kPatience{30};

Failure to_failure(const client::Error& error) {
  return fail(from_code(error.code()).value_or(Errc::internal), std::string{"rpmbd: "} + error.what());
}

}  // namespace

struct RpmbdVault::Connection {
  client::Client client{client::Client::Open::deferred};

  Result<std::optional<SecretBuffer>> load() try {
    client.set_timeout(kPatience);
    auto octets = client.get(kObject);
    SecretBuffer record{BytesView{octets}};
    wipe(octets.data(), octets.size());
    return std::optional{std::move(record)};
  } catch (const client::Error& error) {
    if (error.code() == SIGNET_E_NOT_FOUND) return std::optional<SecretBuffer>{};
    return to_failure(error);
  }

  Result<void> save(const SecretBuffer& record) try {
    client.set_timeout(kPatience);
    client.put(kObject, {record.view().data(), record.view().size()});
    return {};
  } catch (const client::Error& error) {
    return to_failure(error);
  }
};

RpmbdVault::RpmbdVault(boost::asio::io_context& loop) : loop_{loop}, connection_{std::make_unique<Connection>()} {}

RpmbdVault::~RpmbdVault() {
  *alive_ = false;
  worker_.stop();  // what has not begun does not begin any more
  worker_.join();
}

void RpmbdVault::load(Loaded loaded) {
  boost::asio::post(worker_, [this, alive = alive_, loaded = std::move(loaded)] {
    auto record = std::make_shared<Result<std::optional<SecretBuffer>>>(connection_->load());
    boost::asio::post(loop_, [alive, loaded, record] {
      if (*alive) loaded(std::move(*record));
    });
  });
}

void RpmbdVault::save(SecretBuffer record, Saved saved) {
  auto kept = std::make_shared<SecretBuffer>(std::move(record));
  boost::asio::post(worker_, [this, alive = alive_, saved = std::move(saved), kept] {
    auto result = connection_->save(*kept);
    boost::asio::post(loop_, [alive, saved, result = std::move(result)] {
      if (*alive) saved(result);
    });
  });
}

}  // namespace signet::fmdnd
