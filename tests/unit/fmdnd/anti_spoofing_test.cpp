// Where the model's key is looked for, by the daemon and by --check-config outside of its unit.
#include "fmdnd/anti_spoofing.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/base64.h"

namespace signet::fmdnd {
namespace {

class AntiSpoofing : public ::testing::Test {
 protected:
  AntiSpoofing() {
    std::string name = std::filesystem::temp_directory_path() / "anti-spoofing-XXXXXX";
    etc_ = ::mkdtemp(name.data());
    std::filesystem::create_directory(etc_ / "credstore");
    std::filesystem::create_directory(etc_ / "credstore.encrypted");
  }
  ~AntiSpoofing() override { std::filesystem::remove_all(etc_); }

  std::string put(const std::string& place, std::string_view content) {
    const auto path = etc_ / place;
    std::ofstream{path} << content;
    ::chmod(path.c_str(), 0600);
    return path;
  }

  std::filesystem::path etc_;
  const std::string key_ = to_base64(crypto::P256PrivateKey::generate().scalar().view()) + "\n";
};

TEST_F(AntiSpoofing, CheckFindsTheCredentialWhereSystemdWould) {
  put("credstore/fmdnd-anti-spoofing", key_);

  const auto checked = check_anti_spoofing_key(etc_, "");

  ASSERT_TRUE(checked) << checked.error().context;
  EXPECT_EQ(*checked, std::nullopt);
}

TEST_F(AntiSpoofing, CheckJudgesWhatIsInTheCredential) {
  put("credstore/fmdnd-anti-spoofing", "no key");

  const auto checked = check_anti_spoofing_key(etc_, put("file", key_));

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Errc::config_invalid);
  EXPECT_NE(checked.error().context.find("anti-spoofing key: must be base64"), std::string::npos);
}

TEST_F(AntiSpoofing, CheckSaysThatAnEncryptedCredentialIsNotJudged) {
  put("credstore.encrypted/fmdnd-anti-spoofing", "sealed");

  const auto checked = check_anti_spoofing_key(etc_, "");

  ASSERT_TRUE(checked) << checked.error().context;
  ASSERT_TRUE(*checked);
  EXPECT_NE((*checked)->find("credstore.encrypted/fmdnd-anti-spoofing is not judged"), std::string::npos);
}

TEST_F(AntiSpoofing, CheckTakesTheFileOfTheConfigurationElse) {
  EXPECT_TRUE(check_anti_spoofing_key(etc_, put("file", key_)));

  const auto none = check_anti_spoofing_key(etc_, "");

  ASSERT_FALSE(none);
  EXPECT_NE(none.error().context.find("neither a credential fmdnd-anti-spoofing nor a file"), std::string::npos);
}

}  // namespace
}  // namespace signet::fmdnd
