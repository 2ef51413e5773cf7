#include "jose/cjose.h"

#include <malloc.h>

#include <cstdlib>
#include <vector>

#include "base/secret_bytes.h"

namespace signet::jose {
namespace {

// Of the JWE that this thread is working on, and whether it is being imported.
thread_local std::vector<void*>* octets_of_jwe = nullptr;
thread_local bool importing = false;

void* allocate(std::size_t size) {
  void* memory = std::malloc(size);
  if (importing && size == 1) octets_of_jwe->push_back(memory);
  return memory;
}

void wipe_and_free(void* memory) {
  if (memory == nullptr) return;
  if (octets_of_jwe != nullptr) std::erase(*octets_of_jwe, memory);
  wipe(memory, ::malloc_usable_size(memory));
  std::free(memory);
}

Key make_key(crypto::P256Point point, BytesView scalar) {
  wipe_what_cjose_frees();
  crypto::P256Scalar copy;
  std::copy(scalar.begin(), scalar.end(), copy.writable().begin());
  const cjose_jwk_ec_keyspec spec{.crv = CJOSE_JWK_EC_P_256,
                                  .d = scalar.empty() ? nullptr : copy.writable().data(),
                                  .dlen = scalar.size(),
                                  .x = point.data(),
                                  .xlen = 32,
                                  .y = point.data() + 32,
                                  .ylen = 32};
  cjose_err error{};
  Key key{cjose_jwk_create_EC_spec(&spec, &error)};
  if (!key) std::abort();  // out of memory
  return key;
}

}  // namespace

void wipe_what_cjose_frees() {
  [[maybe_unused]] static const bool once = [] {
    cjose_set_alloc_funcs(allocate, std::realloc, wipe_and_free);
    return true;
  }();
}

ImportedJwe::ImportedJwe(std::string_view compact) {
  octets_of_jwe = &octets_;
  importing = true;
  cjose_err error{};
  jwe_.reset(cjose_jwe_import(compact.data(), compact.size(), &error));
  importing = false;
}

ImportedJwe::~ImportedJwe() {
  jwe_.reset();
  octets_of_jwe = nullptr;
  for (void* octet : octets_) std::free(octet);
}

Key public_key(const crypto::P256Point& point) { return make_key(point, {}); }

Key private_key(const crypto::P256PrivateKey& key) {
  const crypto::P256Scalar scalar = key.scalar();
  return make_key(crypto::public_point(key.public_der()).value(), scalar.view());
}

}  // namespace signet::jose
