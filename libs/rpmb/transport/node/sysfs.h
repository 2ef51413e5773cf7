// Reading sysfs: one value per file, as text, some of it put there by the chip. Nothing in it is trusted to be well
// formed.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rpmb/transport.h"

namespace signet::rpmb::sysfs {

// Parsers of attribute text. White space around the value is ignored; nothing for anything that is not wholly the
// value.
std::optional<std::uint64_t> parse_number(std::string_view text);  // decimal, or hexadecimal after 0x; below 2^64
std::optional<Cid> parse_cid(std::string_view text);               // 32 hexadecimal digits
std::optional<dev_t> parse_device(std::string_view text);          // "246:0"

// The text of an attribute without the white space around it, at most 4096 octets (a page, the most that sysfs serves).
// Errors: not_found (no such file, or the device went away meanwhile), io.
Result<std::string> read(const std::filesystem::path& attribute);

// An attribute that must be there and parse. Errors: not_found, io; geometry for text that is not a number.
Result<std::uint64_t> read_number(const std::filesystem::path& attribute);

// An attribute that some kernels do not have: nothing when it is missing or makes no sense.
std::optional<std::uint64_t> find_number(const std::filesystem::path& attribute);
std::optional<Cid> find_cid(const std::filesystem::path& attribute);
std::optional<dev_t> find_device(const std::filesystem::path& attribute);

// The entries of a directory by name, sorted; empty when there is no such directory.
std::vector<std::string> list(const std::filesystem::path& directory);

// Where the kernel describes the character device `number`.
std::filesystem::path character_device(const std::filesystem::path& root, dev_t number);

}  // namespace signet::rpmb::sysfs
