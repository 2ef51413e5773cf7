// The tables, and how a database of an earlier version becomes one of this.
#pragma once

#include "activation/sqlite/statement.h"

namespace signet::activation::sqlite {

inline constexpr int kApplicationId = 0x53474e54;  // "SGNT" in the header of the file

// Brings the database up to date, in one transaction. Errors: unsupported_format (of a newer version, or another
// program's; says which), those of SQLite.
Result<void> migrate(Connection& connection);

// Error: unsupported_format, when migrate() would have something to do or to refuse.
Result<void> check_schema(Connection& connection);

Result<int> schema_version(Connection& connection);

}  // namespace signet::activation::sqlite
