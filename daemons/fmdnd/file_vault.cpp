#include "fmdnd/file_vault.h"

#include <boost/asio/post.hpp>
#include <memory>

#include "base/durable_file.h"
#include "identity/secret_file.h"

namespace signet::fmdnd {
namespace {

Result<std::optional<SecretBuffer>> read(const std::string& path) {
  auto content = identity::read_secret_file(path, identity::kPrivateFile, kLongestRecord);
  if (content) return std::optional{*std::move(content)};
  if (content.error().code == Errc::not_found) return std::optional<SecretBuffer>{};
  return fail(std::move(content).error());
}

}  // namespace

void FileVault::load(Loaded loaded) {
  auto record = std::make_shared<Result<std::optional<SecretBuffer>>>(read(path_));
  boost::asio::post(loop_, [loaded = std::move(loaded), record] { loaded(std::move(*record)); });
}

void FileVault::save(SecretBuffer record, Saved saved) {
  boost::asio::post(loop_, [saved = std::move(saved), result = replace_file(path_, record.view())] { saved(result); });
}

}  // namespace signet::fmdnd
