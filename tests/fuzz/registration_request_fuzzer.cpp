// A registration request: as it comes over the net, and as the payload of one that is well-formed otherwise. Whatever
// the octets, a request or an error that says where.
#include <cstdlib>
#include <string>

#include "activation/request.h"
#include "base/base64.h"

namespace {

void look_at(std::string_view compact) {
  using namespace signet;
  const auto request = activation::parse_request(compact);
  if (request) {
    if (!identity::check_ids(request->ids) || !identity::check_sn_ticket(request->sn_ticket)) std::abort();
  } else if (request.error().code != Errc::invalid_argument || !request.error().context.starts_with("request: ")) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  look_at(as_text({data, size}));
  look_at(to_base64url(as_bytes(R"({"alg":"ES256","typ":"sgt-registration+jwt"})")) + "." + to_base64url({data, size}) +
          "." + to_base64url(Bytes(64)));
  return 0;
}
