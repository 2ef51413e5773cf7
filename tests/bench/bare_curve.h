// A multiplication on a curve and nothing else, as OpenSSL does it: the floor of everything that is made of one.
#pragma once

#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>
#include <stdexcept>

#include "base/bytes.h"
#include "base/free_with.h"
#include "crypto/eid_curve.h"

namespace signet::bench {

// Everything that can be made beforehand is: group, contexts, and the scalar as a number, which is taken for a secret.
class BareCurve {
 public:
  BareCurve(crypto::CurveName name, BytesView scalar)
      : group_{EC_GROUP_new_by_curve_name(name == crypto::CurveName::secp160r1 ? NID_secp160r1 : NID_X9_62_prime256v1)},
        context_{BN_CTX_secure_new()},
        scalar_{BN_bin2bn(scalar.data(), static_cast<int>(scalar.size()), nullptr)},
        coordinate_{BN_new()},
        point_{EC_POINT_new(group_.get())},
        product_{EC_POINT_new(group_.get())} {
    BN_set_flags(scalar_.get(), BN_FLG_CONSTTIME);
  }

  void multiply_base() const {
    check(EC_POINT_mul(group_.get(), product_.get(), scalar_.get(), nullptr, nullptr, context_.get()));
  }

  // Of the point with this x: it has to be found first.
  void multiply(BytesView x) const {
    BN_bin2bn(x.data(), static_cast<int>(x.size()), coordinate_.get());
    check(EC_POINT_set_compressed_coordinates(group_.get(), point_.get(), coordinate_.get(), 0, context_.get()));
    check(EC_POINT_mul(group_.get(), product_.get(), nullptr, point_.get(), scalar_.get(), context_.get()));
  }

 private:
  static void check(int ok) {
    if (ok != 1) throw std::runtime_error{"OpenSSL cannot multiply"};
  }

  std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>> group_;
  std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>> context_;
  std::unique_ptr<BIGNUM, FreeWith<BN_free>> scalar_;
  std::unique_ptr<BIGNUM, FreeWith<BN_free>> coordinate_;
  std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>> point_;
  std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>> product_;
};

}  // namespace signet::bench
