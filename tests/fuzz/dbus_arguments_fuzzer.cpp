// The arguments of D-Bus calls: what a client may send goes through the code that the adaptors use, onto the real core
// with a chip in memory. Whatever comes, the core stays ready and no other namespace changes.

#include <cstdlib>
#include <filesystem>

#include "base/hex.h"
#include "rpmb/testing/fake_chip.h"
#include "rpmbd/arguments.h"
#include "rpmbd/core.h"

namespace {

using namespace signet;
using namespace signet::rpmbd;

// Takes the input apart.
class Input {
 public:
  Input(const std::uint8_t* data, std::size_t size) : rest_{data, size} {}
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  std::uint8_t octet() {
    if (rest_.empty()) return 0;
    const auto value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  Bytes bytes() {
    const auto size = std::min<std::size_t>(octet(), rest_.size());
    Bytes result{rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(size)};
    rest_ = rest_.subspan(size);
    return result;
  }
  std::string text() {
    const auto octets = bytes();
    return {octets.begin(), octets.end()};
  }

 private:
  BytesView rest_;
};

// A daemon on a provisioned chip in memory, with an object of somebody else's on it.
class Daemon {
 public:
  Daemon() {
    core_.chip.open();
    if (!core_.provisioning.provision(cid(), {.root_backup = "none-accepted"})) std::abort();
    if (!core_.spaces.put(other_, "kept", Bytes{1, 2, 3})) std::abort();
  }
  ~Daemon() { std::filesystem::remove_all(directory_); }

  Core& core() { return core_; }
  const Grant& grant() { return mine_; }
  void check() {
    if (core_.chip.status().state != State::ready || core_.spaces.get(other_, "kept") != Bytes{1, 2, 3}) std::abort();
  }

 private:
  class Borrowed final : public rpmb::Transport {
   public:
    explicit Borrowed(rpmb::testing::FakeChip& chip) : chip_{chip} {}
    const rpmb::ChipFacts& facts() const override { return chip_.facts(); }
    bool read_request_carries_count() const override { return false; }
    Result<void> program(std::span<const rpmb::Frame> request, rpmb::Frame& response) override {
      return chip_.program(request, response);
    }
    Result<void> read(const rpmb::Frame& request, std::span<rpmb::Frame> response) override {
      return chip_.read(request, response);
    }
    Result<void> check_identity() override { return {}; }

   private:
    rpmb::testing::FakeChip& chip_;
  };

  ChipSources sources() {
    return {.open_transport = [this]() -> Result<std::unique_ptr<rpmb::Transport>> {
              return std::make_unique<Borrowed>(chip_);
            },
            .load_root = []() -> Result<identity::LoadedRoot> {
              return identity::LoadedRoot{.secret = {}, .source = "fuzz"};
            },
            .records = records_,
            .random = random_,
            .clock = clock_,
            .boot_id = "fuzz"};
  }
  std::string cid() { return core_.chip.status().chip ? to_hex(core_.chip.status().chip->cid) : ""; }
  static std::string new_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-fuzz-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::string directory_ = new_directory();
  ProvisioningRecords records_{directory_};
  rpmb::testing::FakeChip chip_;
  crypto::SystemRandom random_;
  SystemClock clock_;
  Core core_{sources(), std::nullopt, false, fail(Errc::config_invalid, "no registrar")};
  Grant mine_{.space = "mine", .rights = 31, .quota = {.writes_per_day = 4'000'000'000}};
  Grant other_{.space = "other", .rights = 31, .quota = {.writes_per_day = 1000}};
};

Dictionary dictionary(Input& input) {
  static constexpr const char* kKeys[] = {"root_backup", "root_backup_proof", "again", "region"};
  Dictionary result;
  for (int i = input.octet() % 5; i > 0; --i) {
    const auto choice = input.octet();
    const auto key = choice < 200 ? std::string{kKeys[choice % 4]} : input.text();
    switch (input.octet() % 5) {
      case 0: result[key] = sdbus::Variant{input.octet() % 2 == 1}; break;
      case 1: result[key] = sdbus::Variant{input.bytes()}; break;
      case 2: result[key] = sdbus::Variant{std::uint32_t{input.octet()} << 16}; break;
      case 3: result[key] = sdbus::Variant{std::vector<std::string>{"x"}}; break;
      default: result[key] = sdbus::Variant{std::string{"proven"}}; break;
    }
  }
  return result;
}

std::vector<BusChange> changes(Input& input) {
  std::vector<BusChange> result;
  for (int i = input.octet() % 80; i > 0; --i) result.emplace_back(input.text(), input.octet() % 2 == 1, input.bytes());
  return result;
}

// Outcomes do not matter here, only that each is one of the list and that nothing else happens.
void one_call(Input& input, Core& core, const Grant& grant) {
  auto& spaces = core.spaces;
  switch (input.octet() % 16) {
    case 0: (void)spaces.get(grant, input.text()); break;
    case 1: (void)spaces.put(grant, input.text(), input.bytes()); break;
    case 2: (void)spaces.remove(grant, input.text()); break;
    case 3: (void)spaces.apply(grant, named_changes(changes(input))); break;
    case 4: (void)spaces.list(grant, input.text()); break;
    case 5:
      (void)spaces.generate_key(grant, input.text(), input.octet() % 2 == 0 ? "hmac-sha256" : input.text());
      break;
    case 6: (void)spaces.sign(grant, input.text(), input.bytes()); break;
    case 7: (void)spaces.verify(grant, input.text(), input.bytes(), input.bytes()); break;
    case 8: (void)spaces.remove_key(grant, input.text()); break;
    case 9: (void)spaces.create_counter(grant, input.text()); break;
    case 10: (void)spaces.increment(grant, input.text()); break;
    case 11: (void)spaces.remove_counter(grant, input.text()); break;
    case 12: (void)spaces.evidence(grant, input.bytes()); break;
    case 13: (void)spaces.verify_evidence(grant, input.bytes(), input.bytes()); break;
    case 14:
      if (const auto options = provisioning_options(dictionary(input)))
        (void)core.provisioning.provision(input.text(), *options);
      break;
    default: (void)region_option(dictionary(input)); break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Daemon daemon;
  Input input{data, size};
  for (int calls = 0; !input.empty() && calls < 32; ++calls) one_call(input, daemon.core(), daemon.grant());
  daemon.check();
  return 0;
}
