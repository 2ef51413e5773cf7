// Arithmetic on the two curves of ephemeral identifiers (SEC 2): points are known by their x coordinate alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace signet::crypto {

enum class CurveName : std::uint8_t { secp160r1, secp256r1 };

// All octets are big-endian. Scalars have scalar_size() octets: the order of secp160r1 has 161 bits, and so 21 octets.
class EidCurve {
 public:
  static const EidCurve& of(CurveName name);  // made once; may be used by any thread
  EidCurve(const EidCurve&) = delete;
  EidCurve& operator=(const EidCurve&) = delete;
  ~EidCurve();

  [[nodiscard]] std::size_t coordinate_size() const { return coordinate_size_; }  // 20 or 32
  [[nodiscard]] std::size_t scalar_size() const { return scalar_size_; }          // 21 or 32

  // `number` modulo the order.
  [[nodiscard]] SecretBuffer reduce(BytesView number) const;
  // The x coordinate of scalar times base point. Nothing when the scalar is a multiple of the order.
  [[nodiscard]] std::optional<Bytes> multiply_base(BytesView scalar) const;
  [[nodiscard]] std::optional<Bytes> base_point(BytesView scalar) const;  // the same, x || y
  // The x coordinate of scalar times either of the points with that x. Nothing when there is none (x of another size,
  // not on the curve, not below the prime), or the scalar is a multiple of the order.
  [[nodiscard]] std::optional<Bytes> multiply(BytesView scalar, BytesView x) const;

 private:
  struct Group;
  explicit EidCurve(CurveName name);
  std::unique_ptr<Group> group_;
  std::size_t coordinate_size_;
  std::size_t scalar_size_;
};

}  // namespace signet::crypto
