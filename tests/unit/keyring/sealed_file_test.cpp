#include "keyring/sealed_file.h"

#include <gtest/gtest.h>

#include "fixed_random.h"

namespace signet::keyring {
namespace {

constexpr crypto::ScryptCost kCheap{.log2_n = 4, .block_size = 1, .parallel = 1};
const Header kByKeyFile{.locked_by = LockedBy::key_file, .cost = {0, 0, 0}, .salt = {1, 2, 3}};
const Header kByPassPhrase{.locked_by = LockedBy::pass_phrase, .cost = kCheap, .salt = {1, 2, 3}};

class SealedFile : public ::testing::Test {
 protected:
  Bytes sealed(const Header& header, std::string_view secret, std::string_view text) {
    return seal(header, derive(header, as_bytes(secret)).value(), as_bytes(text), random_);
  }

  CountingRandom random_;
};

TEST_F(SealedFile, OpensWithItsSecretWhicheverKindItIs) {
  for (const Header& header : {kByKeyFile, kByPassPhrase}) {
    const Bytes file = sealed(header, "secret", "contents");

    const auto read = read_header(file);
    ASSERT_TRUE(read);
    EXPECT_EQ(*read, header);
    const auto opened = open(file, derive(*read, as_bytes("secret")).value());

    ASSERT_TRUE(opened);
    EXPECT_EQ(as_text(opened->view()), "contents");
  }
}

TEST_F(SealedFile, AnotherSecretIsDenied) {
  const Bytes file = sealed(kByPassPhrase, "secret", "contents");

  const auto opened = open(file, derive(kByPassPhrase, as_bytes("Secret")).value());

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::access_denied);
}

TEST_F(SealedFile, NoTwoFilesHaveTheSameNonce) {
  EXPECT_NE(sealed(kByKeyFile, "secret", "contents"), sealed(kByKeyFile, "secret", "contents"));
}

TEST_F(SealedFile, EveryChangedOctetIsNoticed) {
  const Bytes file = sealed(kByKeyFile, "secret", "contents");
  const FileKey key = derive(kByKeyFile, as_bytes("secret")).value();

  for (std::size_t i = 0; i < file.size(); ++i) {
    Bytes changed = file;
    changed[i] ^= 1;
    EXPECT_FALSE(open(changed, key)) << i;
  }
}

TEST_F(SealedFile, EveryPrefixIsRefused) {
  const Bytes file = sealed(kByKeyFile, "secret", "contents");
  const FileKey key = derive(kByKeyFile, as_bytes("secret")).value();

  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_FALSE(open(BytesView{file}.first(size), key)) << size;
  }
}

TEST_F(SealedFile, SaysWhatTheFileIsInsteadOfAKeyring) {
  Bytes newer = sealed(kByKeyFile, "secret", "contents");
  newer[8] = 2;
  Bytes locked_otherwise = sealed(kByKeyFile, "secret", "contents");
  locked_otherwise[9] = 3;

  EXPECT_EQ(read_header(as_bytes("-----BEGIN PRIVATE KEY-----")).error().code, Errc::damaged);
  EXPECT_EQ(read_header({}).error().code, Errc::damaged);
  EXPECT_EQ(read_header(newer).error().code, Errc::unsupported_format);
  EXPECT_EQ(read_header(locked_otherwise).error().code, Errc::unsupported_format);
}

TEST_F(SealedFile, ACostThatWouldTakeAllTheMemoryIsRefusedBeforeItIsPaid) {
  for (const crypto::ScryptCost& cost : {crypto::ScryptCost{63, 8, 1}, crypto::ScryptCost{22, 255, 1},
                                         crypto::ScryptCost{16, 8, 255}, crypto::ScryptCost{16, 0, 1}}) {
    Header header = kByPassPhrase;
    header.cost = cost;
    const Bytes file = seal(header, FileKey{}, as_bytes("contents"), random_);

    EXPECT_EQ(read_header(file).error().code, Errc::unsupported_format);
  }
}

}  // namespace
}  // namespace signet::keyring
