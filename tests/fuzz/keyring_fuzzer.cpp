// Arbitrary octets as what a keyring's file holds, sealed and unsealed.
#include <cstdlib>

#include "keyring/contents.h"
#include "keyring/sealed_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const BytesView octets{data, size};
  (void)keyring::read_header(octets);
  (void)keyring::open(octets, keyring::FileKey{});
  const auto contents = keyring::Contents::decode(octets);
  if (contents && !keyring::Contents::decode(contents->encode().view())) std::abort();
  return 0;
}
