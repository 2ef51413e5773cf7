// What an operation answered: rows of named fields, so that new fields need no new function.
#pragma once

#include <signet/signet.h>
#include <systemd/sd-bus.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/secret_bytes.h"
#include "operation.h"

namespace signet::client {

// In the order of signet_type, from SIGNET_TYPE_BOOL on. Octets may be secret, so they are wiped.
using Value = std::variant<bool, std::uint64_t, double, std::string, SecretBuffer, std::vector<std::string>>;

struct Field {
  std::string name;
  Value value;
};
using Row = std::vector<Field>;

// A copy of those fields of a row that are numbers or text.
Row copy_plain(const Row& row);

// Takes a method's answer apart. Dictionaries become fields "key", those within "name.key"; keys are written in
// snake_case. Types that no operation uses are skipped. Negative errno: the message is malformed.
int read_answer(sd_bus_message* answer, const FieldNames& names, signet_result& result);

}  // namespace signet::client

struct signet_result {
  signet_result() = default;
  signet_result(const signet_result&) = delete;
  signet_result& operator=(const signet_result&) = delete;
  ~signet_result();  // wipes texts as well: a ticket is one

  std::vector<signet::client::Row> rows;

  [[nodiscard]] const signet::client::Value* find(std::size_t row, std::string_view field) const;
};
