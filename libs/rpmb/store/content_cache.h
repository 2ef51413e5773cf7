// Contents of objects kept in memory, least recently used first to go. Wiped when dropped.
#pragma once

#include <list>
#include <map>
#include <optional>

#include "base/secret_bytes.h"
#include "rpmb/store/store.h"

namespace signet::rpmb {

class ContentCache {
 public:
  explicit ContentCache(std::size_t max_octets) : max_{max_octets} {}

  [[nodiscard]] bool contains(const ObjectName& name) const { return entries_.contains(name); }

  std::optional<Bytes> get(const ObjectName& name) {
    auto found = entries_.find(name);
    if (found == entries_.end()) return std::nullopt;
    order_.splice(order_.begin(), order_, found->second);
    BytesView content = found->second->content.view();
    return Bytes{content.begin(), content.end()};
  }

  void put(const ObjectName& name, BytesView content) {
    drop(name);
    if (content.size() > max_ / 4) return;  // one large object must not push out all the small ones
    while (size_ + content.size() > max_ && !order_.empty()) drop(ObjectName{order_.back().name});
    order_.push_front({name, SecretBuffer{content}});
    entries_[name] = order_.begin();
    size_ += content.size();
  }

  void drop(const ObjectName& name) {
    auto found = entries_.find(name);
    if (found == entries_.end()) return;
    size_ -= found->second->content.size();
    order_.erase(found->second);
    entries_.erase(found);
  }

  void clear() {
    order_.clear();
    entries_.clear();
    size_ = 0;
  }

 private:
  struct Kept {
    ObjectName name;
    SecretBuffer content;
  };
  std::size_t max_;
  std::size_t size_ = 0;
  std::list<Kept> order_;
  std::map<ObjectName, std::list<Kept>::iterator> entries_;
};

}  // namespace signet::rpmb
