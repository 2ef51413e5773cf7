// The server's side of TLS: 1.2 and 1.3, forward secrecy, HTTP/1.1 by ALPN.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace signet::http {

using TlsContext = std::shared_ptr<boost::asio::ssl::context>;

// `certificates`: PEM, the server's own first, then those that lead to its root. `key`: PEM; a passphrase is never
// asked for. Error: config_invalid, says which of the two is of no use, or that they do not belong together.
Result<TlsContext> make_tls(std::string_view certificates, std::string_view key);

}  // namespace signet::http
