#include <algorithm>

#include "base/hex.h"
#include "fmdn/owner/answers.h"

namespace signet::fmdn::owner {
namespace {

// What the specification has the error mean, whatever the request.
std::string meaning(std::uint8_t att_error) {
  switch (static_cast<AttError>(att_error)) {
    case AttError::unauthenticated:
      return "unauthenticated: the accessory does not take the key, the hash or the nonce, or has nothing to do it "
             "with";
    case AttError::invalid_value: return "invalid value: the accessory does not know the request, or a value in it";
    case AttError::no_user_consent: return "no user consent: press the accessory's button or put it into pairing mode";
    case AttError::unlikely_error: return "unlikely error: the accessory could not carry it out, try again";
  }
  return "an error that Beacon Actions does not define";
}

// What else it may mean, of accessories that do not follow the specification.
std::string also(std::uint8_t att_error, DataId request) {
  std::string list;
  for (const Difference& difference : differences()) {
    const bool concerned =
        std::ranges::find(difference.data_ids, static_cast<std::uint8_t>(request)) != difference.data_ids.end();
    const bool seen =
        std::ranges::find(difference.also_seen, static_cast<AttError>(att_error)) != difference.also_seen.end();
    if (concerned && seen) list += (list.empty() ? "" : ", or ") + std::string{words(difference.refusal)};
  }
  return list.empty() ? list : "; some accessories say so when " + list;
}

}  // namespace

std::string explain(std::uint8_t att_error, DataId request) {
  return "0x" + to_hex({&att_error, 1}) + " " + meaning(att_error) + also(att_error, request);
}

}  // namespace signet::fmdn::owner
