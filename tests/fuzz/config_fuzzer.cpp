// rpmbd.toml, provisioning records and names: whatever the octets, a value or an error that says where.
#include "rpmbd/config.h"

#include <cstdlib>

#include "rpmbd/names.h"
#include "rpmbd/provisioning_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const auto text = as_text({data, size});

  if (const auto config = rpmbd::parse_config(text, "f.toml"); !config) {
    if (config.error().code != Errc::config_invalid || !config.error().context.starts_with("f.toml:")) std::abort();
  } else {
    for (const auto& client : config->clients) {
      if (client.user.empty() || !rpmbd::check_namespace(client.grant.space)) std::abort();
    }
  }
  if (const auto record = rpmbd::parse_record(text); !record && record.error().code != Errc::config_invalid)
    std::abort();
  return 0;
}
