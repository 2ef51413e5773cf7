// Results that others make.
#include <signet/make_result.h>

#include "result.h"

namespace {

using signet::client::Value;

int add(signet_result* result, const char* field, Value value) noexcept try {
  if (!result || !field || result->rows.empty()) return SIGNET_E_INVALID_ARGUMENT;
  result->rows.back().push_back({field, std::move(value)});
  return SIGNET_OK;
} catch (const std::exception&) {
  return SIGNET_E_INTERNAL;
}

// The same for values that take memory to make.
template <class Make>
int add_made(signet_result* result, const char* field, Make make) noexcept try {
  return add(result, field, make());
} catch (const std::exception&) {
  return SIGNET_E_INTERNAL;
}

}  // namespace

extern "C" {

signet_result* signet_result_new(void) { return new (std::nothrow) signet_result; }

int signet_result_add_row(signet_result* result) try {
  if (!result) return SIGNET_E_INVALID_ARGUMENT;
  result->rows.emplace_back();
  return SIGNET_OK;
} catch (const std::exception&) {
  return SIGNET_E_INTERNAL;
}

int signet_result_add_bool(signet_result* result, const char* field, int value) {
  return add(result, field, Value{value != 0});
}
int signet_result_add_uint(signet_result* result, const char* field, uint64_t value) {
  return add(result, field, Value{std::uint64_t{value}});
}
int signet_result_add_double(signet_result* result, const char* field, double value) {
  return add(result, field, Value{value});
}
int signet_result_add_string(signet_result* result, const char* field, const char* value) {
  if (!value) return SIGNET_E_INVALID_ARGUMENT;
  return add_made(result, field, [&] { return Value{std::string{value}}; });
}
int signet_result_add_bytes(signet_result* result, const char* field, const uint8_t* value, size_t size) {
  if (!value && size > 0) return SIGNET_E_INVALID_ARGUMENT;
  return add_made(result, field, [&] { return Value{signet::SecretBuffer{signet::BytesView{value, size}}}; });
}
int signet_result_add_strings(signet_result* result, const char* field, const char* const* items, size_t count) {
  if (!items && count > 0) return SIGNET_E_INVALID_ARGUMENT;
  for (size_t i = 0; i < count; ++i) {
    if (!items[i]) return SIGNET_E_INVALID_ARGUMENT;
  }
  return add_made(result, field, [&] { return Value{std::vector<std::string>(items, items + count)}; });
}

}  // extern "C"
