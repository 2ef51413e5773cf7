// libsignet-fmdn with a keyring, and over the air to a tag that lives in this process.
#include <gtest/gtest.h>
#include <poll.h>
#include <signet/fmdn.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>

#include "libsignet-fmdn/src/owner.h"
#include "tests/unit/signetctl/fake_tag.h"

namespace signet {
namespace {

using ctl::FakeCentral;
using ctl::FakeTag;
using owner::OwnedResult;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

class OwnerAbi : public ::testing::Test {
 protected:
  OwnerAbi() {
    std::string name = std::filesystem::temp_directory_path() / "signet-owner-XXXXXX";
    directory_ = ::mkdtemp(name.data());
    ring_ = directory_ / "ring";
    key_file_ = file("ring.key", std::string(32, 'k'), 0600);
    before_ = owner::central_opener();
    owner::central_opener() = [this](const std::string&) -> Result<std::unique_ptr<bluez::Central>> {
      if (before_opening_) before_opening_();
      return std::unique_ptr<bluez::Central>{std::make_unique<FakeCentral>(tag_, in_range_)};
    };
    owner_ = open(key_file_);
  }
  ~OwnerAbi() override {
    signet_owner_close(owner_);
    owner::central_opener() = before_;
    std::filesystem::remove_all(directory_);
  }

  std::string file(const std::string& name, std::string_view content, mode_t mode) {
    const auto path = directory_ / name;
    std::ofstream{path, std::ios::binary} << content;
    ::chmod(path.c_str(), mode);
    return path;
  }
  signet_owner* open(const std::string& key_file) {
    signet_owner* opened = nullptr;
    signet_owner_options options = SIGNET_OWNER_OPTIONS_INIT;
    options.keyring = ring_.c_str();
    options.key_file = key_file.c_str();
    EXPECT_EQ(signet_owner_open(&opened, &options), SIGNET_OK);
    return opened;
  }
  int finish(signet_owner_call* call) {
    signet_result* made = nullptr;
    const int status = signet_owner_finish(call, &made);
    result_.reset(made);
    return status;
  }
  int pair() {
    const auto point = crypto::public_point(tag_.public_key()).value();
    signet_owner_pairing pairing = SIGNET_OWNER_PAIRING_INIT;
    pairing.model_key = point.data();
    return finish(signet_owner_start_pair(owner_, "bag", &pairing));
  }
  void pair_and_provision() {
    ASSERT_EQ(pair(), SIGNET_OK) << error();
    ASSERT_EQ(finish(signet_owner_start_provision(owner_, "bag", nullptr, nullptr, 0)), SIGNET_OK) << error();
  }
  int devices() {
    signet_result* made = nullptr;
    const int status = signet_owner_devices(owner_, &made);
    result_.reset(made);
    return status;
  }
  int ring(const signet_owner_ringing* ringing) {
    return finish(signet_owner_start_ring(owner_, "bag", nullptr, ringing));
  }
  std::string text(const char* field) const {
    const char* value = signet_result_string(result_.get(), 0, field);
    return value ? value : "";
  }
  double real(const char* field) const {
    double value = -1;
    signet_result_double(result_.get(), 0, field, &value);
    return value;
  }
  int boolean(const char* field) const {
    int value = -1;
    signet_result_bool(result_.get(), 0, field, &value);
    return value;
  }
  std::string error() const { return signet_owner_error_text(owner_); }

