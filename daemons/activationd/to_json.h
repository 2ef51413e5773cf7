// What the registrar answers, as docs/registration.md writes it.
#pragma once

#include <boost/json/object.hpp>
#include <span>

#include "activation/registrar.h"

namespace signet::activationd {

boost::json::object to_json(const activation::SnTicket& ticket);
boost::json::object to_json(const activation::Reservation& reservation);
boost::json::object to_json(const activation::Confirmation& confirmation);
boost::json::object to_json(const activation::Nonce& nonce);
boost::json::object to_json(const activation::Verdict& verdict);
boost::json::object to_json(const activation::Release& release);
boost::json::object to_json(const activation::Device& device);
boost::json::object to_json(const activation::DeviceHistory& history);
boost::json::object to_json(const activation::AuditEntry& entry);

template <class T>
boost::json::array to_json_array(const std::vector<T>& items) {
  boost::json::array array;
  array.reserve(items.size());
  for (const auto& item : items) array.push_back(to_json(item));
  return array;
}

}  // namespace signet::activationd
