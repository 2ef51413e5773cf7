// The registrar's records in one SQLite database: WAL, synchronous=FULL. One thread writes; it takes all units that
// wait into one transaction, so that the price of the disk's flush is shared (group commit).
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "activation/repository.h"

namespace signet::activation::sqlite {

inline constexpr int kSchemaVersion = 4;

struct StoreOptions {
  std::string path;
  bool create = false;                           // else a file that is not there is an error
  std::chrono::milliseconds busy_timeout{5000};  // for another process that writes
  std::size_t group = 256;                       // units in one commit at most
};

class Store final : public Repository {
 public:
  // Brings an older schema up to date. Errors: not_found; unsupported_format (made by a newer activationd, or not a
  // database of it); unsupported (the file system); damaged; busy; io; no_space; read_only.
  static Result<std::unique_ptr<Store>> open(const StoreOptions& options);

  ~Store() override;  // after all units that wait
  Result<void> read(const Reading& work) override;
  void write(Writing work, Done<void> done) override;
  [[nodiscard]] Commits commits() const override;

 private:
  struct Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace signet::activation::sqlite