  FakeTag tag_;
  bool in_range_ = true;
  std::function<void()> before_opening_;
  finder::OpenCentral before_;
  std::filesystem::path directory_;
  std::string key_file_;
  std::string ring_;
  signet_owner* owner_ = nullptr;
  OwnedResult result_;
};

TEST_F(OwnerAbi, PairKeepsTheDeviceAndItsRowNamesIt) {
  EXPECT_EQ(pair(), SIGNET_OK) << error();

  EXPECT_EQ(text("address"), FakeTag::kAddress);
  EXPECT_EQ(boolean("owner"), 1);
  ASSERT_EQ(devices(), SIGNET_OK);
  EXPECT_EQ(signet_result_rows(result_.get()), 1u);
  EXPECT_EQ(text("name"), "bag");
  EXPECT_EQ(text("state"), "paired");
}

TEST_F(OwnerAbi, PairWithoutAKeyLooksBesideTheKeyring) {
  EXPECT_EQ(finish(signet_owner_start_pair(owner_, "bag", nullptr)), SIGNET_E_NOT_FOUND);

  EXPECT_TRUE(contains(error(), "models/123456.pem")) << error();
  EXPECT_EQ(finish(signet_owner_start_pair(owner_, "not a name", nullptr)), SIGNET_E_INVALID_ARGUMENT);
}

TEST_F(OwnerAbi, ProvisionMakesABeaconThatResolves) {
  pair_and_provision();
  const auto seen = tag_.sighting().service_data.at(0xfeaa);
  signet_result* made = nullptr;

  ASSERT_EQ(signet_owner_resolve(owner_, seen.data(), seen.size(), SIGNET_OWNER_NOW, 86400, &made), SIGNET_OK);

  result_.reset(made);
  EXPECT_EQ(text("device"), "bag");
  EXPECT_EQ(boolean("unwanted_tracking"), 0);
  EXPECT_EQ(text("battery"), "unsupported");
  const std::uint8_t nobodys[10] = {};
  EXPECT_EQ(signet_owner_resolve(owner_, nobodys, sizeof nobodys, SIGNET_OWNER_NOW, 2048, &made), SIGNET_E_NOT_FOUND);
  EXPECT_EQ(made, nullptr);
  EXPECT_EQ(signet_owner_resolve(owner_, nobodys, 9, SIGNET_OWNER_NOW, 2048, &made), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_resolve(owner_, nobodys, 10, -1, 2048, &made), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_resolve(owner_, nobodys, 10, INT64_MAX, 2048, &made), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_resolve(owner_, nobodys, 10, 0, SIGNET_FMDN_WINDOW_MAX + 1, &made), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_resolve(owner_, nullptr, 10, SIGNET_OWNER_NOW, 2048, &made), SIGNET_E_INVALID_ARGUMENT);
}

TEST_F(OwnerAbi, AReportForItIsOpened) {
  pair_and_provision();
  const auto frame = fmdn::parse_frame(tag_.sighting().service_data.at(0xfeaa)).value();
  Bytes octets{'h', 'e', 'r', 'e'};
  signet_fmdn_report report;
  ASSERT_EQ(signet_fmdn_seal(frame.eid.data(), frame.eid.size(), SIGNET_FMDN_SPEC80, octets.data(), octets.size(),
                             &report, octets.data()),
            SIGNET_OK);

  EXPECT_EQ(signet_owner_open_report(owner_, &report, octets.data(), octets.size(), SIGNET_OWNER_NOW, 86400,
                                     octets.data(), nullptr),
            SIGNET_OK)
      << error();

  EXPECT_EQ(as_text(octets), "here");
  report.tag[3] ^= 1;
  EXPECT_EQ(signet_owner_open_report(owner_, &report, octets.data(), octets.size(), SIGNET_OWNER_NOW, 86400,
                                     octets.data(), nullptr),
            SIGNET_E_BAD_SIGNATURE);
}

TEST_F(OwnerAbi, AKeyIsReplacedOnlyWhenTold) {
  pair_and_provision();
  const std::array<std::uint8_t, SIGNET_FMDN_EIK_SIZE> eik{7, 7};

  EXPECT_EQ(finish(signet_owner_start_provision(owner_, "bag", nullptr, eik.data(), 0)), SIGNET_E_ALREADY_EXISTS);
  EXPECT_EQ(finish(signet_owner_start_provision(owner_, "bag", nullptr, eik.data(), SIGNET_OWNER_REPLACE)), SIGNET_OK)
      << error();

  EXPECT_TRUE(std::ranges::equal(tag_.actions.eik()->view(), eik));
  EXPECT_EQ(ring(nullptr), SIGNET_OK) << "with the new key: " << error();
}

TEST_F(OwnerAbi, TheSameCallFindsOutWhatALostAnswerWouldHaveSaid) {
  ASSERT_EQ(pair(), SIGNET_OK) << error();
  tag_.before_write = [this, writes = 0]() mutable { tag_.lose_answers = ++writes == 3; };
  ASSERT_EQ(finish(signet_owner_start_provision(owner_, "bag", nullptr, nullptr, 0)), SIGNET_E_TIMEOUT) << error();
  ASSERT_TRUE(tag_.provisioned()) << "it has taken effect";
  const fmdn::Eik sent = tag_.actions.eik()->clone();
  tag_.address = "11:22:33:44:55:66";
  const auto seen = tag_.sighting().service_data.at(0xfeaa);
  EXPECT_EQ(devices(), SIGNET_OK);
  EXPECT_EQ(text("state"), "unconfirmed");
  EXPECT_EQ(signet_owner_resolve(owner_, seen.data(), seen.size(), SIGNET_OWNER_NOW, 2048, nullptr), SIGNET_OK);
  EXPECT_EQ(signet_owner_forget(owner_, "bag", 0), SIGNET_E_ALREADY_EXISTS);

  EXPECT_EQ(finish(signet_owner_start_provision(owner_, "bag", nullptr, nullptr, 0)), SIGNET_OK) << error();

  EXPECT_TRUE(std::ranges::equal(tag_.actions.eik()->view(), sent.view())) << "it keeps its key";
  EXPECT_EQ(devices(), SIGNET_OK);
  EXPECT_EQ(text("state"), "provisioned");
  EXPECT_EQ(ring(nullptr), SIGNET_OK) << error();
}

TEST_F(OwnerAbi, ParametersAndStateAreRows) {
  pair_and_provision();

  EXPECT_EQ(finish(signet_owner_start_params(owner_, "bag", nullptr)), SIGNET_OK) << error();
  EXPECT_EQ(real("calibrated_power"), -20);
  EXPECT_EQ(text("curve"), "secp160r1");
  EXPECT_STREQ(signet_result_item(result_.get(), 0, "ring_components", 2), "case");

  EXPECT_EQ(finish(signet_owner_start_state(owner_, "bag", FakeTag::kAddress)), SIGNET_OK) << error();
  EXPECT_EQ(boolean("provisioned"), 1);
  EXPECT_EQ(boolean("owner"), 1);
  EXPECT_EQ(real("ring_seconds_left"), 0);
}

TEST_F(OwnerAbi, RingTellsEachChangeAndStopEndsIt) {
  pair_and_provision();
  signet_owner_ringing ringing = SIGNET_OWNER_RINGING_INIT;
  ringing.components = SIGNET_OWNER_RING_LEFT | SIGNET_OWNER_RING_CASE;
  ringing.deciseconds = 50;
  ringing.wait = 1;
  std::vector<std::string> told;
  signet_owner_call* call = signet_owner_start_ring(owner_, "bag", nullptr, &ringing);
  signet_owner_call_on_news(
      call,
      [](signet_owner_call*, const signet_result* news, void* into) {
        static_cast<std::vector<std::string>*>(into)->push_back(signet_result_string(news, 0, "state"));
      },
      &told);

  EXPECT_EQ(signet_owner_call_wait(call, -1), SIGNET_OK);
  EXPECT_TRUE(told.empty()) << "only signet_owner_process() calls back";
  EXPECT_EQ(signet_owner_process(owner_), SIGNET_OK);

  EXPECT_EQ(told, (std::vector<std::string>{"started", "timed_out"}));
  EXPECT_STREQ(signet_result_string(signet_owner_call_result(call), 0, "state"), "timed_out");
  signet_owner_call_free(call);
  EXPECT_EQ(ring(nullptr), SIGNET_OK);
  EXPECT_EQ(text("state"), "started");
  EXPECT_EQ(finish(signet_owner_start_stop(owner_, "bag", nullptr)), SIGNET_OK) << error();
  EXPECT_EQ(text("state"), "requested");
  EXPECT_FALSE(tag_.ring.sound());
}

TEST_F(OwnerAbi, ProtectionRecoveryAndTheEndOfABeacon) {
  pair_and_provision();
  EXPECT_EQ(finish(signet_owner_start_protection(owner_, "bag", nullptr, 1, SIGNET_OWNER_ANYBODY_MAY_RING)), SIGNET_OK);
  EXPECT_TRUE(tag_.actions.unwanted_tracking().skips_ringing_authentication());
  EXPECT_EQ(finish(signet_owner_start_protection(owner_, "bag", nullptr, 0, 0)), SIGNET_OK);
  EXPECT_FALSE(tag_.actions.unwanted_tracking().active());

  EXPECT_EQ(finish(signet_owner_start_recover(owner_, "bag", nullptr, nullptr)), SIGNET_E_ACCESS_DENIED);
  EXPECT_TRUE(contains(error(), "0x82")) << error();
  tag_.consent = true;
  const auto key = fmdn::recovery_key(*tag_.actions.eik());
  EXPECT_EQ(finish(signet_owner_start_recover(owner_, "bag", nullptr, key.view().data())), SIGNET_OK) << error();

  EXPECT_EQ(signet_owner_forget(owner_, "bag", 0), SIGNET_E_ALREADY_EXISTS);
  EXPECT_EQ(finish(signet_owner_start_unprovision(owner_, "bag", nullptr)), SIGNET_OK) << error();
  EXPECT_FALSE(tag_.provisioned());
  EXPECT_EQ(signet_owner_forget(owner_, "bag", 0), SIGNET_OK);
  EXPECT_EQ(signet_owner_forget(owner_, "bag", 0), SIGNET_E_NOT_FOUND);
}

TEST_F(OwnerAbi, AStrangerIdentifiesAndHasItSound) {
  pair_and_provision();
  EXPECT_EQ(finish(signet_owner_start_identify(owner_, FakeTag::kAddress)), SIGNET_E_ACCESS_DENIED);
  ASSERT_EQ(finish(signet_owner_start_protection(owner_, "bag", nullptr, 1, 0)), SIGNET_OK);
  ASSERT_TRUE(tag_.dult.open_identifier_window(fmdn::Instant{1'000'000}));

  EXPECT_EQ(finish(signet_owner_start_identify(owner_, FakeTag::kAddress)), SIGNET_OK) << error();
  EXPECT_EQ(text("network"), "Google");
  EXPECT_EQ(finish(signet_owner_start_sound(owner_, FakeTag::kAddress, -1)), SIGNET_OK) << error();
  EXPECT_EQ(text("sound"), "completed");
  EXPECT_EQ(finish(signet_owner_start_sound(owner_, FakeTag::kAddress, 3000)), SIGNET_OK) << error();
  EXPECT_EQ(text("sound"), "stopped");
}

TEST_F(OwnerAbi, ScanNamesWhatIsMine) {
  pair_and_provision();

  EXPECT_EQ(finish(signet_owner_start_scan(owner_, 1000, SIGNET_OWNER_NAME_MINE)), SIGNET_OK) << error();

  ASSERT_EQ(signet_result_rows(result_.get()), 1u);
  EXPECT_EQ(text("device"), "bag");
  EXPECT_EQ(text("service"), "FMDN");
  EXPECT_EQ(real("rssi"), -60);
}

// ---- How calls behave

TEST_F(OwnerAbi, AnEventLoopHearsOfTheEnd) {
  pair_and_provision();
  int done = 0;
  signet_owner_call_on_done(
      signet_owner_start_params(owner_, "bag", nullptr),
      [](signet_owner_call* call, void* count) {
        EXPECT_EQ(signet_owner_call_status(call), SIGNET_OK);
        signet_owner_call_free(call);
        ++*static_cast<int*>(count);
      },
      &done);

  for (int turns = 0; done == 0 && turns < 1000; ++turns) {
    pollfd wait{signet_owner_poll_fd(owner_), POLLIN, 0};
    ::poll(&wait, 1, 20'000);
    EXPECT_EQ(signet_owner_process(owner_), SIGNET_OK);
  }

  EXPECT_EQ(done, 1);
}

TEST_F(OwnerAbi, TheTextOfACallIsThereAsSoonAsItsDescriptorSaysSo) {
  in_range_ = false;
  ASSERT_EQ(signet_owner_process(owner_), SIGNET_OK);
  signet_owner_call* call = signet_owner_start_identify(owner_, FakeTag::kAddress);
  pollfd wait{signet_owner_poll_fd(owner_), POLLIN, 0};

  ASSERT_EQ(::poll(&wait, 1, 20'000), 1);

  EXPECT_STRNE(signet_owner_call_error_text(call), "");
  signet_owner_call_free(call);
}

TEST_F(OwnerAbi, TheTextOfACallOutlivesItsEnd) {
  std::promise<void> go;
  before_opening_ = [wait = go.get_future().share()] { wait.wait(); };
  in_range_ = false;
  signet_owner_call* call = signet_owner_start_identify(owner_, FakeTag::kAddress);
  const char* pending = signet_owner_call_error_text(call);
  go.set_value();

  ASSERT_EQ(signet_owner_call_wait(call, -1), SIGNET_E_TIMEOUT);
  const char* ended = signet_owner_call_error_text(call);
  EXPECT_EQ(signet_owner_call_status(call), SIGNET_E_TIMEOUT);

  EXPECT_STREQ(pending, "");
  EXPECT_STRNE(ended, "");
  EXPECT_EQ(signet_owner_call_error_text(call), ended);
  signet_owner_call_free(call);
}

TEST_F(OwnerAbi, OneOperationAtATimeAndNotTheKeyringMeanwhile) {
  std::promise<void> go;
  before_opening_ = [wait = go.get_future().share()] { wait.wait(); };
  signet_owner_call* first = signet_owner_start_scan(owner_, 1000, 0);

  EXPECT_EQ(signet_owner_call_wait(first, 0), SIGNET_PENDING);
  EXPECT_EQ(finish(signet_owner_start_scan(owner_, 1000, 0)), SIGNET_E_BUSY);
  EXPECT_EQ(devices(), SIGNET_E_BUSY);

  go.set_value();
  EXPECT_EQ(finish(first), SIGNET_OK) << error();
  EXPECT_EQ(devices(), SIGNET_OK);
}

TEST_F(OwnerAbi, ACancelledCallEndsBeforeItsNextStep) {
  std::promise<void> go;
  before_opening_ = [wait = go.get_future().share()] { wait.wait(); };
  signet_owner_call* call = signet_owner_start_scan(owner_, 86'400'000, 0);

  signet_owner_call_cancel(call);
  go.set_value();

  EXPECT_EQ(finish(call), SIGNET_E_CANCELLED);
}

TEST_F(OwnerAbi, CloseEndsWhatIsUnderWayAndItsCallIsStillToBeFreed) {
  in_range_ = false;
  signet_owner_call* call = signet_owner_start_scan(owner_, 1000, 0);

  signet_owner_close(std::exchange(owner_, nullptr));

  EXPECT_NE(signet_owner_call_status(call), SIGNET_PENDING);
  signet_owner_call_free(call);
}

TEST_F(OwnerAbi, WhatTheDeviceSaysIsTheStatus) {
  pair_and_provision();
  tag_.forge_answers = true;
  EXPECT_EQ(finish(signet_owner_start_params(owner_, "bag", nullptr)), SIGNET_E_BAD_SIGNATURE);
  tag_.forge_answers = false;
  tag_.keys.clear();
  EXPECT_EQ(finish(signet_owner_start_params(owner_, "bag", nullptr)), SIGNET_E_ACCESS_DENIED);
  in_range_ = false;
  EXPECT_EQ(finish(signet_owner_start_params(owner_, "bag", nullptr)), SIGNET_E_TIMEOUT);
}

// ---- Bad arguments

TEST_F(OwnerAbi, EveryBadArgumentHasItsErrorAndAText) {
  signet_owner_ringing ringing = SIGNET_OWNER_RINGING_INIT;
  ringing.size = 1;
  EXPECT_EQ(ring(&ringing), SIGNET_E_INVALID_ARGUMENT);
  ringing = SIGNET_OWNER_RINGING_INIT;
  ringing.components = 8;
  EXPECT_EQ(ring(&ringing), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_TRUE(contains(error(), "components")) << error();
  ringing = SIGNET_OWNER_RINGING_INIT;
  ringing.deciseconds = 6001;
  EXPECT_EQ(ring(&ringing), SIGNET_E_INVALID_ARGUMENT);
  ringing = SIGNET_OWNER_RINGING_INIT;
  ringing.volume = 4;
  EXPECT_EQ(ring(&ringing), SIGNET_E_INVALID_ARGUMENT);

  EXPECT_EQ(finish(signet_owner_start_params(owner_, nullptr, nullptr)), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(finish(signet_owner_start_params(owner_, "car", nullptr)), SIGNET_E_NOT_FOUND);
  EXPECT_EQ(finish(signet_owner_start_identify(owner_, nullptr)), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(finish(signet_owner_start_identify(owner_, "00:AA")), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(finish(signet_owner_start_scan(owner_, 1, 2)), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(finish(signet_owner_start_provision(owner_, "bag", nullptr, nullptr, 2)), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(finish(signet_owner_start_protection(owner_, "bag", nullptr, 0, SIGNET_OWNER_ANYBODY_MAY_RING)),
            SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_forget(owner_, nullptr, 0), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_set_timeout(owner_, 0), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_owner_start_scan(nullptr, 1, 0), nullptr);
  EXPECT_EQ(signet_owner_finish(nullptr, nullptr), SIGNET_E_INTERNAL);
}

TEST_F(OwnerAbi, TheKeyringHasOneSecretAndItMustBeTheRightOne) {
  ASSERT_EQ(pair(), SIGNET_OK);
  signet_owner_close(owner_);
  owner_ = open(file("other.key", std::string(32, 'x'), 0600));
  EXPECT_EQ(devices(), SIGNET_E_ACCESS_DENIED);
  signet_owner_close(owner_);
  owner_ = open(file("open.key", std::string(32, 'k'), 0644));
  EXPECT_EQ(devices(), SIGNET_E_CONFIG_INVALID);

  signet_owner_options options = SIGNET_OWNER_OPTIONS_INIT;
  options.keyring = ring_.c_str();
  options.key_file = key_file_.c_str();
  options.pass_phrase = "open sesame";
  signet_owner_close(owner_);
  EXPECT_EQ(signet_owner_open(&owner_, &options), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(devices(), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(finish(signet_owner_start_scan(owner_, 1, 0)), SIGNET_E_INVALID_ARGUMENT);
  options.key_file = nullptr;
  signet_owner_close(owner_);
  EXPECT_EQ(signet_owner_open(&owner_, &options), SIGNET_OK);
  EXPECT_EQ(devices(), SIGNET_E_INVALID_ARGUMENT) << "it is locked by the other kind";
  options.pass_phrase = nullptr;
  signet_owner_close(owner_);
  EXPECT_EQ(signet_owner_open(&owner_, &options), SIGNET_OK);
  EXPECT_EQ(devices(), SIGNET_E_INVALID_ARGUMENT);
  options.size = 3;
  signet_owner_close(owner_);
  EXPECT_EQ(signet_owner_open(&owner_, &options), SIGNET_E_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace signet
