#include "rpmb/transport/node/sysfs.h"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <system_error>

#include "base/hex.h"
#include "base/unique_fd.h"

namespace signet::rpmb::sysfs {
namespace {

constexpr std::size_t kPage = 4096;

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

template <class Number>
std::optional<Number> parse_digits(std::string_view digits, int base) {
  Number value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (error != std::errc{} || end != digits.data() + digits.size()) return {};
  return value;
}

template <class Value>
std::optional<Value> find(const std::filesystem::path& attribute, std::optional<Value> (*parse)(std::string_view)) {
  const auto text = read(attribute);
  if (!text) return {};
  return parse(*text);
}

}  // namespace

std::optional<std::uint64_t> parse_number(std::string_view text) {
  text = trim(text);
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  return hexadecimal ? parse_digits<std::uint64_t>(text.substr(2), 16) : parse_digits<std::uint64_t>(text, 10);
}

std::optional<Cid> parse_cid(std::string_view text) {
  Cid cid;
  const auto bytes = from_hex(trim(text));
  if (!bytes || bytes->size() != cid.size()) return {};
  std::copy(bytes->begin(), bytes->end(), cid.begin());
  return cid;
}

std::optional<dev_t> parse_device(std::string_view text) {
  text = trim(text);
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return {};
  const auto major = parse_digits<unsigned>(text.substr(0, colon), 10);
  const auto minor = parse_digits<unsigned>(text.substr(colon + 1), 10);
  if (!major || !minor) return {};
  return makedev(*major, *minor);
}

Result<std::string> read(const std::filesystem::path& attribute) {
  const UniqueFd fd{::open(attribute.c_str(), O_RDONLY | O_CLOEXEC)};
  std::array<char, kPage> page;
  const ssize_t size = fd ? ::read(fd.get(), page.data(), page.size()) : -1;
  if (size < 0) {
    const int error = errno;
    const bool gone = error == ENOENT || error == ENOTDIR || error == ENODEV || error == ENXIO;
    return fail(gone ? Errc::not_found : Errc::io,
                "read of " + attribute.string() + ": " + std::generic_category().message(error));
  }
  return std::string{trim({page.data(), static_cast<std::size_t>(size)})};
}

Result<std::uint64_t> read_number(const std::filesystem::path& attribute) {
  SIGNET_ASSIGN(const std::string text, read(attribute));
  const auto number = parse_number(text);
  if (!number) return fail(Errc::geometry, attribute.string() + " does not hold a number");
  return *number;
}

std::optional<std::uint64_t> find_number(const std::filesystem::path& attribute) {
  return find(attribute, parse_number);
}
std::optional<Cid> find_cid(const std::filesystem::path& attribute) { return find(attribute, parse_cid); }
std::optional<dev_t> find_device(const std::filesystem::path& attribute) { return find(attribute, parse_device); }

std::vector<std::string> list(const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator entry{directory, error}, end; !error && entry != end;
       entry.increment(error)) {
    names.push_back(entry->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::filesystem::path character_device(const std::filesystem::path& root, dev_t number) {
  return root / "dev" / "char" / (std::to_string(major(number)) + ":" + std::to_string(minor(number)));
}

}  // namespace signet::rpmb::sysfs
