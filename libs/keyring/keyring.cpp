#include "keyring/keyring.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>

#include "base/durable_file.h"
#include "base/unique_fd.h"
#include "identity/secret_file.h"

namespace signet::keyring {
namespace {

constexpr std::size_t kMaxFile = 16 * 1024 * 1024;
constexpr auto kPatience = std::chrono::seconds{10};
constexpr auto kRetry = std::chrono::milliseconds{50};

Failure failed(const std::string& what, const std::string& path, int error) {
  const bool full = error == ENOSPC || error == EDQUOT;
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return fail(full     ? Errc::no_space
              : denied ? Errc::access_denied
                       : Errc::io,
              "keyring: " + what + " " + path + ": " + std::strerror(error));
}

std::string directory_of(const std::string& path) {
  const auto parent = std::filesystem::path{path}.parent_path();
  return parent.empty() ? "." : parent.string();
}

// A directory that is new has to outlive a power cut with what comes into it, and so has the one it is in.
Result<void> make_directory(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return {};
  const std::string parent = directory_of(path);
  if (parent != path) SIGNET_TRY(make_directory(parent));
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed("making directory", path, errno);
  if (auto kept = sync_directory(parent); !kept) return fail(kept.error().code, "keyring: " + kept.error().context);
  return {};
}

// The directory is what is locked: the file itself is replaced.
Result<UniqueFd> lock_directory(const std::string& path) {
  UniqueFd fd{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!fd) return failed("opening directory", path, errno);
  const auto until = std::chrono::steady_clock::now() + kPatience;
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return failed("locking directory", path, errno);
    if (std::chrono::steady_clock::now() > until) {
      return fail(Errc::busy, "keyring: another process has held " + path + " for 10 s");
    }
    std::this_thread::sleep_for(kRetry);
  }
  return fd;
}

// Nothing when there is no file.
Result<std::optional<SecretBuffer>> read(const std::string& path) {
  auto file = identity::read_secret_file(path, identity::kPrivateFile, kMaxFile);
  if (!file && file.error().code == Errc::not_found) return std::optional<SecretBuffer>{};
  if (!file) return fail(file.error().code, "keyring: " + file.error().context);
  return std::optional{*std::move(file)};
}

const char* name(LockedBy kind) { return kind == LockedBy::key_file ? "a key file" : "a pass phrase"; }

std::optional<std::string> absolute(const char* variable) {
  const char* value = std::getenv(variable);
  if (!value || *value != '/') return std::nullopt;
  return value;
}

}  // namespace

Keyring::Keyring(std::string path, Lock& lock, crypto::Random& random, crypto::ScryptCost cost)
    : path_{std::move(path)}, lock_{lock}, random_{random}, cost_{cost} {}

Result<void> Keyring::unlock(const Header& header, bool is_new) {
  if (header_ == header) return {};
  if (header.locked_by != lock_.kind()) {
    return fail(Errc::invalid_argument,
                "keyring: " + path_ + " is locked by " + name(header.locked_by) + ", not by " + name(lock_.kind()));
  }
  SIGNET_ASSIGN(const SecretBuffer secret, lock_.secret(is_new));
  SIGNET_ASSIGN(key_, derive(header, secret.view()));
  header_ = header;
  return {};
}

Result<Contents> Keyring::load() {
  SIGNET_ASSIGN(const auto file, read(path_));
  if (!file) return Contents{};
  const auto at_path = [&](Error error) { return fail(error.code, error.context + " (" + path_ + ")"); };
  const auto header = read_header(file->view());
  if (!header) return at_path(header.error());
  SIGNET_TRY(unlock(*header, false));
  const auto octets = open(file->view(), key_);
  if (!octets) {
    header_.reset();
    return at_path(octets.error());
  }
  auto contents = Contents::decode(octets->view());
  if (!contents) return at_path(contents.error());
  return contents;
}

Result<void> Keyring::update(const std::function<Result<void>(Contents&)>& change) {
  const std::string directory = directory_of(path_);
  SIGNET_TRY(make_directory(directory));
  SIGNET_ASSIGN(const UniqueFd held, lock_directory(directory));
  SIGNET_ASSIGN(Contents contents, load());
  SIGNET_TRY(change(contents));
  if (!header_) {
    Header header{.locked_by = lock_.kind(), .cost = cost_, .salt = random_.bytes<kSaltSize>()};
    if (header.locked_by == LockedBy::key_file) header.cost = {.log2_n = 0, .block_size = 0, .parallel = 0};
    SIGNET_TRY(unlock(header, true));
  }
  auto replaced = replace_file(path_, seal(*header_, key_, contents.encode().view(), random_));
  if (!replaced) return fail(replaced.error().code, "keyring: " + replaced.error().context);
  return {};
}

std::optional<std::string> default_path() {
  if (const auto data = absolute("XDG_DATA_HOME")) return *data + "/signet/keyring";
  if (const auto home = absolute("HOME")) return *home + "/.local/share/signet/keyring";
  return std::nullopt;
}

}  // namespace signet::keyring
