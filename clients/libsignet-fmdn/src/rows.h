// Results as C++ makes them, on top of <signet/make_result.h>.
#pragma once

#include <signet/make_result.h>

#include <memory>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "finder/advert.h"
#include "finder/names.h"
#include "finder/scan.h"
#include "fmdn/ring_request.h"

namespace signet::owner {

struct FreeResult {
  void operator()(signet_result* result) const { signet_result_free(result); }
};
using OwnedResult = std::unique_ptr<signet_result, FreeResult>;

// Builds a result row by row. Throws std::bad_alloc.
class Rows {
 public:
  Rows();
  Rows& row();
  Rows& boolean(const char* field, bool value);
  Rows& number(const char* field, std::uint64_t value);
  Rows& real(const char* field, double value);
  Rows& text(const char* field, const std::string& value);
  Rows& octets(const char* field, BytesView value);
  Rows& texts(const char* field, const std::vector<const char*>& items);
  OwnedResult take() { return std::move(result_); }

 private:
  Rows& check(int status);
  OwnedResult result_;
};

// The fields of signet_fmdn_decode(), but for the flags.
void add_service(Rows& rows, const finder::AdvertPart& part);
void add_heard(Rows& rows, const std::string& address, const finder::Heard& heard);
void add_notice(Rows& rows, const fmdn::RingNotice& notice);

using finder::name;
using finder::names_of;

}  // namespace signet::owner
