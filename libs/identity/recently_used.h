// The values that were used last, by namespace and name.
#pragma once

#include <algorithm>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>

namespace signet::identity {

// Holds at most `capacity` values, found by walking from the last one used: with some dozens of them that is quicker
// than a hash of two strings, and the usual caller repeats itself.
template <class Value>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t capacity) : capacity_{capacity} {}

  // The value, which becomes the last one used; null when it is not there.
  const Value* find(std::string_view space, std::string_view name) {
    auto entry = locate(entries_, space, name);
    if (entry == entries_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, entry);
    return &entry->value;
  }

  // Takes the place of the value that was there, or else of the one least recently used.
  const Value& insert(std::string_view space, std::string_view name, Value value) {
    erase(space, name);
    if (entries_.size() == capacity_) entries_.pop_back();
    return entries_.emplace_front(Entry{std::string{space}, std::string{name}, std::move(value)}).value;
  }

  void erase(std::string_view space, std::string_view name) {
    if (auto entry = locate(entries_, space, name); entry != entries_.end()) entries_.erase(entry);
  }

  [[nodiscard]] bool contains(std::string_view space, std::string_view name) const {
    return locate(entries_, space, name) != entries_.end();
  }

 private:
  struct Entry {
    std::string space;
    std::string name;
    Value value;
  };
  static auto locate(auto& entries, std::string_view space, std::string_view name) {
    return std::ranges::find_if(entries,
                                [&](const Entry& entry) { return entry.name == name && entry.space == space; });
  }

  std::size_t capacity_;
  std::list<Entry> entries_;
};

}  // namespace signet::identity
