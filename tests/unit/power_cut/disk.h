// What a power cut may leave of files. A model of the least that a file system promises: a name is durable once its
// directory was synced, and content once its file was; what was not may be there, or not, or in part, in any order.
#pragma once

#include <compare>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace signet::power_cut {

// Names are relative to the directory that is watched: "clock", "keys/keyring".
struct Tree {
  std::set<std::string> directories;
  std::map<std::string, Bytes> files;
  auto operator<=>(const Tree&) const = default;
};

class Disk {
 public:
  Disk() = default;
  explicit Disk(const Tree& durable);

  // What processes do. A file is known by the number that create() gave.
  using File = std::size_t;
  File create(const std::string& name);
  void write(File file, BytesView octets);
  void sync(File file);
  void make_directory(const std::string& name);
  void rename(const std::string& from, const std::string& to);
  void unlink(const std::string& name);
  void sync_directory(const std::string& name);  // "": the one that is watched

  // Every tree that the next start may find: each name as it was at the last sync of its directory or as it became at
  // any time since, independent of the others; a file that was not synced empty, cut off, full of zeros, or complete.
  [[nodiscard]] std::set<Tree> after_cut() const;

 private:
  struct Node {
    bool directory = false;
    Bytes durable;
    Bytes written;
  };
  using Binding = std::shared_ptr<Node>;  // nothing: no such name

  void bind(const std::string& name, Binding node);
  [[nodiscard]] Binding& bound(const std::string& name);
  [[nodiscard]] std::set<Tree> with_contents(const std::map<std::string, Binding>& names) const;

  std::map<std::string, std::vector<Binding>> names_;  // since the last sync of the directory; the last is now
  std::vector<Binding> opened_;
};

}  // namespace signet::power_cut
