#include "signetctl/quick_checks.h"

#include <algorithm>
#include <string_view>

#include "base/hex.h"
#include "crypto/aes_gcm.h"
#include "crypto/ecdsa.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "rpmb/response.h"
#include "rpmb/transport/emulator/chip_model.h"

namespace signet::ctl {
namespace {

using rpmb::Request;

Bytes hex(std::string_view digits) { return from_hex(digits).value_or(Bytes{}); }

std::string compare(BytesView actual, std::string_view expected) {
  return to_hex(actual) == expected ? "" : "expected " + std::string{expected} + ", got " + to_hex(actual);
}

std::string sha256_known_answer() {  // FIPS 180-4, example "abc"
  return compare(crypto::sha256(as_bytes("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

std::string hmac_known_answer() {  // RFC 4231, test case 2
  return compare(crypto::HmacKey{as_bytes("Jefe")}.mac(as_bytes("what do ya want for nothing?")),
                 "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

std::string hkdf_known_answer() {  // RFC 5869, test case 1
  const std::string info{"\xf0\xf1\xf2\xf3\xf4\xf5\xf6\xf7\xf8\xf9"};
  Bytes out(42);
  crypto::hkdf_sha256(Bytes(22, 0x0b), hex("000102030405060708090a0b0c"), info, out);
  return compare(out, "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
}

std::string aes_gcm_known_answer() {  // McGrew and Viega, "The Galois/Counter Mode of Operation", test case 14
  const std::array<std::uint8_t, 32> key{};
  const std::array<std::uint8_t, crypto::kGcmNonceSize> nonce{};
  Bytes text(16);
  std::array<std::uint8_t, crypto::kGcmTagSize> tag{};
  crypto::AesGcm{key}.seal(nonce, {}, text, tag);
  Bytes sealed = text;
  append(sealed, tag);
  return compare(sealed, "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919");
}

std::string ecdsa_known_answer() {  // RFC 6979, A.2.5, SHA-256, "sample"
  const Bytes key =
      hex("3059301306072a8648ce3d020106082a8648ce3d03010703420004"
          "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
          "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
  Bytes signature =
      hex("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
  const auto good = crypto::verify_es256(key, as_bytes("sample"), signature);
  signature.back() ^= 1;
  const auto bad = crypto::verify_es256(key, as_bytes("sample"), signature);
  if (!good || !*good) return "a valid signature was refused";
  return bad && !*bad ? "" : "a damaged signature was accepted";
}

std::string ecdsa_round_trip() {
  const auto key = crypto::P256PrivateKey::generate();
  const auto signature = key.sign(as_bytes("message"));
  if (!key.verify(as_bytes("message"), signature)) return "an own signature was refused";
  return key.verify(as_bytes("massage"), signature) ? "a signature over other data was accepted" : "";
}

std::string frame_mac_known_answer() {  // published with the WeChat TEE specification: 284 octets of 0x55
  rpmb::Frame frame;
  frame.fill(0x55);
  const crypto::HmacKey key{as_bytes("AAAABBBBCCCCDDDDEEEEFFFFGGGGHHHH")};
  return compare(rpmb::transfer_mac(key, std::span{&frame, 1}),
                 "61166722a0936674bb75f8870e5ed4592cd699c014a69370bdffea3e8e84524e");
}

std::string judged(rpmb::Verdict verdict, const char* what) {
  return verdict == rpmb::Verdict::accept ? "" : std::string{what} + ": " + rpmb::name(verdict);
}

// A chip from the factory is given a key, written to and read back, and every answer is judged.
std::string emulated_chip_round_trip() {
  const std::array<std::uint8_t, rpmb::kKeySize> secret{1, 2, 3};
  const crypto::HmacKey key{secret};
  const rpmb::Nonce nonce{7};
  rpmb::Block block;
  block.fill(0xa5);
  rpmb::ChipModel chip{rpmb::blank_chip(1, 1)};

  const std::array<rpmb::Frame, 1> programming{rpmb::key_request(secret)};
  chip.program(programming, true);
  const std::array<rpmb::Frame, 1> programmed{chip.take_result()};
  auto wrong = judged(rpmb::judge(programmed, key, {.type = response_type(Request::program_key)}), "key programming");
  if (!wrong.empty()) return wrong;

  auto writing = rpmb::write_request(0, 3, std::span{&block, 1});
  rpmb::authenticate(key, writing);
  chip.program(writing, true);
  const std::array<rpmb::Frame, 1> written{chip.take_result()};
  wrong =
      judged(rpmb::judge(written, key, {.type = response_type(Request::write_data), .address = 3, .counter_before = 0}),
             "write");
  if (!wrong.empty()) return wrong;

  std::array<rpmb::Frame, 1> answer;
  chip.read(rpmb::read_request(nonce, 3, 0), answer);
  wrong = judged(rpmb::judge(answer, key, {.type = response_type(Request::read_data), .nonce = nonce, .address = 3}),
                 "read");
  if (!wrong.empty()) return wrong;
  return rpmb::decode(answer[0]).data == block ? "" : "read: other data than was written";
}

}  // namespace

std::vector<QuickCheck> run_quick_checks() {
  return {{"SHA-256", sha256_known_answer()},
          {"HMAC-SHA256", hmac_known_answer()},
          {"HKDF-SHA256", hkdf_known_answer()},
          {"AES-256-GCM", aes_gcm_known_answer()},
          {"ECDSA P-256, known answer", ecdsa_known_answer()},
          {"ECDSA P-256, round trip", ecdsa_round_trip()},
          {"RPMB frame MAC", frame_mac_known_answer()},
          {"emulated chip, round trip", emulated_chip_round_trip()}};
}

}  // namespace signet::ctl
