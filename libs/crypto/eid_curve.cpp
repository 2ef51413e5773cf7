#include "crypto/eid_curve.h"

#include <openssl/obj_mac.h>

#include "crypto/openssl.h"

namespace signet::crypto {
namespace {

using EcGroup = std::unique_ptr<EC_GROUP, FreeWith<EC_GROUP_free>>;
using EcPoint = std::unique_ptr<EC_POINT, FreeWith<EC_POINT_free>>;
using SecretNumber = std::unique_ptr<BIGNUM, FreeWith<BN_clear_free>>;
using NumberContext = std::unique_ptr<BN_CTX, FreeWith<BN_CTX_free>>;

SecretNumber number_of(BytesView octets) {
  SecretNumber number{BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr)};
  require(number != nullptr);
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

}  // namespace

struct EidCurve::Group {
  EcGroup group;

  // x || y, `size` octets each.
  [[nodiscard]] std::optional<Bytes> coordinates_of(const EC_POINT* point, std::size_t size, BN_CTX* context) const {
    if (EC_POINT_is_at_infinity(group.get(), point) == 1) return std::nullopt;
    const SecretNumber x{BN_new()};
    const SecretNumber y{BN_new()};
    require(EC_POINT_get_affine_coordinates(group.get(), point, x.get(), y.get(), context));
    Bytes octets(2 * size);
    require(BN_bn2binpad(x.get(), octets.data(), static_cast<int>(size)));
    require(BN_bn2binpad(y.get(), octets.data() + size, static_cast<int>(size)));
    return octets;
  }
};

const EidCurve& EidCurve::of(CurveName name) {
  static const EidCurve k160{CurveName::secp160r1};
  static const EidCurve k256{CurveName::secp256r1};
  return name == CurveName::secp160r1 ? k160 : k256;
}

EidCurve::EidCurve(CurveName name)
    : group_{std::make_unique<Group>()},
      coordinate_size_{name == CurveName::secp160r1 ? 20U : 32U},
      scalar_size_{name == CurveName::secp160r1 ? 21U : 32U} {
  group_->group.reset(EC_GROUP_new_by_curve_name(name == CurveName::secp160r1 ? NID_secp160r1 : NID_X9_62_prime256v1));
  require(group_->group != nullptr);
}

EidCurve::~EidCurve() = default;

SecretBuffer EidCurve::reduce(BytesView number) const {
  const NumberContext context{BN_CTX_secure_new()};
  const SecretNumber reduced{BN_new()};
  require(BN_nnmod(reduced.get(), number_of(number).get(), EC_GROUP_get0_order(group_->group.get()), context.get()));
  SecretBuffer scalar{scalar_size_};
  require(BN_bn2binpad(reduced.get(), scalar.writable().data(), static_cast<int>(scalar_size_)));
  return scalar;
}

std::optional<Bytes> EidCurve::multiply_base(BytesView scalar) const {
  auto point = base_point(scalar);
  if (point) point->resize(coordinate_size_);
  return point;
}

std::optional<Bytes> EidCurve::base_point(BytesView scalar) const {
  const EC_GROUP* group = group_->group.get();
  const NumberContext context{BN_CTX_secure_new()};
  const EcPoint product{EC_POINT_new(group)};
  require(EC_POINT_mul(group, product.get(), number_of(scalar).get(), nullptr, nullptr, context.get()));
  return group_->coordinates_of(product.get(), coordinate_size_, context.get());
}

std::optional<Bytes> EidCurve::multiply(BytesView scalar, BytesView x) const {
  if (x.size() != coordinate_size_) return std::nullopt;
  const EC_GROUP* group = group_->group.get();
  const NumberContext context{BN_CTX_secure_new()};
  const EcPoint point{EC_POINT_new(group)};
  const Number coordinate{BN_bin2bn(x.data(), static_cast<int>(x.size()), nullptr)};
  const bool below_prime = BN_cmp(coordinate.get(), EC_GROUP_get0_field(group)) < 0;  // else OpenSSL would reduce it
  const bool on_curve =
      below_prime && EC_POINT_set_compressed_coordinates(group, point.get(), coordinate.get(), 0, context.get()) == 1;
  ERR_clear_error();
  if (!on_curve) return std::nullopt;
  const EcPoint product{EC_POINT_new(group)};
  require(EC_POINT_mul(group, product.get(), nullptr, point.get(), number_of(scalar).get(), context.get()));
  auto shared = group_->coordinates_of(product.get(), coordinate_size_, context.get());
  if (shared) shared->resize(coordinate_size_);
  return shared;
}

}  // namespace signet::crypto
