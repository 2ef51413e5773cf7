// The words behind the numbers of <signet/errors.h>.
#include <signet/signet.h>

#include "base/error.h"

// The categories of the C ABI are those of the C++ code, one further.
static_assert(SIGNET_CATEGORY_FIX_REQUEST == static_cast<int>(signet::Category::fix_request) + 1);
static_assert(SIGNET_CATEGORY_RETRY == static_cast<int>(signet::Category::retry) + 1);
static_assert(SIGNET_CATEGORY_OUTCOME_UNKNOWN == static_cast<int>(signet::Category::outcome_unknown) + 1);
static_assert(SIGNET_CATEGORY_FIX_CONFIGURATION == static_cast<int>(signet::Category::fix_configuration) + 1);
static_assert(SIGNET_CATEGORY_RE_ENROL == static_cast<int>(signet::Category::re_enrol) + 1);
static_assert(SIGNET_CATEGORY_REPLACE_HARDWARE == static_cast<int>(signet::Category::replace_hardware) + 1);
static_assert(SIGNET_CATEGORY_NOT_YOURS == static_cast<int>(signet::Category::not_yours) + 1);

extern "C" {

const char* signet_strerror(int code) {
  if (code == SIGNET_OK) return "no error";
  if (code == SIGNET_PENDING) return "not ended yet";
  const auto known = signet::from_code(code);
  return known ? signet::summary(*known).data() : "unknown error";  // literals, so NUL-terminated
}

const char* signet_error_name(int code) {
  if (code == SIGNET_OK) return "ok";
  if (code == SIGNET_PENDING) return "pending";
  const auto known = signet::from_code(code);
  return known ? signet::name(*known).data() : "unknown";
}

signet_category signet_error_category(int code) {
  const auto known = signet::from_code(code);
  return known ? static_cast<signet_category>(static_cast<int>(signet::category(*known)) + 1) : SIGNET_CATEGORY_NONE;
}

const char* signet_category_name(signet_category category) {
  const int value = static_cast<int>(category);
  if (value < SIGNET_CATEGORY_FIX_REQUEST || value > SIGNET_CATEGORY_NOT_YOURS) return "none";
  return signet::name(static_cast<signet::Category>(value - 1)).data();
}

}  // extern "C"
