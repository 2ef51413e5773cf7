#include "unit/activation/registrar_fixture.h"

namespace signet::activation {
namespace {

using std::chrono::hours;

class RevocationTest : public RegistrarFixture {
 protected:
  Result<Bytes> crl(ChipKind kind, std::uint32_t generation = 0) {
    return await<Bytes>([&](auto done) { registrar_->crl(kind, generation, done); });
  }
  crypto::RevocationList list(ChipKind kind, std::uint32_t generation = 0) {
    return crypto::RevocationList::from_der(crl(kind, generation).value()).value();
  }

  TestDevice device_{1, {.model_id = "m1", .sn = "sn-1", .app_id = "app"}};
};

TEST_F(RevocationTest, ListsAreOfTheirCaAndCurrent) {
  for (const ChipKind kind : {ChipKind::hardware, ChipKind::emulated}) {
    const auto made = list(kind);

    EXPECT_TRUE(made.issued_by(keys_->anchors(kind).front()));
    EXPECT_LE(made.this_update(), clock_.now());
    EXPECT_EQ(made.next_update(), clock_.now() + hours{24});
  }
}

TEST_F(RevocationTest, TheOldCertificateIsListedAsSoonAsTheNewOneIsConfirmed) {
  must_enrol(device_);
  const Bytes first = device_.certificate->serial();
  EXPECT_FALSE(list(ChipKind::hardware).contains(first));
  device_.begin();
  must_enrol(device_);

  const auto made = list(ChipKind::hardware);

  EXPECT_TRUE(made.contains(first));
  EXPECT_FALSE(made.contains(device_.certificate->serial()));
  EXPECT_FALSE(list(ChipKind::emulated).contains(first));
}

TEST_F(RevocationTest, AListIsKeptForHalfOfItsLife) {
  const auto first = crl(ChipKind::hardware);
  clock_.advance(hours{11});
  EXPECT_EQ(*crl(ChipKind::hardware), *first);
  clock_.advance(hours{1});

  EXPECT_NE(*crl(ChipKind::hardware), *first);
}

TEST_F(RevocationTest, AfterARotationEachCaHasItsList) {
  must_enrol(device_);
  const Bytes first = device_.certificate->serial();
  ASSERT_TRUE(rotate_key(*store_, test_master_key(), KeyPurpose::hardware_ca, {.organization = "Signet"}, clock_.now(),
                         clock_.now(), random_));
  start();
  device_.begin();
  must_enrol(device_);

  EXPECT_TRUE(crypto::verify_chain(*device_.certificate, keys_->anchors(ChipKind::hardware).first(1), clock_.now()));
  EXPECT_TRUE(list(ChipKind::hardware, 1).contains(first));
  EXPECT_FALSE(list(ChipKind::hardware, 2).contains(first));
  EXPECT_TRUE(list(ChipKind::hardware).issued_by(keys_->anchors(ChipKind::hardware).front()));
  EXPECT_EQ(crl(ChipKind::hardware, 3).error().code, Errc::not_found);
}

}  // namespace
}  // namespace signet::activation
