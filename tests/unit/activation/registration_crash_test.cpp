// The process is killed at every moment of a registration and of a verification, and the database is opened again: what
// was acknowledged is there, and the device gets to the end by repeating its steps.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "base/hex.h"
#include "unit/activation/registrar_fixture.h"

namespace signet::activation {
namespace {

// Kills the process at moment number `at`: before a unit of work, after it but before its commit, and after its commit
// but before its answer.
class Mortal final : public Repository {
 public:
  Mortal(Repository& store, int at) : store_{store}, left_{at} {}

  Result<void> read(const Reading& work) override { return store_.read(work); }
  void write(Writing work, Done<void> done) override {
    moment();
    store_.write(
        [this, work = std::move(work)](Transaction& transaction) -> Result<void> {
          auto result = work(transaction);
          moment();
          return result;
        },
        [this, done = std::move(done)](Result<void> result) {
          moment();
          done(std::move(result));
        });
  }
  [[nodiscard]] Commits commits() const override { return store_.commits(); }

 private:
  void moment() {
    if (left_-- == 0) ::raise(SIGKILL);
  }
  Repository& store_;
  int left_;
};

class RegistrationCrash : public RegistrarFixture {
 protected:
  struct Told {
    std::string challenge;
    std::string certificate;  // hexadecimal
    bool accepted = false;
  };

  // All steps of a device with a request that is kept; says after each what it was told.
  template <class Tell>
  void take_steps(const std::string& request, Tell tell) {
    Told told;
    const auto reservation = reserve(request);
    if (!reservation) return tell(told);
    told.challenge = reservation->challenge;
    tell(told);
    const auto confirmation = confirm(device_, *reservation);
    if (!confirmation) return tell(told);
    told.certificate = to_hex(confirmation->chain.front());
    tell(told);
    device_.complete(*confirmation);
    told.accepted = challenge(device_).accepted;
    tell(told);
  }

  // What a process was told until it was killed at that moment; and whether it came to the end instead.
  std::pair<Told, bool> killed_at(int moment, const std::string& request) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    close();
    const pid_t child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      reopen();
      Mortal mortal{*store_, moment};
      registrar_ = std::make_unique<Registrar>(mortal, *keys_, config_, clock_, random_);
      take_steps(request, [&](const Told& told) {
        const std::string line = told.challenge + " " + told.certificate + "\n";
        if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
      });
      ::_exit(0);
    }
    ::close(ends[1]);
    const std::string text = read_all(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << "the child failed";
    return {last_told(text), WIFEXITED(status)};
  }
  static std::string read_all(int fd) {
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t n = 0; (n = ::read(fd, buffer.data(), buffer.size())) > 0;) {
      text.append(buffer.data(), static_cast<std::size_t>(n));
    }
    ::close(fd);
    return text;
  }
  static Told last_told(const std::string& text) {
    Told told;
    const auto end = text.rfind('\n');
    if (end == std::string::npos) return told;
    const auto previous = end == 0 ? std::string::npos : text.rfind('\n', end - 1);
    const std::string line = text.substr(previous == std::string::npos ? 0 : previous + 1, end);
    const auto blank = line.find(' ');
    told.challenge = line.substr(0, blank);
    told.certificate = line.substr(blank + 1, line.find('\n') - blank - 1);
    return told;
  }

  // No thread may be alive when the process forks; the keys stay.
  void close() {
    registrar_.reset();
    store_.reset();
  }
  void reopen() {
    open_store();
    start();
  }

  TestDevice device_{1, {.model_id = "m1", .sn = "sn-1", .app_id = "app"}};
};

TEST_F(RegistrationCrash, AtEveryMomentTheDeviceGetsToTheEndByRepeatingItsSteps) {
  int moment = 0;
  for (bool finished = false; !finished; ++moment) {
    ASSERT_LT(moment, 100);
    TestDevice fresh{static_cast<std::uint8_t>(10 + moment),
                     {.model_id = "m1", .sn = "sn-" + std::to_string(moment), .app_id = "app"}};
    device_ = std::move(fresh);
    const std::string request = device_.request(sn_ticket(device_.ids), *keys_, clock_.now());

    const auto [before, came_to_the_end] = killed_at(moment, request);
    finished = came_to_the_end;
    reopen();
    Told after;
    take_steps(request, [&after](const Told& told) { after = told; });

    EXPECT_TRUE(after.accepted) << "moment " << moment;
    EXPECT_TRUE(before.challenge.empty() || before.challenge == after.challenge) << "moment " << moment;
    EXPECT_TRUE(before.certificate.empty() || before.certificate == after.certificate) << "moment " << moment;
    const DeviceHistory found = history(device_);
    EXPECT_EQ(found.certificates.size(), 1U) << "moment " << moment;
    EXPECT_EQ(found.device.generation, 1U);
    EXPECT_EQ(found.entries.size(), 2U) << "moment " << moment << ": each step is on record once";
  }
  EXPECT_EQ(moment, 4 * 3 + 1) << "reserve, confirm, nonce and verify have three moments each";
}

}  // namespace
}  // namespace signet::activation
