#include "tests/unit/power_cut/disk.h"

#include <algorithm>
#include <stdexcept>

namespace signet::power_cut {
namespace {

std::string directory_of(const std::string& name) {
  const auto slash = name.rfind('/');
  return slash == std::string::npos ? "" : name.substr(0, slash);
}

// What a file that was not synced may hold: its length can be there before its octets.
std::set<Bytes> unsynced(const Bytes& durable, const Bytes& written) {
  Bytes half{written.begin(), written.begin() + static_cast<std::ptrdiff_t>(written.size() / 2)};
  return {durable, written, std::move(half), Bytes(written.size())};
}

}  // namespace

Disk::Disk(const Tree& durable) {
  for (const auto& name : durable.directories) names_[name] = {std::make_shared<Node>(Node{.directory = true})};
  for (const auto& [name, content] : durable.files) {
    names_[name] = {std::make_shared<Node>(Node{.durable = content, .written = content})};
  }
}

void Disk::bind(const std::string& name, Binding node) {
  auto& bindings = names_[name];
  if (bindings.empty()) bindings.push_back(nullptr);  // as of the last sync
  bindings.push_back(std::move(node));
}

Disk::Binding& Disk::bound(const std::string& name) {
  const auto at = names_.find(name);
  if (at == names_.end() || !at->second.back()) throw std::logic_error{"there is no " + name};
  return at->second.back();
}

Disk::File Disk::create(const std::string& name) {
  opened_.push_back(std::make_shared<Node>());
  bind(name, opened_.back());
  return opened_.size() - 1;
}

void Disk::write(File file, BytesView octets) { append(opened_.at(file)->written, octets); }

void Disk::sync(File file) { opened_.at(file)->durable = opened_.at(file)->written; }

void Disk::make_directory(const std::string& name) { bind(name, std::make_shared<Node>(Node{.directory = true})); }

void Disk::rename(const std::string& from, const std::string& to) {
  const Binding moved = bound(from);
  bind(to, moved);
  bind(from, nullptr);
}

void Disk::unlink(const std::string& name) {
  static_cast<void>(bound(name));
  bind(name, nullptr);
}

void Disk::sync_directory(const std::string& name) {
  for (auto& [path, bindings] : names_) {
    if (directory_of(path) == name) bindings.erase(bindings.begin(), bindings.end() - 1);
  }
}

std::set<Tree> Disk::after_cut() const {
  std::vector<std::map<std::string, Binding>> choices(1);
  for (const auto& [name, bindings] : names_) {  // a directory comes before what is in it
    std::vector<std::map<std::string, Binding>> longer;
    for (const auto& choice : choices) {
      const auto directory = directory_of(name);
      const bool reachable = directory.empty() || choice.contains(directory);
      for (const auto& binding : bindings) {
        longer.push_back(choice);
        if (binding && reachable) longer.back()[name] = binding;
      }
    }
    choices = std::move(longer);
  }
  std::set<Tree> trees;
  for (const auto& names : choices) trees.merge(with_contents(names));
  return trees;
}

std::set<Tree> Disk::with_contents(const std::map<std::string, Binding>& names) const {
  std::vector<std::pair<Tree, std::map<Binding, Bytes>>> trees(1);  // two names of one file show the same
  for (const auto& [name, node] : names) {
    decltype(trees) longer;
    for (auto& [tree, contents] : trees) {
      const auto known = contents.find(node);
      std::set<Bytes> may_be = unsynced(node->durable, node->written);
      if (node->durable == node->written) may_be = {node->written};
      if (known != contents.end()) may_be = {known->second};
      for (const auto& content : may_be) {
        auto& [next, chosen] = longer.emplace_back(tree, contents);
        if (node->directory) {
          next.directories.insert(name);
        } else {
          next.files[name] = content;
          chosen[node] = content;
        }
      }
    }
    trees = std::move(longer);
  }
  std::set<Tree> result;
  for (auto& [tree, contents] : trees) result.insert(std::move(tree));
  return result;
}

}  // namespace signet::power_cut
