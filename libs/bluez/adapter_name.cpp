#include "bluez/adapter_name.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace signet::bluez {
namespace {

constexpr const char* kAdapter = "org.bluez.Adapter1";

}  // namespace

AdapterName::AdapterName(BluezObjects& bluez, std::string adapter, std::string name)
    : bluez_{bluez}, path_{adapter.empty() ? "" : "/org/bluez/" + std::move(adapter)}, name_{std::move(name)} {
  bluez_.listen(
      {.added =
           [this](const std::string& path, const std::string& interface, const BluezObjects::Properties& properties) {
             if (interface == kAdapter) found(path, properties);
           },
       .changed = {},
       .removed = {}});
}

void AdapterName::found(const std::string& path, const BluezObjects::Properties& properties) {
  if (!path_.empty() && path != path_) return;
  const auto alias = properties.find("Alias");
  if (alias != properties.end() && alias->second.containsValueOfType<std::string>() &&
      alias->second.get<std::string>() == name_) {
    return;
  }
  bluez_.set({.path = path, .interface = kAdapter, .name = "Alias"}, sdbus::Variant{name_},
             [path](const std::optional<sdbus::Error>& error) {
               if (!error) return;
               spdlog::warn("{} tells the host's name to anybody: its alias cannot be set ({})", path,
                            error->getMessage());
             });
}

}  // namespace signet::bluez
