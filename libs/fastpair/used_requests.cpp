#include "fastpair/used_requests.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace signet::fastpair {

bool UsedRequests::use(const SessionKey& key, const Block& encrypted) {
  const crypto::Digest digest = crypto::sha256({key.octets().view(), encrypted});
  Mark mark;
  std::copy_n(digest.begin(), mark.size(), mark.begin());
  if (std::ranges::find(marks_, mark) != marks_.end()) return false;
  if (marks_.size() == kCapacity) marks_.pop_front();
  marks_.push_back(mark);
  return true;
}

}  // namespace signet::fastpair
