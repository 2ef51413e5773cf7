#include "load/server.h"

#include <boost/json/serialize.hpp>

namespace signet::load {

Result<boost::json::object> Server::ask(std::string method, std::string path, const boost::json::object* body,
                                        std::string credential) {
  https::Transfer transfer{network_,
                           {.method = std::move(method),
                            .origin = address_.origin,
                            .path = std::move(path),
                            .body = body ? boost::json::serialize(*body) : std::string{},
                            .credential = std::move(credential),
                            .trusted = address_.tls_ca}};
  https::wait_for(transfer, network_, watch_);
  SIGNET_ASSIGN(const auto answer, transfer.take());
  return https::json_of(answer, address_.origin.host);
}

}  // namespace signet::load
