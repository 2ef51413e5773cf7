// Copies of the database while it is in use, and whether one is fit to be put in its place.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace signet::activation::sqlite {

// A consistent copy of the database at `from`, durable when this returns; blocks. Errors: already_exists (`to`; it is
// left alone), not_found, no_space, io, damaged, busy. After an error there is no `to`.
Result<void> back_up(const std::string& from, const std::string& to);

struct BackupFacts {
  int schema_version = 0;
  std::uint64_t devices = 0;
  std::uint64_t audit_entries = 0;
};
// Reads all of it. Errors: not_found; damaged (says what SQLite found); unsupported_format.
Result<BackupFacts> check_backup(const std::string& path);

}  // namespace signet::activation::sqlite
