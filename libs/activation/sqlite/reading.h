// One row after the other of a query that is ready to run.
#pragma once

#include <optional>
#include <vector>

#include "activation/sqlite/statement.h"

namespace signet::activation::sqlite {

template <class Record>
Result<std::vector<Record>> all_rows(Query& query, Record (*row)(Query&)) {
  std::vector<Record> records;
  for (;;) {
    SIGNET_ASSIGN(const bool found, query.next());
    if (!found) return records;
    records.push_back(row(query));
  }
}

template <class Record>
Result<std::optional<Record>> first_row(Query& query, Record (*row)(Query&)) {
  SIGNET_ASSIGN(const bool found, query.next());
  if (!found) return std::optional<Record>{};
  return std::optional<Record>{row(query)};
}

}  // namespace signet::activation::sqlite
